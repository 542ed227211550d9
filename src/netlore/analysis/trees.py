"""Decision trees from hyperparameters to low, medium or high scores (the paper's Fig. 3)."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import AnyColumn, Column, Floats
from netlore.analysis.importance import PER_FOLD, indicators, scored_matrix
from netlore.arguments import validated
from netlore.errors import InvalidInput

Bounds = dict[tuple[str, str], tuple[Any, Any]]
"""Of each hyperparameter, or name of a category, the bounds: at least, and less than."""

LEVELS = ("low", "medium", "high")
QUANTILES = (0.3, 0.7)
"""Scores above the second quantile are high, those up to the first low: the paper's top class is its best 30 %."""

MIN_LEAF = 0.02  # of the networks


@dataclass(frozen=True)
class Node:
    """A node of a tree.

    Attributes:
        share: Part of all networks that reach it.
        shares: Parts of its networks that are low, medium and high.
        split: (hyperparameter, value): networks with at least that number, or with that name of a category, go to
            `above`, the others to `below`; None for a leaf.
    """

    share: float
    shares: tuple[float, float, float]
    split: tuple[str, Any] | None = None
    below: Node | None = None
    above: Node | None = None

    @property
    def level(self) -> str:
        """The most frequent level of its networks."""
        return LEVELS[int(np.argmax(self.shares))]


@dataclass(frozen=True)
class Rule:
    """A leaf in words: `d3 >= 6 and w1 < 32`, its level, its share of all networks, and how pure it is."""

    text: str
    level: str
    share: float
    purity: float


