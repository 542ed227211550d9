"""How refinements go: scores, sizes and complexities over the rounds (the paper's Figs. 4, 5 and 10)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.report.figure_plan import FigurePlan
from netlore.report.findings import RefinementFindings, StudyFindings
from netlore.report.naming import slug
from netlore.report.panels import count_axis, legend_below, panel_grid, power_label, round_axis, spread
from netlore.report.paper.print_style import TEXT, looks_of, predictors_of, printed
from netlore.report.story import COMPLEXITIES, RefinementStory, RoundStory
from netlore.report.style import MUTED, Look, legend_label, new_figure

_POINTS = 200  # of a curve, so that a figure with hundreds of curves stays small
_LEFT_OUT = 0.02  # of the scores of the first round, on the left: outliers would squeeze all others
TITLES = {"flops": "FLOPs", "params": "Parameters", "activations": "Activations"}


def plans(findings: StudyFindings) -> list[FigurePlan]:
    """Figs. 4 (one for each data set), 5 and 10."""
    if not findings.refinements:
        return []
    several = len(findings.data) > 1
    edfs = [
        FigurePlan(
            name=f"fig4-edf-{slug(data)}" if several else "fig4-edf",
            title=f"Scores of every round, {data}",
            caption=(
                "A curve gives the fraction of a round's networks whose score is at most x; darker is later, and "
                "the last round is thicker. Where a curve lies further to the right, a network picked at random "
                f"scores higher. {sizes_of(findings.refined(data))}"
            ),
            draw=partial(edf_figure, [one.first for one in findings.refined(data)]),
        )
        for data in findings.data
    ]
    counted = any(one.first.cardinalities_within_budget for one in findings.refinements)
    within = " Thin lines count only what meets the budget." if counted else ""
    sizes = FigurePlan(
        name="fig5-sizes",
        title="Architectures left after every round",
        caption=f"Round 0 is the original design space; the axis is logarithmic.{within} {_first(findings)}",
        draw=partial(sizes_figure, findings),
    )
    complexity = FigurePlan(
        name="fig10-complexity",
        title="Complexity of the best networks",
        caption=(
            "Medians (lines) and intervals (bands) of the best networks of every round, from the same bootstrap "
            f"as the intervals of hyperparameters; the axes are logarithmic. {_first(findings)}"
        ),
        draw=partial(complexity_figure, findings),
    )
    return [*edfs, sizes, complexity]


def sizes_of(refinements: Sequence[RefinementFindings]) -> str:
    """How many networks a round had, and which seeds are drawn, as a sentence."""
    stories = [one.first for one in refinements]
    groups: dict[tuple[int, int], list[str]] = {}
    for story in stories:
        groups.setdefault((story.networks, story.seed), []).append(story.predictor)
    if len(groups) == 1:
        (networks, seed), _ = next(iter(groups.items()))
        return f"{networks:,} networks a round, seed {seed}."
    parts = [f"{', '.join(names)}: {networks:,}, seed {seed}" for (networks, seed), names in groups.items()]
    return f"Networks a round: {'; '.join(parts)}."


def _first(findings: StudyFindings) -> str:
    several = any(one.replicates[1:] for one in findings.refinements)
    return "Of replicates the first is drawn." if several else "One refinement each."


def edf_figure(stories: Sequence[RefinementStory]) -> Figure:
    """Draw the EDF of every round, a panel for each predictor."""
    columns = min(4, len(stories))
    rows = math.ceil(len(stories) / columns)
    last = max(len(story.rounds) for story in stories)
    colours = mpl.colormaps["viridis"](np.linspace(0.85, 0.0, last))
    with printed():
        figure = new_figure(TEXT, 1.55 * rows + 0.15)
        panels = panel_grid(figure, len(stories), columns)
        for index, (axes, story) in enumerate(zip(panels, stories, strict=True)):
            _draw_edfs(axes, story.rounds, colours)
            axes.set_title(story.predictor)
            axes.set_xlabel(f"score, {story.scale}".replace("-", "\N{MINUS SIGN}"))
            axes.set_ylabel("fraction of networks" if index % columns == 0 else "")
        if last > 1:
            scale = ScalarMappable(BoundaryNorm(np.arange(last + 1) + 0.5, last), ListedColormap(colours))
            ticks = spread(range(1, last + 1), 8)
            bar = figure.colorbar(scale, ax=panels, ticks=ticks, label="round", aspect=30, pad=0.01)
            bar.ax.set_yticklabels([str(tick) for tick in ticks])
            bar.ax.tick_params(length=0, which="both")
            bar.outline.set_visible(False)
    return figure


def _draw_edfs(axes: Axes, rounds: Sequence[RoundStory], colours: np.ndarray) -> None:
    drawn = [entry for entry in rounds if entry.scores.size]
    for entry in drawn:
        fractions = np.linspace(0.0, 1.0, min(_POINTS, entry.scores.size + 1))
        x = np.quantile(entry.scores, fractions, method="inverted_cdf")
        width = 1.6 if entry is drawn[-1] else 0.8
        axes.plot(x, fractions, drawstyle="steps-post", color=colours[entry.number - 1], linewidth=width)
    if drawn:
        low = min(float(np.quantile(entry.scores, _LEFT_OUT)) for entry in drawn)
        high = max(float(entry.scores.max()) for entry in drawn)
        if high > low:
            axes.set_xlim(low - 0.03 * (high - low), high + 0.05 * (high - low))
    axes.set_ylim(-0.02, 1.02)
    axes.locator_params(axis="x", nbins=4)


def sizes_figure(findings: StudyFindings) -> Figure:
    """Draw log10 of exact sizes over the rounds, a panel for each data set."""
    look = looks_of(predictors_of(findings))
    top = max(math.log10(max(one.first.cardinalities)) for one in findings.refinements)
    with printed():
        figure = new_figure(TEXT, 2.6)
        for axes, data in zip(panel_grid(figure, len(findings.data), 2), findings.data, strict=True):
            stories = [one.first for one in findings.refined(data)]
            for story in stories:
                _draw_sizes(axes, story.cardinalities, look[story.predictor], 1.2, 3.0)
                if story.cardinalities_within_budget:
                    _draw_sizes(axes, story.cardinalities_within_budget, look[story.predictor], 0.6, 0.0)
            ticks = range(0, math.ceil(top) + 1, 2)
            axes.set_ylim(-0.06 * top, top * 1.05)
            axes.set_yticks(ticks, [power_label(tick) for tick in ticks])
            round_axis(axes, 0, max(len(story.rounds) for story in stories))
            axes.set_title(data)
        figure.axes[0].set_ylabel("architectures left")
        extra = []
        if any(one.first.cardinalities_within_budget for one in findings.refinements):
            extra.append(Line2D([], [], color=MUTED, linewidth=0.6, label="within the budget"))
        legend_below(figure, [*_handles(findings, look), *extra], 8)
    return figure


def _draw_sizes(axes: Axes, sizes: Sequence[int], look: Look, width: float, marker: float) -> None:
    heights = [math.log10(size) if size > 0 else math.nan for size in sizes]
    axes.plot(
        range(len(sizes)),
        heights,
        color=look.colour,
        linestyle=look.dashes,
        linewidth=width,
        marker=look.marker if marker else None,
        markersize=marker,
        clip_on=False,
    )


def complexity_figure(findings: StudyFindings) -> Figure:
    """Draw medians and intervals of complexities, a row for each data set and a column for each measure."""
    look = looks_of(predictors_of(findings))
    with printed():
        figure = new_figure(TEXT, 1.75 * len(findings.data) + 0.4)
        grid = figure.subplots(len(findings.data), 3, squeeze=False)
        for row, data in zip(grid, findings.data, strict=True):
            stories = [one.first for one in findings.refined(data)]
            for axes, measure in zip(row, COMPLEXITIES, strict=True):
                values = [_draw_course(axes, story, measure, look[story.predictor]) for story in stories]
                count_axis(axes, min(min(v) for v in values), max(max(v) for v in values))
                round_axis(axes, 1, max(len(story.rounds) for story in stories))
                axes.set_title(f"{TITLES[measure]}, {data}")
        legend_below(figure, _handles(findings, look), 8)
    return figure


def _draw_course(axes: Axes, story: RefinementStory, measure: str, look: Look) -> list[float]:
    """Draw one line and its band; the values that must be in view."""
    found = np.asarray([entry.complexities[measure] for entry in story.rounds], dtype=np.float64)
    rounds = np.arange(1, len(found) + 1)
    axes.fill_between(rounds, found[:, 0], found[:, 2], color=look.colour, alpha=0.10, linewidth=0)
    axes.plot(
        rounds,
        found[:, 1],
        color=look.colour,
        linestyle=look.dashes,
        linewidth=1.1,
        marker=look.marker,
        markersize=2.4,
    )
    return [float(found.min()), float(found.max())]


def _handles(findings: StudyFindings, look: dict[str, Look]) -> list[Line2D]:
    """Legend entries of the predictors that were refined."""
    refined = {one.first.predictor for one in findings.refinements}
    handles = []
    for name, one in look.items():
        if name in refined:
            line = Line2D([], [], color=one.colour, linestyle=one.dashes, linewidth=1.2, label=legend_label(name))
            line.set_marker(one.marker)
            line.set_markersize(3.0)
            handles.append(line)
    return handles
