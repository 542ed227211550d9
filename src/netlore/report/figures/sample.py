"""What scores of a sample are: decision trees (Fig. 3), their distribution (section VI-A), and their costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from netlore.analysis import Floats
from netlore.analysis.distribution import edf
from netlore.analysis.trees import QUANTILES, Node, Tree
from netlore.report.data import StudyData
from netlore.report.figures.axes import label_first, legend_below, line_handle, panels
from netlore.report.figures.figure import FigureSpec, Section, of_sample, predictor_looks
from netlore.report.figures.style import INK, MUTED, TEXT, Look, styled
from netlore.report.names import slug, value_text
from netlore.report.sample_data import SampleData
from netlore.report.text.phrases import minus, power_label
from netlore.space.complexity import LABELS

# Light enough for black letters, and distinguished without colour vision by lightness as well.
FILLS = {"low": "#f3e3d3", "medium": "#e3e6ea", "high": "#a9cfe8"}
_FONT = 6.5  # points; eight leaves of a tree fit side by side in half the width of the text
_LEVEL, _LEVEL_AMONG = 0.5, 0.39  # inches: of a tree alone, and of one of up to ten on a page
_TREE_TITLE = 54  # characters of a title that fit in half the width of the text
_EXPECTED = Look(MUTED, (0.0, (3.0, 1.5)))
_TITLE = 22  # characters that fit over a panel
_ENDS = (-3, 1)  # powers of ten, times the mean: an exponential distribution has 99.9 % of its values between
# Size and filling; a ring is larger than a dot, so both are seen where they coincide.
_MARKS = {"alone": (5.4, "none"), "given all other costs": (2.8, "")}
_PARTIAL = (
    "Spearman's rank correlation of scores with what a network costs: alone (ring), and given all other costs "
    "(dot). The number of blocks is no cost: its dot is given all costs. In a title: the share of the variance of "
    "a score's ranks that costs together explain. What is undefined is left out. "
)


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """Of the first sample: Fig. 3 with all trees and each alone, its distributions, and scores against costs."""
    looks = predictor_looks(study)
    for sample in study.samples[:1]:
        trees = {"fig3-trees": ("What makes a score high", sample.trees)} if sample.trees else {}
        for name, tree in sample.trees.items() if len(sample.trees) > 1 else ():
            trees[f"fig3-tree-{slug(name)}"] = (f"What makes a {name} score high", {name: tree})
        for name, (title, drawn) in trees.items():
            caption, draw = _tree_caption(sample, drawn), partial(tree_figure, drawn)
            yield FigureSpec(name, title, caption, Section.SAMPLE, draw, 3)
        if sample.exponential:
            caption, draw = _exponential_caption(sample), partial(exponential_figure, sample, looks)
            yield FigureSpec("exponential", "Are scores distributed exponentially?", caption, Section.SAMPLE, draw)
        if sample.partial:
            caption, draw = _PARTIAL + of_sample(sample, sample.partial), partial(partial_figure, sample, looks)
            title = "Is a score more than a network's cost?"
            yield FigureSpec("partial-correlation", title, caption, Section.SAMPLE, draw)


def _exponential_caption(sample: SampleData) -> str:
    tests = sample.exponential.values()
    return (
        "The EDF of every predictor's positive form (named on its axis), in units of its mean, and the "
        "exponential distribution of that mean (dashed). D is the largest distance between both, p that "
        f"of Lilliefors' test. At the {next(iter(tests)).level:.0%} level the exponential distribution is "
        f"rejected for {sum(test.rejected for test in tests)} of {len(tests)}. "
        f"{of_sample(sample, sample.exponential)}"
    )


def _tree_caption(sample: SampleData, trees: dict[str, Tree]) -> str:
    low, high = QUANTILES
    return (
        f"Decision trees that predict from hyperparameters whether a score is low (up to the {low:.0%} quantile), "
        f"high (above that of {high:.0%}) or medium. A leaf gives its most frequent level and its share of all "
        f"networks{'' if len(trees) > 1 else ', and how many of its networks have that level'}. In a title: the "
        "accuracy in cross-validation, and that of always naming the most frequent level. "
        f"{of_sample(sample, trees)}"
    )


@styled()
def tree_figure(trees: dict[str, Tree]) -> Figure:
    """Draw trees next to and under each other, two in a row."""
    columns = min(2, len(trees))
    deepest = max(_depth(tree.root) for tree in trees.values())
    level = _LEVEL if columns == 1 else _LEVEL_AMONG
    figure, found = panels(TEXT, level * (deepest + 1) + 0.3, len(trees), columns, 0.0)
    for axes, (name, tree) in zip(found, trees.items(), strict=True):
        axes.set_axis_off()
        axes.set(xticks=[], yticks=[])
        count = len(list(_leaves(tree.root)))
        axes.set_xlim(-0.5, max(count, 2) - 0.5)
        axes.set_ylim(-deepest - 0.45, 0.45)
        _draw_node(axes, tree.root, 0, iter(range(count) if count > 1 else [0.5]), pure=columns == 1)
        title = f"{name}: accuracy {tree.accuracy:.0%}, always the same level {tree.baseline:.0%}"
        axes.set_title(fill(title, 2 * _TREE_TITLE // columns))
    return figure


def _depth(node: Node) -> int:
    inside = [child for child in (node.below, node.above) if child is not None]
    return 1 + max(map(_depth, inside)) if inside else 0


def _leaves(node: Node) -> Iterator[Node]:
    if node.below is None or node.above is None:
        yield node
        return
    yield from _leaves(node.below)
    yield from _leaves(node.above)


def _draw_node(axes: Axes, node: Node, level: int, free: Iterator[float], pure: bool) -> float:
    """Draw a node in the middle of what is under it, leaves side by side; give its x."""
    if node.split is None or node.below is None or node.above is None:
        x = next(free)
        text = f"{node.level}\n{node.share:.0%}" + (f"\npure {max(node.shares):.0%}" if pure else "")
        _box(axes, x, -level, text, FILLS[node.level], bold=node.level == "high")
        return x
    left = _draw_node(axes, node.below, level + 1, free, pure)
    right = _draw_node(axes, node.above, level + 1, free, pure)
    x = (left + right) / 2
    for child, word in ((left, "no"), (right, "yes")):
        axes.plot([x, child], [-level, -level - 1], color=MUTED, linewidth=0.7, zorder=1)
        at = (x + 0.42 * (child - x), -level - 0.42)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        axes.text(*at, word, ha="center", va="center", fontsize=_FONT, color=MUTED, zorder=2, bbox=box)
    name, value = node.split
    is_name = isinstance(value, str)
    text = f"{name} is\n{value}" if is_name else f"{name} \N{GREATER-THAN OR EQUAL TO} {value_text(value)}"
    _box(axes, x, -level, text, "white", bold=False)
    return x


def _box(axes: Axes, x: float, y: float, text: str, colour: str, bold: bool) -> None:
    axes.text(
        x,
        y,
        text,
        ha="center",
        va="center",
        fontsize=_FONT,
        fontweight="bold" if bold else "normal",
        color=INK,
        linespacing=1.15,
        zorder=3,
        bbox={"boxstyle": "round,pad=0.25", "facecolor": colour, "edgecolor": MUTED, "linewidth": 0.6},
    )


@styled()
def exponential_figure(sample: SampleData, looks: dict[str, Look]) -> Figure:
    """Draw a panel for each predictor that was tested."""
    figure, found = panels(TEXT, 1.6, len(sample.exponential), 4)
    for axes, (name, test) in zip(found, sample.exponential.items(), strict=True):
        values = sample.transforms[name].positive(sample.frame[name].to_numpy(dtype=np.float64))
        _draw_distribution(axes, values[np.isfinite(values) & (values > 0)], looks[name])
        verdict = "rejected" if test.rejected else "not rejected"
        # The table that p is read from ends at 0.001.
        p = f"p = {test.p_value:.3f}" if test.p_value >= 0.00105 else "p \N{LESS-THAN OR EQUAL TO} 0.001"
        axes.set_title(f"{fill(f'{name}: {verdict}', _TITLE)}\nD = {test.statistic:.3f}, {p}")
        axes.set_xlabel(minus(f"{sample.transforms[name].positive_label} / mean"))
        label_first(axes, "fraction of networks")
    scores = line_handle(Look(MUTED), "scores")
    legend_below(figure, [scores, line_handle(_EXPECTED, "exponential distribution", width=1.0)])
    return figure


def _draw_distribution(axes: Axes, values: Floats, look: Look) -> None:
    """Draw both functions on a logarithmic axis that holds all values: they may span a hundred powers of ten."""
    # Divided by the largest first: the sum of all might overflow.
    scaled = values / values.max()
    x, fraction = edf(scaled / scaled.mean())
    low = min(_ENDS[0], math.floor(math.log10(float(x[0]))))
    high = max(_ENDS[1], math.ceil(math.log10(float(x[-1]))))
    # No value is left out, and the function is 0 before the first and 1 after the last.
    points = np.concatenate(([10.0**low, x[0]], x, [10.0**high]))
    heights = np.concatenate(([0.0, 0.0], fraction, [1.0]))
    axes.plot(points, heights, drawstyle="steps-post", color=look.colour, linewidth=1.2)
    grid = np.geomspace(10.0**low, 10.0**high, 100 * (high - low))
    axes.plot(grid, -np.expm1(-grid), linewidth=1.0, **_EXPECTED.line())
    axes.set_xscale("log")
    ticks = _powers(low, high)
    axes.set_xlim(10.0**low, 10.0**high)
    axes.set_xticks([10.0**tick for tick in ticks], [power_label(tick) for tick in ticks])
    axes.set_ylim(-0.02, 1.02)
    axes.minorticks_off()


def _powers(low: int, high: int) -> list[int]:
    """Choose up to five powers of ten for ticks, equally far apart; one of them is 1, the mean.

    >>> _powers(-3, 1), _powers(-65, 3)
    ([-3, -2, -1, 0, 1], [-60, -40, -20, 0])
    """
    step = next(s for s in (1, 2, 4, 5, 10, 20, 50, 100, 200) if (high - low) // s <= 4)
    return [power for power in range(low, high + 1) if power % step == 0]


@styled()
def partial_figure(sample: SampleData, looks: dict[str, Look]) -> Figure:
    """Draw a panel of dots for each predictor."""
    figure, found = panels(TEXT, 1.42, len(sample.partial), 4)
    for axes, (name, costs) in zip(found, sample.partial.items(), strict=True):
        rows, colour = np.arange(len(costs.names)), looks[name].colour
        axes.axvline(0, color=MUTED, linewidth=0.6)
        axes.hlines(rows, costs.plain, costs.partial, color=colour, linewidth=0.7)
        for values, (size, inside) in zip((costs.plain, costs.partial), _MARKS.values(), strict=True):
            axes.plot(values, rows, "o", markersize=size, color=colour, mfc=inside or colour, clip_on=False)
        axes.set_xlim(-1.05, 1.05)
        axes.set_xticks([-1, -0.5, 0, 0.5, 1], [minus("-1"), "", "0", "", "1"])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        names = [LABELS[cost].unit for cost in costs.names]
        axes.set_yticks(rows, names if label_first(axes, "") else [""] * len(names))
        known = math.isfinite(costs.explained)
        explained = f"{costs.explained:.0%} explained" if known else "nothing to explain"
        axes.set_title(f"{name}\n{explained}")
    handles = [
        Line2D([], [], linestyle="", marker="o", markersize=size, color=MUTED, mfc=inside or MUTED, label=text)
        for text, (size, inside) in _MARKS.items()
    ]
    legend_below(figure, handles)
    return figure
