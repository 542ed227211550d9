"""Refinements of one design space over each other: bands and cells of every hyperparameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from netlore.errors import InvalidInput
from netlore.refinement.result import Refinement
from netlore.report.figures.axes import (
    draw_bands,
    draw_medians,
    legend_below,
    line_handle,
    round_axis,
    value_axis,
)
from netlore.report.figures.categories import draw_names, height_of, name_axis
from netlore.report.figures.style import TEXT, Look, looks_of, new_figure, styled
from netlore.report.names import HyperparameterClass, Vocabulary, classes_of, kept_text, vocabulary, where
from netlore.space.distribution import is_category

_PANEL = 1.15  # inches, of a panel in which refinements lie over each other
_COLUMNS, _FEWEST = 4, 3  # of these at most, and where there are as many hyperparameters at least


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
    first, *_ = refinements.values()
    words, grids = vocabulary(first.space.family), first.space.grids
    classes = classes_of(names, words)
    columns = min(_COLUMNS, len(names), max(_FEWEST, *(len(group.names) for group in classes)))
    lines = _lines(classes, columns)
    heights = [height_of([grids[name] for name in line], _PANEL) for line in lines]
    last = max(len(one.rounds) for one in refinements.values())
    figure = new_figure(TEXT, sum(heights) + 0.3)
    grid = figure.subplots(len(lines), columns, squeeze=False, sharex=True, height_ratios=heights)
    for row, line in enumerate(lines):
        for axes in grid[row, len(line) :]:
            axes.remove()
        for column, (name, label) in enumerate(line.items()):
            axes = grid[row, column]
            _overlay(axes, name, refinements, looks)
            # Names are wide: they stand only where they are not those of the panel to the left.
            left = () if label else grids[list(line)[column - 1]]
            same = is_category(grids[name]) and grids[name] == left
            lowest = row + 1 == len(lines) or column >= len(lines[row + 1])
            axes.tick_params(labelleft=not same, labelbottom=lowest)
            round_axis(axes, 0, last, "round" if lowest else "", 6)
            axes.set_title(stage_title(name, words))
            axes.set_ylabel(label)
    figure.align_ylabels(grid[:, 0])
    if len(refinements) > 1:
        legend_below(figure, [line_handle(look, label) for label, look in looks.items()])
    return figure


def _lines(classes: Sequence[HyperparameterClass], columns: int) -> list[dict[str, str]]:
    """Rows of hyperparameters, of a class side by side, the first with what the class is called."""
    lines: list[dict[str, str]] = [{}]
    for group in classes:
        for start in range(0, len(group.names), columns):
            first, *others = group.names[start : start + columns]
            if len(lines[-1]) + 1 + len(others) > columns:
                lines.append({})
            lines[-1] |= {first: group.singular, **dict.fromkeys(others, "")}
    return lines


def _overlay(axes: Axes, name: str, refinements: Mapping[str, Refinement], looks: Mapping[str, Look]) -> None:
    """Draw a panel, with the final intervals to its right if there are not too many to be read."""
    first, *_ = refinements.values()
    if is_category(first.space.grids[name]):
        for slot, (label, one) in enumerate(refinements.items()):
            draw_names(axes, one, name, looks[label], slot, len(refinements))
        name_axis(axes, first.space.grids[name])
        return
    for label, one in refinements.items():
        draw_course(axes, one, name, looks[label], 1.6, max(0.08, 0.3 / len(refinements)))
    value_axis(axes, first.space.grids[name])
    if len(refinements) <= 2:
        _print_ends(axes, name, refinements, looks)


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


def stage_title(name: str, words: Vocabulary) -> str:
    """The stage of a hyperparameter and its name, or its name alone."""
    place = where(name, words)
    return f"{place[:1].upper()}{place[1:]}, {name}" if place != name else name


def draw_course(axes: Axes, one: Refinement, name: str, look: Look, width: float, alpha: float) -> None:
    """Draw a refinement's intervals as bands, from the full grid on, and its medians as a line."""
    grid, found = one.space.grids[name], [entry.estimates[name] for entry in one.rounds]
    bands = [(grid[0], grid[-1]), *((each.low, each.high) for each in found)]
    draw_bands(axes, 0, bands, look.colour, alpha)
    draw_medians(axes, [each.median for each in found], look, width)
