"""How the intervals of hyperparameters narrow (the paper's Figs. 6 to 9), by predictor or over each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from netlore.errors import InvalidInput
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import (
    draw_bands,
    draw_medians,
    legend_below,
    line_handle,
    round_axis,
    value_axis,
)
from netlore.report.figures.figure import FigureSpec, Section, of_refinements, predictor_looks
from netlore.report.figures.style import TEXT, Look, looks_of, new_figure, styled
from netlore.report.names import HyperparameterClass, classes_of, kept_text, slug, stage_of
from netlore.report.text.methods import course_title, interval_note

_NUMBERS = {"d": 6, "w": 7, "g": 8, "b": 9}
_ROW = 0.72  # inches, of a predictor
_PANEL = 1.15  # inches, of a panel in which refinements lie over each other
_COLUMNS = 4  # of these at most
_CAPTION = (
    "Column 0 is the full grid of the original design space, column j the interval found in round j; the line is "
    "the median. A band that stays tall shows no preference; one that collapses to its line, a strict one."
)


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """All hyperparameters of the only refinement, or else a figure for each class and data set.

    Those of the first data set have the paper's names.
    """
    if len(study.refinements) == 1:
        yield _alone(study.refinements[0])
        return
    for index, data in enumerate(study.data):
        runs = study.refined(data)
        several = any(one.refinements[1:] for one in runs)
        note = " Thin lines are the medians of further seeds; bands are of the first." if several else ""
        caption = f"{_CAPTION}{interval_note(runs)}{note} {of_refinements(runs)}"
        for group in classes_of(dict.fromkeys(name for one in runs for name in one.grids)):
            number = _NUMBERS.get(group.letters)
            name = f"{f'fig{number}' if number else 'intervals'}-{group.slug}{f'-{slug(data)}' if index else ''}"
            title = f"{course_title(f'the {group.plural}', runs)}, {data}"
            draw = partial(interval_figure, runs, group, predictor_looks(study))
            yield FigureSpec(name, title, caption, Section.REFINEMENT, draw, number)


def _alone(run: RefinementData) -> FigureSpec:
    labels = [f"seed {one.seed}" for one in run.refinements] if run.refinements[1:] else [run.predictor]
    drawn = dict(zip(labels, run.refinements, strict=True))
    several = " Seeds lie over each other, a colour and line style for each." if run.refinements[1:] else ""
    caption = (
        f"{_CAPTION} Right of a panel: the last interval.{interval_note([run])}{several} {of_refinements([run])}"
    )
    title = f"{course_title('the hyperparameters', [run])}: {run.predictor} on {run.data}"
    draw = partial(overlaid_figure, drawn, list(run.grids))
    return FigureSpec("intervals", title, caption, Section.OVERVIEW, draw)


@styled()
def interval_figure(
    runs: Sequence[RefinementData], group: HyperparameterClass, looks: Mapping[str, Look]
) -> Figure:
    """Draw a row for each predictor and a column for each stage."""
    shown = [one for one in runs if any(name in one.grids for name in group.names)]
    last = max(len(replicate.rounds) for one in shown for replicate in one.refinements)
    figure = new_figure(TEXT, _ROW * len(shown) + 0.55)
    grid = figure.subplots(len(shown), len(group.names), squeeze=False)
    for column, name in enumerate(group.names):
        rows = [row for row, one in enumerate(shown) if name in one.grids]
        for row in set(range(len(shown))) - set(rows):
            grid[row, column].remove()
        if rows:
            grid[rows[0], column].set_title(_stage(name))
        for row in rows:
            axes: Axes = grid[row, column]
            _draw_run(axes, shown[row], name, looks[shown[row].predictor])
            round_axis(axes, 0, last, "round" if row == rows[-1] else "", max(2, min(9, 27 // len(group.names))))
            axes.tick_params(labelbottom=row == rows[-1])
    for row, one in enumerate(shown):
        # The values of the first panel also stand for equal grids right of it.
        first, *others = [column for column, name in enumerate(group.names) if name in one.grids]
        label = fill(one.predictor, 14)
        grid[row, first].set_ylabel(label, rotation=0, ha="right", va="center")
        for column in others:
            differs = one.grids[group.names[column]] != one.grids[group.names[first]]
            grid[row, column].tick_params(labelleft=differs)
    figure.align_ylabels()
    return figure


def _stage(name: str) -> str:
    """The stage of a hyperparameter and its name, or its name alone."""
    return f"{stage_of(name).capitalize()}, {name}" if stage_of(name) != name else name


def _draw_run(axes: Axes, one: RefinementData, name: str, look: Look) -> None:
    """Draw the first replicate with its bands, and the medians of all others as thin lines."""
    _draw(axes, one.first, name, replace(look, dashes="solid"), 1.4, 0.25)
    for replicate in one.refinements[1:]:
        medians = [entry.estimates[name].median for entry in replicate.rounds]
        draw_medians(axes, medians, replace(look, dashes=(0.0, (2.0, 1.5))), 0.7)
    value_axis(axes, one.grids[name])


def _draw(axes: Axes, one: Refinement, name: str, look: Look, width: float, alpha: float) -> None:
    """Draw a refinement's intervals as bands, from the full grid on, and its medians as a line."""
    grid, found = one.space.grids[name], [entry.estimates[name] for entry in one.rounds]
    bands = [(grid[0], grid[-1]), *((each.low, each.high) for each in found)]
    draw_bands(axes, 0, bands, look.colour, alpha)
    draw_medians(axes, [each.median for each in found], look, width)


