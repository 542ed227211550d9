"""Which networks an interactive page shows when there are more than it can hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netlore.report.data import StudyData

BEST = 20

Rows = NDArray[np.int64]
"""Positions of rows of a frame, ascending."""


def thinned(findings: StudyData, limit: int) -> tuple[list[Rows], list[Rows]]:
    """Choose at most about `limit` networks: rows of every sample's frame, rows of every refinement's networks.

    The best 20 of every replicate of a refinement, and the best 20 of a sample for every predictor, are always
    shown, even beyond the limit. Next come the samples; what room is left is shared evenly by the rounds of all
    refinements. Where not all networks of a sample or a round have room, those shown lie evenly among them.

    Returns:
        Per sample and per refinement the rows that are shown.
    """
    sure_samples = [
        _together([_best(one.frame[name].to_numpy(float)) for name in one.predictors]) for one in findings.samples
    ]
    rounds = [_rounds(one.networks) for one in findings.refinements]
    sure_refined = [
        _together([rows[_best(scores[rows])] for rows in _replicates(one.networks)])
        for one in findings.refinements
        for scores in [one.networks["score"].to_numpy(float)]
    ]
    room = limit - sum(map(len, sure_refined))
    samples = _filled([[np.arange(len(one.frame))] for one in findings.samples], sure_samples, room)
    refined = _filled(rounds, sure_refined, limit - sum(map(len, samples)))
    return samples, refined


def shares(sizes: Sequence[int], room: int) -> list[int]:
    """Share a room evenly: all get the same, except that nobody gets more than its size.

    >>> shares([10, 100, 100], 70)
    [10, 30, 30]
    >>> shares([5, 5], 3)
    [2, 1]
    """
    given = [0] * len(sizes)
    left = max(0, room)
    for rank, index in enumerate(sorted(range(len(sizes)), key=lambda i: sizes[i])):
        given[index] = min(sizes[index], -(-left // (len(sizes) - rank)))
        left -= given[index]
    return given


def evenly(rows: Rows, count: int) -> Rows:
    """Choose `count` rows that lie evenly among the given ones.

    >>> evenly(np.arange(10), 5)
    array([0, 2, 4, 6, 8])
    """
    return rows[np.arange(count) * len(rows) // max(1, count)]


def _filled(groups: Sequence[Sequence[Rows]], sure: Sequence[Rows], room: int) -> list[Rows]:
    """Rows of each frame: the sure ones, and of its groups of other rows as many as there is room for."""
    others = [[np.setdiff1d(rows, kept) for rows in group] for group, kept in zip(groups, sure, strict=True)]
    sizes = [len(rows) for group in others for rows in group]
    counts = iter(shares(sizes, room - sum(map(len, sure))))
    return [
        _together([kept, *(evenly(rows, next(counts)) for rows in group)])
        for group, kept in zip(others, sure, strict=True)
    ]


def _best(scores: NDArray[np.float64]) -> Rows:
    """The rows of the highest scores, those without a score left out."""
    rows = np.flatnonzero(np.isfinite(scores))
    return rows[np.argsort(-scores[rows], kind="stable")[:BEST]]


def _replicates(networks: pd.DataFrame) -> list[Rows]:
    """The rows of every replicate."""
    seeds = networks["seed"].to_numpy()
    return [np.flatnonzero(seeds == seed) for seed in np.unique(seeds)]


def _rounds(networks: pd.DataFrame) -> list[Rows]:
    """The rows of every round of every replicate."""
    rounds = networks["round"].to_numpy()
    return [rows[rounds[rows] == number] for rows in _replicates(networks) for number in np.unique(rounds[rows])]


def _together(parts: Sequence[Rows]) -> Rows:
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
