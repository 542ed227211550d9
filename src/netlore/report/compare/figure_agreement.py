"""Which hyperparameters the seeds of a method agree on, and how narrow their intervals are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from textwrap import fill
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from netlore.report.compare.data import ComparisonFindings, GroupFindings
from netlore.report.figures.axes import legend_below
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.style import INK, MUTED, TEXT, Look, legend_label, looks_of, new_figure, styled
from netlore.report.names import split_name

_POINT = 4.0  # points
_ROOM = 0.8  # of the distance between two hyperparameters, for all methods together
_CAPTION = (
    "Point: containment, the share of ordered pairs of seeds in which the final interval of one holds the median "
    "of the other. Bar: interval width, the share of the grid that a final interval covers, mean over the seeds; "
    "so often it would hold a median drawn at random. A method repeats where its point is at 1 and its bar is "
    "low; wide intervals agree whatever was found."
)


def specs(findings: ComparisonFindings) -> list[FigureSpec]:
    """One figure of all groups in which a method has several seeds."""
    groups = [group for group in findings.groups if any(one.stability is not None for one in group.methods)]
    draw = partial(agreement_figure, groups, looks_of(findings.labels))
    spec = FigureSpec("method-agreement", "Which methods repeat", _CAPTION, Section.COMPARISON, draw)
    return [spec] if groups else []


@styled()
def agreement_figure(groups: Sequence[GroupFindings], looks: Mapping[str, Look]) -> Figure:
    """Draw a panel for each group, with a point and a bar for each hyperparameter and method."""
    figure = new_figure(TEXT, 1.5 * len(groups) + 0.45)
    for axes, group in zip(figure.subplots(len(groups), 1, squeeze=False)[:, 0], groups, strict=True):
        _draw(axes, group, looks)
        axes.set_title(fill(group.title, 90))
        axes.set_ylabel("share")
    point = partial(Line2D, [], [], linestyle="none", markersize=_POINT)
    methods = [point(color=o.colour, marker=o.marker, label=legend_label(label)) for label, o in looks.items()]
    containment = point(color=INK, marker="o", label="point: containment")
    width = Patch(facecolor=MUTED, alpha=0.3, label="bar: interval width")
    legend_below(figure, [*methods, containment, width])
    return figure


def _draw(axes: Axes, group: GroupFindings, looks: Mapping[str, Look]) -> None:
    names = tuple(group.first.grids)
    step = _ROOM / len(group.methods)
    for index, one in enumerate(group.methods):
        look, widths = looks[one.label], [one.widths[name] for name in names]
        at = [column + (index + 0.5) * step - _ROOM / 2 for column in range(len(names))]
        axes.bar(at, widths, 0.9 * step, color=look.colour, alpha=0.3, linewidth=0)
        if one.stability is not None:
            style: dict[str, Any] = {"linestyle": "none", "marker": look.marker, "markersize": _POINT}
            axes.plot(at, one.stability.containment, color=look.colour, clip_on=False, **style)
    for column, (left, right) in enumerate(pairwise(names)):
        if split_name(left)[0] != split_name(right)[0]:  # where another class begins
            axes.axvline(column + 0.5, color=INK, alpha=0.25, linewidth=0.5)
    axes.set_ylim(0, 1.06)
    axes.set_yticks([0, 0.5, 1])
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_xticks(range(len(names)), names)
    axes.grid(visible=False, axis="x")