@dataclass(frozen=True)
class Tree:
    """A fitted tree and how far it can be trusted.

    Attributes:
        quantiles: Of the scores, between low and medium and between medium and high.
        accuracy: Mean cross-validated share of networks whose level is predicted.
        spread: Standard deviation of that over the folds.
        baseline: Share of the most frequent level: what a tree without splits reaches.
        n: Networks with a finite score.
    """

    root: Node
    quantiles: tuple[float, float]
    accuracy: float
    spread: float
    baseline: float
    n: int

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The leaves: high ones, then medium, then low; in a level the largest share first, then from below."""
        rules = [
            Rule(
                " and ".join(_bound(*of, *ends) for of, ends in bounds.items()) or "all networks",
                leaf.level,
                leaf.share,
                max(leaf.shares),
            )
            for leaf, bounds in _leaves(self.root, {})
        ]
        return tuple(sorted(rules, key=lambda rule: (-LEVELS.index(rule.level), -rule.share)))


@validated
def decision_tree(
    columns: Mapping[str, AnyColumn],
    scores: Column,
    quantiles: tuple[float, float] = QUANTILES,
    depth: int = 3,
    folds: int = 5,
    seed: int = 0,
) -> Tree:
    """Fit a tree that predicts the level of a score from hyperparameters (the paper's Fig. 3).

    Of n ascending scores, the q-quantile is number ceil(q n): low are scores up to the first, high those above the
    second. So equal scores have the same level; with many of them, levels are larger or smaller than the quantiles
    say, and one may be empty. The tree is CART with Gini impurity; no leaf holds less than 2 % of the networks.
    Sibling leaves of the same level are merged, again and again: a split that decides nothing is not shown.
    Predictions, and so the accuracy, stay the same. The paper names neither its quantiles, except that the best
    30 % are high, nor the size of its trees, nor their accuracy.

    Source: Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees"; section VI-A.

    Args:
        columns: The hyperparameters of N networks, shape (N,) each: numbers, or the names of a category, of which
            one is split from all others at a time.
        scores: Shape (N,); networks without a finite score are left out. Only their order decides the tree.
        quantiles: Between low and medium, and between medium and high.
        depth: The most splits above a leaf, 1 or more.
        folds: Parts of the cross-validation, stratified by level, 2 or more: accuracy and spread (folds - 1 in the
            denominator) are of trees that are fitted without a fold, on that fold.
        seed: Decides which networks go into which fold, nothing else.

    Raises:
        InvalidInput: Fewer than five finite scores per fold, or depth, folds or quantiles out of range.
    """
    from sklearn.tree import DecisionTreeClassifier  # slow to import

    if depth < 1 or folds < 2:
        raise InvalidInput(f"depth = {depth} and folds = {folds} decide nothing; choose 1 and 2, or more.")
    if not 0 < quantiles[0] < quantiles[1] < 1:
        raise InvalidInput(f"quantiles = {quantiles} do not ascend between 0 and 1; choose such as {QUANTILES}.")
    wide = {(name, one): part for name, column in columns.items() for one, part in indicators(column).items()}
    table, values = scored_matrix(wide, scores, needed=PER_FOLD * folds)
    cuts = _cuts(values, quantiles)
    levels = np.searchsorted(np.asarray(cuts), values, side="left")
    fresh = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=MIN_LEAF, random_state=0)
    accuracies = _accuracies(fresh, table, levels, folds, seed)
    fitted = fresh.fit(table, levels).tree_
    return Tree(
        root=_node(fitted, 0, tuple(wide), table, levels, np.ones(len(values), dtype=np.bool_)),
        quantiles=cuts,
        accuracy=float(accuracies.mean()),
        spread=float(accuracies.std(ddof=1)),
        baseline=float(np.bincount(levels).max() / len(levels)),
        n=len(values),
    )


def _cuts(scores: Floats, quantiles: tuple[float, float]) -> tuple[float, float]:
    """Quantiles that are scores of the sample."""
    ordered = np.sort(scores)
    # Without the subtraction, 0.07 of 100 would be number 8: the product is 7.000000000000001.
    low, high = (float(ordered[math.ceil(q * len(ordered) - 1e-9) - 1]) for q in quantiles)
    return low, high


def _accuracies(fresh: Any, table: Floats, levels: NDArray[np.int64], folds: int, seed: int) -> Floats:
    """Share of each fold whose level is predicted by a tree fitted without it."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A level with fewer networks than folds, because scores are equal, is absent from some: no harm.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return np.asarray(cross_val_score(fresh, table, levels, cv=parts, scoring="accuracy"), dtype=np.float64)


def _node(
    fitted: Any,
    i: int,
    names: tuple[tuple[str, str], ...],
    table: Floats,
    levels: NDArray[np.int64],
    here: NDArray[np.bool_],
) -> Node:
    """Node i of a fitted tree and all below it, in which the networks of `here` are; merged where it can be."""
    counts = np.bincount(levels[here], minlength=len(LEVELS))
    low, medium, high = (counts / counts.sum()).tolist()
    leaf = Node(float(here.mean()), (low, medium, high))
    if fitted.children_left[i] < 0:
        return leaf
    column = table[:, fitted.feature[i]]
    # A threshold lies halfway between two values; the next value of the grid says the same and can be built.
    value = column[column > fitted.threshold[i]].min()
    below = _node(fitted, fitted.children_left[i], names, table, levels, here & (column < value))
    above = _node(fitted, fitted.children_right[i], names, table, levels, here & (column >= value))
    if below.split is None and above.split is None and below.level == above.level:
        return leaf
    name, category = names[fitted.feature[i]]
    number = int(value) if float(value).is_integer() else float(value)
    return replace(leaf, split=(name, category or number), below=below, above=above)


def _leaves(node: Node, bounds: Bounds) -> Iterator[tuple[Node, Bounds]]:
    """All leaves from below to above, each with the tightest bounds on the way to it, in the order of splits."""
    if node.split is None or node.below is None or node.above is None:
        yield node, bounds
        return
    name, value = node.split
    of, value = ((name, value), 1) if isinstance(value, str) else ((name, ""), value)
    # A split on a name that was split before lies within its bounds, so the last bounds are the tightest.
    low, high = bounds.get(of, (None, None))
    yield from _leaves(node.below, bounds | {of: (low, value)})
    yield from _leaves(node.above, bounds | {of: (value, high)})


def _bound(name: str, category: str, low: Any, high: Any) -> str:
    if category:
        return f"{name} is {category}" if high is None else f"{name} is not {category}"
    low, high = (f"{end:.4g}" if isinstance(end, float) else end for end in (low, high))
    if low is None:
        return f"{name} < {high}"
    return f"{name} >= {low}" if high is None else f"{low} <= {name} < {high}"
