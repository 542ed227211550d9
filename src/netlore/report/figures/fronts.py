"""Score against cost in a refinement: the front, and how the best intervals move as the budget grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis import Floats
from netlore.analysis.elite_scores import ELITE
from netlore.analysis.pareto import best_within, pareto_front
from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import label_first, legend_below, line_handle, log_ticks, panels, value_axis
from netlore.report.figures.figure import FigureSpec, Section, of_refinements
from netlore.report.figures.rounds import score_range
from netlore.report.figures.style import INK, MUTED, PALETTE, TEXT, Look, styled
from netlore.report.names import data_ending, measure_title
from netlore.report.text.phrases import count_label, minus
from netlore.space.complexity import LABELS
from netlore.space.distribution import is_category

_BUDGETS = 48
"""Budgets at which the best are looked up."""
_FRONT = Look(PALETTE[1])
_PICKED = Look(PALETTE[0], marker="D")
_TICKS = 4
_ROWS = 4
"""Of panels, before there are more in a row."""


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """The front of every refinement, and of a page about one refinement how principles move along it."""
    for data in study.data:
        runs = [one for one in study.refined(data) if len(one.scored)]
        if not runs:
            continue
        cost = LABELS[runs[0].cost].unit
        caption = (
            f"Every network that was scored, by its {cost}, on a logarithmic axis. The line is the front: no "
            "network that costs as little scores higher. Of several initial weights the mean counts; outliers "
            f"among the lowest may lie below the axis. {_picked_note(runs)}{of_refinements(runs)}"
        )
        draw = partial(front_figure, runs)
        name = f"front{data_ending(data, study.data)}"
        yield FigureSpec(name, f"Score against cost, {data}", caption, Section.REFINEMENT, draw)
    if len(study.refinements) == 1 and len(study.refinements[0].scored) >= 2 * ELITE:
        run = study.refinements[0]
        caption = (
            f"At each budget, its {LABELS[run.cost].unit} on the logarithmic axis, the {ELITE} networks that "
            "scored highest of all that cost no more: the range of their values (band) and the median (line); of "
            f"a category how many of them have each name, darker is more. {of_refinements([run])}"
        )
        draw = partial(along_figure, run)
        yield FigureSpec("front-principles", "Principles along the front", caption, Section.REFINEMENT, draw)


def _picked_note(runs: Sequence[RefinementData]) -> str:
    if not any(_place(run) is not None for run in runs):
        return ""
    return "Picked was by more than these scores, so it need not be the highest, nor lie on the front. "


def _place(run: RefinementData) -> int | None:
    """Where among its scored networks the picked one stands, if it does."""
    names = list(run.scored.index)
    return names.index(run.picked.id) if run.picked is not None and run.picked.id in names else None


@styled()
def front_figure(runs: Sequence[RefinementData]) -> Figure:
    """Draw a panel for each refinement."""
    figure, found = panels(TEXT, 1.75 if len(runs) > 1 else 2.4, len(runs), 4)
    for axes, run in zip(found, runs, strict=True):
        rows = run.scored
        costs, scores = (np.asarray(rows[name], dtype=np.float64) for name in (run.cost, "score"))
        front = pareto_front(scores, costs)
        axes.plot(costs, scores, "o", markersize=1.6, color=MUTED, alpha=0.45, mew=0, rasterized=len(costs) > 2000)
        axes.plot(costs[front], scores[front], drawstyle="steps-post", linewidth=1.2, **_FRONT.line(2.4))
        if (place := _place(run)) is not None:
            axes.plot(costs[place], scores[place], **_PICKED.point(4.5), zorder=3)
        low, high = score_range([scores])
        axes.set_ylim(min(low, float(scores[front].min())), max(high, float(scores[front].max())))
        _cost_axis(axes, run, costs)
        axes.set_title(run.predictor)
        label_first(axes, minus(f"score, {run.scale}"))
    networks = line_handle(Look(MUTED), "a network", 2.4)
    networks.set_linestyle("")
    handles = [networks, line_handle(_FRONT, "the front", 2.4)]
    if any(_place(run) is not None for run in runs):
        handles.append(Line2D([], [], label="the picked network", **_PICKED.point(4.5)))
    legend_below(figure, handles)
    return figure


@styled()
def along_figure(run: RefinementData) -> Figure:
    """Draw a panel for each hyperparameter."""
    rows = run.scored
    costs, scores = (np.asarray(rows[name], dtype=np.float64) for name in (run.cost, "score"))
    cheapest = np.sort(costs)[ELITE - 1]  # below it there are not as many
    budgets = np.geomspace(cheapest, costs.max(), _BUDGETS)
    best = [best_within(scores, costs, budget, ELITE) for budget in budgets]
    count = len(run.grids)
    figure, found = panels(TEXT, 1.3, count, next((n for n in (3, 4, 5) if n * _ROWS >= count), 6), 0.0)
    for axes, (name, grid) in zip(found, run.grids.items(), strict=True):
        values = np.asarray(rows[name])
        if is_category(grid):
            shares = [[float(np.mean(values[places] == one)) for places in best] for one in grid]
            axes.pcolormesh(budgets, range(len(grid)), shares, cmap="Blues", vmin=0, vmax=1, rasterized=True)
            axes.set_yticks(range(len(grid)), [*grid])
        else:
            low, middle, high = ([of(values[places]) for places in best] for of in (np.min, np.median, np.max))
            axes.fill_between(budgets, low, high, step="post", color=PALETTE[0], alpha=0.25, linewidth=0)
            axes.plot(budgets, middle, drawstyle="steps-post", color=PALETTE[0], linewidth=1.2)
            value_axis(axes, grid)
        _cost_axis(axes, run, budgets)
        axes.set_title(name, color=INK)
    return figure


def _cost_axis(axes: Axes, run: RefinementData, costs: Floats) -> None:
    low, high = max(float(costs.min()), 1.0), max(float(costs.max()), 2.0)
    axes.set_xscale("log")
    ticks = log_ticks(low, high, _TICKS)
    if len(ticks) < 2:  # a scale needs two
        ticks = [low, high]
    axes.set_xticks(ticks, [count_label(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    place = axes.get_subplotspec()
    if place is None or place.is_last_row():
        axes.set_xlabel(measure_title(run.cost))
