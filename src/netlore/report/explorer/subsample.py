"""Which networks an interactive page shows when there are more than it can hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netlore.report.data import RefinementData, StudyData
from netlore.report.sample_data import SampleData

BEST = 20

Rows = NDArray[np.int64]
"""Positions of rows of a frame, ascending."""


def thinned(study: StudyData, limit: int) -> tuple[list[Rows], list[Rows]]:
    """Choose at most about `limit` networks: rows of every sample's frame, rows of every refinement's networks.

    The best 20 of every replicate of a refinement, and the best 20 of a sample for every predictor, are always
    shown, even beyond the limit. Next come the samples; what room is left is shared evenly by the rounds of all
    refinements. Where not all networks of a sample or a round have room, those shown lie evenly among them.
    """
    sampled = [_of_sample(one) for one in study.samples]
    refined = [_of_refinement(one) for one in study.refinements]
    samples = _filled(sampled, limit - sum(len(sure) for sure, _ in refined))
    return samples, _filled(refined, limit - sum(map(len, samples)))


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


def _filled(frames: Sequence[tuple[Rows, list[Rows]]], room: int) -> list[Rows]:
    """Rows of each frame: the sure ones, and of its groups of others as many as there is room for."""
    others = [[np.setdiff1d(rows, sure) for rows in groups] for sure, groups in frames]
    sizes = [len(rows) for groups in others for rows in groups]
    counts = iter(shares(sizes, room - sum(len(sure) for sure, _ in frames)))
    return [
        _together([sure, *(evenly(rows, next(counts)) for rows in groups)])
        for (sure, _), groups in zip(frames, others, strict=True)
    ]


def _of_sample(one: SampleData) -> tuple[Rows, list[Rows]]:
    """The best rows by every predictor, and all rows."""
    best = _together([_best(one.frame[name].to_numpy(float)) for name in one.predictors])
    return best, [np.arange(len(one.frame))]


def _of_refinement(one: RefinementData) -> tuple[Rows, list[Rows]]:
    """The best rows of every replicate, and the rows of every round of every replicate."""
    seeds, rounds, scores = (one.networks[name].to_numpy() for name in ("seed", "round", "score"))
    replicates = [np.flatnonzero(seeds == seed) for seed in np.unique(seeds)]
    groups = [rows[rounds[rows] == number] for rows in replicates for number in np.unique(rounds[rows])]
    return _together([rows[_best(scores[rows])] for rows in replicates]), groups


def _best(scores: NDArray[np.float64]) -> Rows:
    """The rows of the highest scores, those without a score left out."""
    rows = np.flatnonzero(np.isfinite(scores))
    return rows[np.argsort(-scores[rows], kind="stable")[:BEST]]


def _together(parts: Sequence[Rows]) -> Rows:
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
