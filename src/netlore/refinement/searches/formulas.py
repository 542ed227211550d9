"""Landscapes that are functions over the paper's space, of which the exact optimum is known by enumeration.

Each is the highest of some sums over stages, so that its optimum is found stage by stage:

    height = max over k of sum over stages i of f_k(i; d_i, w_i, g_i)

What is not allowed in f_k is minus infinity there; so an interaction of stages is the maximum over its cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.closed_forms.branch_and_bound import NEVER, highest_of_stages
from netlore.closed_forms.synaptic_flow import block_gain
from netlore.errors import InvalidInput, UnknownName
from netlore.refinement.searches.landscape import Landscape
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.families.anynet import anynet
from netlore.space.sampling import values_of
from netlore.space.staged_counting import Segment

Stage = Mapping[str, NDArray[Any]]
Summand = Callable[[int, Stage], Floats]
"""From a stage, 0 for the first, and its hyperparameters by letter (d, w, g, b), arrays of shape (n,), to what it
adds, shape (n,); minus infinity: not allowed."""

NOISE = 0.58
"""Standard deviation of ln synflow over initial weights, in nats: pooled over the stored scores of networks of the
paper's space that were initialised twice or more."""
BUDGET = (10e6, 50e6)
"""FLOPs, as in the paper."""

_LEVEL = 4.8
_UNIT = 1e-9  # of sums that are searched as whole numbers
_PERMUTED_BY = 2026
_STEP = 25.0
_HALF = 8
_SCALE = 100.0
_BROAD = ({"d": 15, "w": 3, "g": 3}, {"d": 15, "w": 4, "g": 3}, {"d": 3, "w": 5, "g": 1})
_NARROW = ({"d": 1, "w": 6, "g": 0}, {"d": 2, "w": 6, "g": 5}, {"d": 12, "w": 7, "g": 5})


def synflow_stage(stage: int, values: Stage) -> Floats:
    """What a stage adds to ln synflow: d ln(1 + 4.31 g sqrt w), and 4.8 with the first.

    The level is fitted to stored scores, the rest is `synflow_form`; the bottleneck ratio cancels.
    """
    d, w, g = (np.asarray(values[letter], dtype=np.float64) for letter in "dwg")
    return np.asarray(d * np.log1p(_gain() * g * np.sqrt(w)) + _LEVEL * (stage == 0))


def permuted_stage(stage: int, values: Stage) -> Floats:
    """The same after the grid of every d, w and g of every stage was permuted: neighbours have nothing in common,
    but each value has an effect of its own."""
    return synflow_stage(stage, {letter: _permutation(stage, letter)[values[letter]] for letter in "dwg"})


def peak_stage(stage: int, values: Stage, at: Sequence[Mapping[str, int]], height: float, slope: float) -> Floats:
    """A pyramid: height - slope |x - A|, where |x - A| is the mean over all d, w and g of the distance of places
    on the grid, as a share of the grid's length."""
    distance = [
        np.abs(_places(letter, values[letter]) - at[stage][letter]) / (len(_grid(letter)) - 1) for letter in "dwg"
    ]
    return np.asarray(height / len(at) - slope * np.sum(distance, axis=0) / (3 * len(at)))


def sided_stage(stage: int, values: Stage, sides: Sequence[bool]) -> Floats:
    """The form of synflow where depths lie on given sides of 8, and 25 nats more or less by all sides together:
    less where an even number of stages is shallow."""
    allowed = (np.asarray(values["d"]) <= _HALF) == sides[stage]
    bonus = _STEP * (1 if sum(sides) % 2 else -1) * (stage == 0)
    return np.where(allowed, synflow_stage(stage, values) + bonus, -np.inf)


