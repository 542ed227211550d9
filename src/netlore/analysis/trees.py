"""Decision trees from hyperparameters to low, medium or high scores (the paper's Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = ("low", "medium", "high")
QUANTILES = (0.3, 0.7)
"""Scores above the second quantile are high, those up to the first low: the paper's top class is its best 30 %."""


@dataclass(frozen=True)
class Node:
    """A node of a tree.

    Attributes:
        share: Part of all networks that reach it.
        shares: Parts of its networks that are low, medium and high.
        split: (name, value): networks with name >= value go to `above`, the others to `below`; None for a leaf.
        below: The node for name < value; None for a leaf.
        above: The node for name >= value; None for a leaf.
    """

    share: float
    shares: tuple[float, float, float]
    split: tuple[str, int] | None = None
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
        root: The first split.
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
        """The leaves, high ones first, then by share."""
        raise NotImplementedError


def decision_tree(
    columns: Mapping[str, NDArray[np.int64]],
    scores: NDArray[np.float64],
    quantiles: tuple[float, float] = QUANTILES,
    depth: int = 3,
    folds: int = 5,
    seed: int = 0,
) -> Tree:
    """Fit a tree that predicts the level of a score from hyperparameters."""
    raise NotImplementedError