@styled()
def overlaid_figure(refinements: Mapping[str, Refinement], names: Sequence[str]) -> Figure:
    """Draw refinements over each other: rows of panels for each class, a column for each stage.

    Args:
        refinements: Of one design space, by what the legend calls them: a predictor, or a seed.
        names: The hyperparameters to draw, all of them as a rule.

    Raises:
        InvalidInput: One of the design spaces lacks a hyperparameter.
    """
    missing = [name for name in names if any(name not in one.space.grids for one in refinements.values())]
    if missing:
        raise InvalidInput(f"Both design spaces need {', '.join(missing)}; draw only what they have in common.")
    looks = looks_of(refinements)
    columns = min(_COLUMNS, max(len(group.names) for group in classes_of(names)))
    lines = [
        (group, group.names[start : start + columns])
        for group in classes_of(names)
        for start in range(0, len(group.names), columns)
    ]
    last = max(len(one.rounds) for one in refinements.values())
    figure = new_figure(TEXT, _PANEL * len(lines) + 0.3)
    grid = figure.subplots(len(lines), columns, squeeze=False, sharex=True)
    for index, (group, members) in enumerate(lines):
        row = grid[index]
        for axes in row[len(members) :]:
            axes.remove()
        for axes, name in zip(row, members, strict=False):
            for label, one in refinements.items():
                _draw(axes, one, name, looks[label], 1.6, max(0.08, 0.3 / len(refinements)))
            value_axis(axes, next(iter(refinements.values())).space.grids[name])
            round_axis(axes, 0, last, "round" if index == len(lines) - 1 else "", 6)
            axes.set_title(_stage(name))
            if len(refinements) <= 2:
                _print_ends(axes, name, refinements, looks)
        row[0].set_ylabel(group.singular)
    figure.align_ylabels(grid[:, 0])
    if len(refinements) > 1:
        legend_below(figure, [line_handle(look, label) for label, look in looks.items()])
    return figure


def _print_ends(axes: Axes, name: str, refinements: Mapping[str, Refinement], looks: Mapping[str, Look]) -> None:
    """Print the final intervals right of the panel, at their medians' heights unless they would collide."""
    to_panel = axes.transData + axes.transAxes.inverted()
    heights = {
        label: float(to_panel.transform((0.0, one.rounds[-1].estimates[name].median))[1])
        for label, one in refinements.items()
    }
    if len(heights) == 2:
        (lower, low), (upper, high) = sorted(heights.items(), key=lambda entry: entry[1])
        overlap = max(0.0, 0.2 - (high - low)) / 2  # a line of text is a fifth of a panel high
        shift = max(0.0, overlap - low) - max(0.0, high + overlap - 1.0)
        heights = {lower: low - overlap + shift, upper: high + overlap + shift}
    for label in refinements:
        axes.annotate(
            kept_text(refinements[label].principles[name]),
            (1.02, heights[label]),
            xycoords="axes fraction",
            color=looks[label].colour,
            fontweight="bold",
            va="center",
            annotation_clip=False,
        )