SUMMANDS: Mapping[str, tuple[str, tuple[Summand, ...]]] = {
    "closed_form": ("the closed form of synflow", (synflow_stage,)),
    "permuted": ("the closed form on permuted grids", (permuted_stage,)),
    "two_peaks": (
        "a broad peak, and a higher and narrower one",
        (
            partial(peak_stage, at=_BROAD, height=_SCALE, slope=_SCALE),
            partial(peak_stage, at=_NARROW, height=1.2 * _SCALE, slope=4 * _SCALE),
        ),
    ),
    "interaction": (
        "the closed form, and an interaction of three depths without main effects",
        tuple(partial(sided_stage, sides=sides) for sides in product((False, True), repeat=3)),
    ),
}
"""What each landscape is, and the sums of which it is the highest."""


def formula(name: str, flops: tuple[float, float] = BUDGET, noise: float = 0.0) -> Landscape:
    """A landscape over the paper's space within a budget of FLOPs, by its name in `SUMMANDS`.

    Args:
        name: Which.
        flops: The budget.
        noise: Standard deviation, in nats; see `NOISE`.

    Raises:
        UnknownName: There is none of that name.
        InvalidInput: The budget is empty or the noise negative.
    """
    space, optimum, _ = _solved(name, flops)
    whole = Landscape(name, f"{SUMMANDS[name][0]}, {space.budget}", space, partial(heights, name, space), optimum)
    return whole.with_noise(noise)


def heights(name: str, space: DesignSpace, architectures: Sequence[Architecture]) -> Floats:
    """True scores of n architectures, shape (n,)."""
    values = values_of(space, architectures)
    stages = [{letter: values[f"{letter}{i}"] for letter in "dwgb"} for i in (1, 2, 3)]
    terms = [[summand(i, one) for i, one in enumerate(stages)] for summand in SUMMANDS[name][1]]
    return np.asarray(np.sum(terms, axis=1).max(axis=0), dtype=np.float64)


def optima(name: str, flops: tuple[float, float] = BUDGET) -> list[Architecture]:
    """All architectures that have the highest score of a landscape within a budget; errors as of `formula`."""
    return list(_solved(name, flops)[2])


@cache
def _solved(name: str, flops: tuple[float, float]) -> tuple[DesignSpace, float, tuple[Architecture, ...]]:
    """The space, the highest score in it, and who has it."""
    if name not in SUMMANDS:
        raise UnknownName("landscape", name, [*SUMMANDS])
    space = anynet(flops=flops)
    if not space.count_within_budget.value:
        raise InvalidInput(f"no architecture of {space.family} has {space.budget}; widen the budget.")
    found = [highest(space, one) for one in SUMMANDS[name][1]]
    height = max(one for one, _ in found)
    return space, height, tuple(each for one, tied in found if one == height for each in tied)


def highest(space: DesignSpace, summand: Summand) -> tuple[float, list[Architecture]]:
    """The highest sum over the stages of a space within its budget, and all architectures that have it; minus
    infinity and none if nothing is allowed."""

    def gains(stage: int, one: Segment) -> NDArray[np.int64]:
        found = summand(stage, {name.rstrip("0123456789"): column for name, column in one.values.items()})
        allowed = np.isfinite(found)
        return np.where(allowed, np.rint(np.where(allowed, found, 0) / _UNIT).astype(np.int64), NEVER)

    values, found = highest_of_stages(space, gains, 1)
    return (float(found.max()) * _UNIT, space.architectures(values)) if len(found) else (-np.inf, [])


@cache
def _gain() -> float:
    """4.31: what a block of width and group width 1 multiplies the mean signal by, less 1."""
    return float(block_gain(1.0, 1.0))


@cache
def _grid(letter: str) -> tuple[int, ...]:
    """Ascending; the same in all stages."""
    return tuple(anynet().grids[f"{letter}1"])


def _places(letter: str, values: NDArray[Any]) -> NDArray[np.intp]:
    return np.searchsorted(_grid(letter), values)


@cache
def _permutation(stage: int, letter: str) -> NDArray[np.int64]:
    """From a value to the one that stands for it."""
    grid = np.asarray(_grid(letter))
    table = np.zeros(grid.max() + 1, dtype=np.int64)
    table[grid] = np.random.default_rng((_PERMUTED_BY, stage, "dwg".index(letter))).permutation(grid)
    return table
