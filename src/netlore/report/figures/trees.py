"""Decision trees from hyperparameters to low, medium or high scores (the paper's Fig. 3)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from netlore.analysis.trees import QUANTILES, Node, Tree
from netlore.report.data import SampleData, StudyData
from netlore.report.figures.axes import panels
from netlore.report.figures.figure import FigureSpec, Section, of_sample
from netlore.report.figures.style import INK, MUTED, TEXT, styled
from netlore.report.names import slug

# Light enough for black letters, and distinguished without colour vision by lightness as well.
FILLS = {"low": "#f3e3d3", "medium": "#e3e6ea", "high": "#a9cfe8"}
_FONT = 6.5  # points; eight leaves of a tree fit side by side in half the width of the text
_LEVEL, _LEVEL_AMONG = 0.5, 0.39  # inches: of a tree alone, and of one of up to ten on a page
_TITLE = 54  # characters of a title that fit in half the width of the text


def specs(study: StudyData) -> list[FigureSpec]:
    """Fig. 3 with the trees of all predictors of the first sample, and a figure for each of them."""
    sample = study.samples[0] if study.samples else None
    if sample is None or not sample.trees:
        return []
    found = [("fig3-trees", "What makes a score high", sample.trees)]
    if len(sample.trees) > 1:
        found += [
            (f"fig3-tree-{slug(name)}", f"What makes a {name} score high", {name: tree})
            for name, tree in sample.trees.items()
        ]
    return [
        FigureSpec(name, title, _caption(sample, trees), Section.SAMPLE, partial(tree_figure, trees), 3)
        for name, title, trees in found
    ]


def _caption(sample: SampleData, trees: dict[str, Tree]) -> str:
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
        axes.set_title(fill(title, 2 * _TITLE // columns))
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
    _box(axes, x, -level, f"{name} \N{GREATER-THAN OR EQUAL TO} {value}", "white", bold=False)
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
