"""Beyond the paper: which hyperparameters the seeds of a method agree on, and how narrow their intervals are."""

from __future__ import annotations

from functools import partial
from textwrap import fill

from matplotlib.artist import Artist
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


def specs(findings: ComparisonFindings) -> list[FigureSpec]:
    """One figure of all groups in which a method has several seeds."""
    groups = [group for group in findings.groups if any(one.stability is not None for one in group.methods)]
    if not groups:
        return []
    return [
        FigureSpec(
            name="method-agreement",
            title="Which methods repeat",
            caption=(
                "Point: containment, the share of ordered pairs of seeds in which the final interval of one "
                "holds the median of the other. Bar: interval width, the share of the grid that a final interval "
                "covers, mean over the seeds; so often it would hold a median drawn at random. A method repeats "
                "where its point is at 1 and its bar is low; wide intervals agree whatever was found."
            ),
            section=Section.COMPARISON,
            draw=partial(agreement_figure, findings.labels, groups),
        )
    ]


def agreement_figure(labels: tuple[str, ...], groups: list[GroupFindings]) -> Figure:
    """Draw a panel for each group, with a point and a bar for each hyperparameter and method."""
    look = looks_of(labels)
    with styled():
        figure = new_figure(TEXT, 1.5 * len(groups) + 0.45)
        panels = figure.subplots(len(groups), 1, squeeze=False)[:, 0]
        for axes, group in zip(panels, groups, strict=True):
            _draw(axes, group, look)
            axes.set_title(fill(group.title, 90))
            axes.set_ylabel("share")
        handles = _handles(look)
        legend_below(figure, handles)
    return figure


def _draw(axes: Axes, group: GroupFindings, look: dict[str, Look]) -> None:
    names = tuple(group.first.grids)
    step = _ROOM / len(group.methods)
    for index, one in enumerate(group.methods):
        style, widths = look[one.label], one.widths
        places = [place + (index + 0.5) * step - _ROOM / 2 for place in range(len(names))]
        axes.bar(places, [widths[name] for name in names], 0.9 * step, color=style.colour, alpha=0.3, linewidth=0)
        if one.stability is not None:
            axes.plot(
                places,
                one.stability.containment,
                linestyle="none",
                marker=style.marker,
                markersize=_POINT,
                color=style.colour,
                clip_on=False,
            )
    for boundary in _boundaries(names):
        axes.axvline(boundary, color=INK, alpha=0.25, linewidth=0.5)
    axes.set_ylim(0, 1.06)
    axes.set_yticks([0, 0.5, 1])
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_xticks(range(len(names)), names)
    axes.grid(visible=False, axis="x")


def _boundaries(names: tuple[str, ...]) -> list[float]:
    """Where another class of hyperparameters begins."""
    classes = [split_name(name)[0] for name in names]
    return [place - 0.5 for place in range(1, len(names)) if classes[place] != classes[place - 1]]


def _handles(look: dict[str, Look]) -> list[Artist]:
    """A point for each method, and what points and bars are."""
    point = partial(Line2D, [], [], linestyle="none", markersize=_POINT)
    methods: list[Artist] = [
        point(color=one.colour, marker=one.marker, label=legend_label(label)) for label, one in look.items()
    ]
    return [
        *methods,
        point(color=INK, marker="o", label="point: containment"),
        Patch(facecolor=MUTED, alpha=0.3, label="bar: interval width"),
    ]
