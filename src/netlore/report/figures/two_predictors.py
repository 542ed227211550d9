"""Two predictors side by side: what the one narrows to and the other does not."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from netlore.errors import InvalidInput
from netlore.refinement.result import Refinement
from netlore.report.figures.axes import draw_bands, draw_medians, line_handle, round_axis, value_axis
from netlore.report.figures.style import Look, looks, new_figure, styled
from netlore.report.names import classes_of, interval_text, place

_LINE = 0.17  # height of a line of text as a fraction of a panel
_ROOM = 0.8  # inches for an interval as text


def comparison_figure(story_a: Refinement, story_b: Refinement, names: Sequence[str]) -> Figure:
    """Draw how the intervals of two predictors move apart: a row for each class, a column for each stage.

    The interval at the end of either refinement is printed beside its panel.

    Args:
        story_a: The one predictor's refinement.
        story_b: The other's, of the same design space.
        names: The hyperparameters to draw, all of them as a rule.

    Raises:
        InvalidInput: One of the design spaces lacks a hyperparameter.
    """
    pair = (story_a, story_b)
    missing = [name for name in names if any(name not in story.space.hyperparameters for story in pair)]
    if missing:
        raise InvalidInput(f"Both design spaces need {', '.join(missing)}; draw only what they have in common.")
    classes = classes_of(names)
    columns = max(len(group.names) for group in classes)
    seen = [Look(look.colour, look.dashes, look.marker, 2.2, 0.22) for look in looks(2)]
    last = max(len(story.rounds) for story in pair)
    width = max(3.3 * columns, 5.0)
    with styled():
        figure = new_figure(width, 1.62 * len(classes) + 0.75)
        grid = figure.subplots(len(classes), columns, squeeze=False, sharex=True)
        for index, (row, group) in enumerate(zip(grid, classes, strict=True)):
            for axes in row[len(group.names) :]:
                axes.remove()
            for axes, name in zip(row, group.names, strict=False):
                _draw_panel(axes, name, pair, seen)
                round_axis(axes, 0, last, "round" if index == len(classes) - 1 else "")
            row[0].set_ylabel(group.singular)
        for axes, name in zip(grid[0], classes[0].names, strict=False):
            axes.set_title(place(name).capitalize())
        figure.align_ylabels(grid[:, 0])
        # The same room for the printed intervals right of every column, however long they are.
        figure.set_layout_engine("constrained", wspace=0.2, rect=(0.0, 0.0, 1.0 - _ROOM / width, 1.0))
        _legend_above(figure, pair, seen)
    return figure


def _draw_panel(axes: Axes, name: str, pair: Sequence[Refinement], seen: Sequence[Look]) -> None:
    """Draw one hyperparameter for both predictors, and print where they end."""
    grid = pair[0].space.grids[name]
    for story, look in zip(pair, seen, strict=True):
        found = [entry.estimates[name] for entry in story.rounds]
        draw_bands(axes, 0, [(grid[0], grid[-1]), *((low, high) for low, _, high in found)], look)
        draw_medians(axes, 1, [median for _, median, _ in found], look)
    value_axis(axes, grid, most=6)
    _print_ends(axes, name, pair, seen)


def _print_ends(axes: Axes, name: str, pair: Sequence[Refinement], seen: Sequence[Look]) -> None:
    """Print both final intervals right of the panel, each at its median's height unless they would collide."""
    to_panel = axes.transData + axes.transAxes.inverted()
    heights = [float(to_panel.transform((0.0, story.rounds[-1].estimates[name].median))[1]) for story in pair]
    order = (0, 1) if heights[0] <= heights[1] else (1, 0)
    missing = _LINE - (heights[order[1]] - heights[order[0]])
    if missing > 0:
        heights[order[0]] -= missing / 2
        heights[order[1]] += missing / 2
        shift = max(0.0, -heights[order[0]]) - max(0.0, heights[order[1]] - 1.0)
        heights = [height + shift for height in heights]
    for story, look, height in zip(pair, seen, heights, strict=True):
        axes.text(
            1.02,
            height,
            interval_text(*story.principles[name]),
            transform=blended_transform_factory(axes.transAxes, axes.transAxes),
            color=look.colour,
            fontweight="bold",
            fontsize=9.5,
            va="center",
            in_layout=False,
        )


def _legend_above(figure: Figure, pair: Sequence[Refinement], seen: Sequence[Look]) -> None:
    """Name both predictors and how many rounds they took."""
    handles = [
        line_handle(look, f"{story.predictor}, {len(story.rounds)} rounds")
        for story, look in zip(pair, seen, strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=2, fontsize=11.5)
