"""How the intervals of hyperparameters narrow, predictor by predictor (the paper's Figs. 6 to 9)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import draw_bands, draw_medians, round_axis, value_axis
from netlore.report.figures.figure import FigurePlan
from netlore.report.figures.print_style import TEXT, looks_of, predictors_of, printed
from netlore.report.figures.rounds import made
from netlore.report.figures.style import Look, new_figure
from netlore.report.names import HyperparameterClass, classes_of, place, slug
from netlore.report.text.methods import course_title, interval_note

_NUMBERS = {"d": 6, "w": 7, "g": 8, "b": 9}
_ROW = 0.72  # inches


def plans(findings: StudyData) -> list[FigurePlan]:
    """A figure for each class and each data set; those of the first data set have the paper's names."""
    found = []
    for index, data in enumerate(findings.data):
        refinements = findings.refined(data)
        grids = {name: grid for one in refinements for name, grid in one.grids.items()}
        for group in classes_of(grids):
            number = f"fig{_NUMBERS[group.key]}-" if group.key in _NUMBERS else "intervals-"
            several = any(one.refinements[1:] for one in refinements)
            note = " Thin lines are the medians of further seeds; bands are of the first." if several else ""
            found.append(
                FigurePlan(
                    name=f"{number}{group.slug}" + (f"-{slug(data)}" if index else ""),
                    title=f"{course_title(f'the {group.plural}', refinements)}, {data}",
                    caption=(
                        "Column 0 is the full grid of the original design space, column j the interval found in "
                        f"round j; the line is the median.{interval_note(refinements)}{note} A band that stays "
                        "tall shows no preference; one that collapses to its line, a strict one. "
                        f"{made(findings, [data])}"
                    ),
                    draw=partial(interval_figure, refinements, group, looks_of(predictors_of(findings))),
                )
            )
    return found


def interval_figure(
    refinements: Sequence[RefinementData], group: HyperparameterClass, look: dict[str, Look]
) -> Figure:
    """Draw a row for each predictor and a column for each stage."""
    shown = [one for one in refinements if any(name in one.grids for name in group.names)]
    last = max(len(story.rounds) for one in shown for story in one.refinements)
    ticks = max(2, min(9, 27 // len(group.names)))
    with printed():
        figure = new_figure(TEXT, _ROW * len(shown) + 0.55)
        grid = figure.subplots(len(shown), len(group.names), squeeze=False)
        panels = {
            (row, column): grid[row, column]
            for row, one in enumerate(shown)
            for column, name in enumerate(group.names)
            if name in one.grids
        }
        for (row, column), axes in panels.items():
            name = group.names[column]
            lowest = row == max(r for r, c in panels if c == column)
            _draw_panel(axes, shown[row], name, look[shown[row].predictor])
            round_axis(axes, 0, last, "round" if lowest else "", ticks)
            axes.tick_params(labelbottom=lowest)
            if row == min(r for r, c in panels if c == column):
                axes.set_title(f"{place(name).capitalize()}, {name}" if place(name) != name else name)
        for axes in set(grid.flat) - set(panels.values()):
            axes.remove()
        for row, one in enumerate(shown):
            _label_row([(group.names[c], axes) for (r, c), axes in panels.items() if r == row], one)
        figure.align_ylabels()
    return figure


def _label_row(row: Sequence[tuple[str, Axes]], one: RefinementData) -> None:
    """Name the predictor left of its first panel, whose values also stand for equal grids right of it."""
    name, first = row[0]
    first.set_ylabel(fill(one.predictor, 14), rotation=0, ha="right", va="center")
    for other, axes in row[1:]:
        axes.tick_params(labelleft=one.grids[other] != one.grids[name])


def _draw_panel(axes: Axes, one: RefinementData, name: str, look: Look) -> None:
    grid = one.grids[name]
    found = [entry.estimates[name] for entry in one.first.rounds]
    # A single predictor in a panel needs no faint band to stay apart from others.
    band = Look(look.colour, "solid", look.marker, 1.4, 0.25)
    draw_bands(axes, 0, [(grid[0], grid[-1]), *((low, high) for low, _, high in found)], band)
    draw_medians(axes, 1, [median for _, median, _ in found], band)
    for story in one.refinements[1:]:
        medians = np.asarray([entry.estimates[name].median for entry in story.rounds], dtype=np.float64)
        edges = np.arange(len(medians) + 1) + 0.5
        axes.stairs(medians, edges, baseline=None, color=look.colour, linewidth=0.7, linestyle=(0, (2.0, 1.5)))
    value_axis(axes, grid, most=4)
