"""Refinements of the paper's space on a closed form, from tables: a tenth of a second each.

What each stage adds to FLOPs and to the closed form of synflow depends on the stage and on the width before it.
With tables of both, sampling within a budget and scoring are look-ups. Everything else is that of the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.analysis.bootstrap import LEVEL, SHARE, exact_bootstrap
from netlore.closed_forms.objectives import SYNFLOW
from netlore.closed_forms.optimum import Optimum, optimum
from netlore.refinement.surrogate import blup, fit_surrogate
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.staged_counting import limited_measures, segment

LIMIT = 60
"""Rounds, at most."""
STAGES = 3
_LISTED = 100_000  # points of a box that are listed before anything is drawn
_TRIES = 200  # chunks of candidates, after which a box is taken to hold no more

Places = NDArray[np.intp]
Columns = dict[str, NDArray[np.int64]]
Box = dict[str, tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Stage:
    """What a stage can be: its points.

    Attributes:
        values: Hyperparameters, each of shape (points,).
        weights: Probabilities, shape (points,).
        after: Place of the width that is handed on, shape (points,).
        costs, gains: FLOPs, and what is added to ln S, shape (widths before, points).
    """

    values: Columns
    weights: Floats
    after: Places
    costs: NDArray[np.int64]
    gains: Floats

    @staticmethod
    def of(space: DesignSpace, number: int) -> Stage:
        """Of a space of AnyNets; before the first stage there is but one width."""
        widths = space.grids["w1"]
        parts = [segment(space, number, int(one)) for one in (widths if number else (0,))]
        values, weights = parts[0].values, np.ones(1)
        for one in space.distributions:
            if set(one.names) <= set(values):
                weights = np.multiply.outer(weights, one.probabilities).ravel()
        gains = [np.broadcast_to(SYNFLOW.compute(one.plan, one.resolution), weights.shape) for one in parts]
        costs = [limited_measures(space, one)[:, 0] for one in parts]
        return Stage(
            values, weights, np.searchsorted(widths, parts[0].interface), np.stack(costs), np.stack(gains)
        )

    def inside(self, box: Box) -> Places:
        """Places of the points in a box."""
        fits = [(column >= box[name][0]) & (column <= box[name][1]) for name, column in self.values.items()]
        return np.flatnonzero(np.logical_and.reduce(fits))


@dataclass(frozen=True, eq=False)
class Landscape:
    """The closed form over a space of AnyNets whose budget limits FLOPs alone."""

    space: DesignSpace

    @cached_property
    def stages(self) -> list[Stage]:
        """All stages."""
        return [Stage.of(self.space, number) for number in range(STAGES)]

    @cached_property
    def optimum(self) -> Optimum:
        """The optimum, with all that tie with it."""
        return optimum(self.space)

    def is_covered(self, box: Mapping[str, Sequence[int]]) -> bool:
        """Whether an optimum is in a box of intervals (low, high)."""
        return is_covered(box, self.optimum.tied)

    def totals(self, points: list[Places]) -> tuple[NDArray[np.int64], Floats]:
        """FLOPs and closed form of networks, shape (n,) each; `points` has an array of places for each stage."""
        costs, gains = np.zeros(len(points[0]), dtype=np.int64), np.zeros(len(points[0]))
        before = np.zeros(len(points[0]), dtype=np.intp)
        for stage, own in zip(self.stages, points, strict=True):
            costs += stage.costs[before, own]
            gains += stage.gains[before, own]
            before = stage.after[own]
        return costs, gains

    def columns(self, points: list[Places]) -> Columns:
        """Hyperparameters of networks."""
        parts = zip(self.stages, points, strict=True)
        return {name: column[own] for stage, own in parts for name, column in stage.values.items()}

    def sample(self, box: Box, count: int, rng: np.random.Generator) -> list[Places]:
        """Distinct networks of a box within the budget, with the probabilities of `netlore.sample`; fewer if there
        are fewer."""
        inside = [stage.inside(box) for stage in self.stages]
        weights = [stage.weights[own] for stage, own in zip(self.stages, inside, strict=True)]
        if np.prod([float(len(own)) for own in inside]) <= _LISTED:
            places = np.indices([len(own) for own in inside]).reshape(STAGES, -1)
            kept = places[:, self._within([own[one] for own, one in zip(inside, places, strict=True)])]
            logs = np.sum([np.log(weight[one]) for weight, one in zip(weights, kept, strict=True)], axis=0)
            # The largest of ln p plus Gumbel noise are a weighted draw without replacement.
            first = np.argsort(-(logs + rng.gumbel(size=len(logs))))[:count]
            return [own[one[first]] for own, one in zip(inside, kept, strict=True)]
        sizes = [len(stage.weights) for stage in self.stages]
        found: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        for _ in range(_TRIES):
            drawn = [
                _drawn(own, weight, 4 * count + 4_096, rng) for own, weight in zip(inside, weights, strict=True)
            ]
            fits = self._within(drawn)
            found = np.concatenate([found, np.ravel_multi_index([own[fits] for own in drawn], sizes)])
            found = found[np.sort(np.unique(found, return_index=True)[1])]
            if len(found) >= count:
                break
        return list(np.unravel_index(found[:count], sizes))

    def _within(self, points: list[Places]) -> NDArray[np.bool_]:
        low, high = self.space.budget.limits()["flops"]
        costs, _ = self.totals(points)
        return (costs >= low) & (costs <= high)


def _drawn(own: Places, weight: Floats, count: int, rng: np.random.Generator) -> Places:
    cumulative = np.cumsum(weight)
    places = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    found: Places = own[np.minimum(places, len(own) - 1)]
    return found


@dataclass(frozen=True)
class Rule:
    """How the intervals of a round come about.

    Attributes:
        networks: In each round.
        share: Of them in a resample.
        level: Of each interval.
        elites: 0: by the bootstrap of the round; else intervals are the range of the best networks of all rounds,
            by estimates between their scores and a quadratic: as many after the first round, of which `kept`
            stay after each further one, down to twelve.
        kept: See there.
        margin: Grid steps by which intervals are wider than that.
        patience: It ends when that many rounds have found the same.
    """

    networks: int = 500
    share: float = SHARE
    level: float = LEVEL
    elites: int = 0
    kept: float = 1.0
    margin: int = 0
    patience: int = 1


@dataclass(frozen=True)
class Course:
    """What became of one refinement.

    Attributes:
        covers: After each round, whether the box has an optimum.
        regret: What is missing to the optimum at the network with the highest score.
        scored: Networks.
        size: log10 of the points of the grids that are left.
    """

    covers: tuple[bool, ...]
    regret: float
    scored: int
    size: float


def refined(landscape: Landscape, rule: Rule, noise: float, seed: int) -> Course:
    """One refinement, from the whole space to its end, of scores with noise of that standard deviation."""
    rng, grids = np.random.default_rng(seed), landscape.space.grids
    box: Box = {name: (grid[0], grid[-1]) for name, grid in grids.items()}
    history: list[Box] = []
    covers: list[bool] = []
    memory = _Memory(grids, noise)
    best, regret, scored = -np.inf, np.inf, 0
    while len(covers) < LIMIT:
        points = landscape.sample(box, rule.networks, rng)
        _, gains = landscape.totals(points)
        scores = gains + noise * rng.standard_normal(len(gains))
        scored += len(scores)
        if scores.max() > best:
            best, regret = float(scores.max()), landscape.optimum.value() - float(gains[np.argmax(scores)])
        columns = landscape.columns(points)
        if rule.elites:
            memory.add(columns, scores)
            box = memory.range_of(max(12, round(rule.elites * rule.kept ** len(covers))))
        else:
            found = exact_bootstrap(scores, columns, max(1, round(rule.share * rule.networks)), rule.level)
            box = {name: (int(found[name].low), int(found[name].high)) for name in grids}
        box = {name: _wider(grids[name], ends, rule.margin) for name, ends in box.items()}
        covers.append(landscape.is_covered(box))
        if _is_over(box, history, rule):
            break
        history.append(box)
    return Course(tuple(covers), regret, scored, log_size(box, grids))


def is_covered(box: Mapping[str, Sequence[int]], optima: Sequence[Architecture]) -> bool:
    """Whether one of these is in a box of intervals (low, high)."""
    return any(all(low <= one.values[name] <= high for name, (low, high) in box.items()) for one in optima)


def log_size(box: Mapping[str, Sequence[int]], grids: Mapping[str, tuple[Any, ...]]) -> float:
    """log10 of the points of the grids in a box."""
    return sum(float(np.log10(sum(low <= value <= high for value in grids[n]))) for n, (low, high) in box.items())


def _is_over(box: Box, history: list[Box], rule: Rule) -> bool:
    """Single values; or, by the bootstrap, a box of any earlier round, else that of the last ones."""
    if all(low == high for low, high in box.values()):
        return True
    if not rule.elites:
        return box in history
    return len(history) >= rule.patience and all(one == box for one in history[-rule.patience :])


class _Memory:
    """All networks so far, each time they were scored."""

    def __init__(self, grids: Mapping[str, tuple[Any, ...]], noise: float) -> None:
        self.grids = {name: np.asarray(grid) for name, grid in grids.items()}
        self.noise = noise
        self.places: list[Places] = []
        self.scores: list[Floats] = []

    def add(self, columns: Columns, scores: Floats) -> None:
        """Remember a round."""
        self.places.append(np.stack([np.searchsorted(grid, columns[n]) for n, grid in self.grids.items()], axis=1))
        self.scores.append(scores)

    def range_of(self, count: int) -> Box:
        """The range of the best."""
        places, scores = np.concatenate(self.places), np.concatenate(self.scores)
        steps = np.array([max(1, len(grid) - 1) for grid in self.grids.values()])
        points, draws = 2 * places / steps - 1, np.ones(len(scores), dtype=np.intp)
        estimates = blup(scores, draws, fit_surrogate(points, scores, draws).at(points), self.noise)
        best = places[np.argsort(-estimates, kind="stable")[:count]]
        ends = zip(self.grids.items(), best.min(axis=0), best.max(axis=0), strict=True)
        return {name: (int(grid[low]), int(grid[high])) for (name, grid), low, high in ends}


def _wider(grid: tuple[int, ...], ends: tuple[int, int], margin: int) -> tuple[int, int]:
    low, high = (grid.index(one) for one in ends)
    return grid[max(0, low - margin)], grid[min(len(grid) - 1, high + margin)]
