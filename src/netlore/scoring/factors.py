"""Factors: what scores depend on beside network and predictor, and the conditions that differ in one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from netlore.data import Task, task
from netlore.data.reading import AS_IT_IS, Reading
from netlore.errors import InvalidInput

WEIGHTS, BATCHES, SIZES, DATA, PRECISION = "weights", "batches", "batch-sizes", "data", "precision"
FACTORS = (WEIGHTS, BATCHES, SIZES, DATA, PRECISION)
"""What scores depend on beside network and predictor: initial weights, which images of the data set, how many, of
which data set, and in which precision."""
CHANCE = (WEIGHTS, BATCHES)
"""Factors that are drawn: what they change is noise. The others are chosen, once for all networks of a run."""
USUAL = "usual"


@dataclass(frozen=True)
class Condition:
    """What networks are shown, and in which precision; each is initialised `draws` times."""

    data: str
    batch_size: int
    data_seed: int
    dtype: str
    draws: int = 1
    reading: Reading = AS_IT_IS

    def make_task(self) -> Task:
        """The batch."""
        return task(self.data, self.batch_size, self.data_seed, **self.reading.given())


@dataclass(frozen=True)
class ReliabilityDesign:
    """The conditions under which networks are scored: the usual one, and others that differ in one factor each.

    Attributes:
        data, batch_size, data_seed, dtype: The usual condition.
        factors: What is varied, of `FACTORS`.
        draws: Initial weights of each network, by consecutive draws.
        batches: Batches, by consecutive seeds.
        batch_sizes: Numbers of images, the usual one among them or not.
        others: Further data sets; each network is built for their classes and images.
        reading: How all of them are read; columns are those of `data` alone.
    """

    data: str = "cifar10"
    batch_size: int = 64
    data_seed: int = 0
    dtype: str = "float32"
    factors: tuple[str, ...] = FACTORS
    draws: int = 3
    batches: int = 3
    batch_sizes: tuple[int, ...] = (16, 32, 64)
    others: tuple[str, ...] = ("cifar100", "digits")
    reading: Reading = AS_IT_IS

    def __post_init__(self) -> None:
        for one in self.factors:
            if one not in FACTORS:
                raise InvalidInput(f"factor {one!r} is not known; choose from {', '.join(FACTORS)}.")
        for factor in dict.fromkeys(self.factors):
            if len(self.columns(factor)) < 2:
                raise InvalidInput(f"factor {factor} has one condition; give two or more, or leave it out.")

    def conditions(self) -> dict[str, Condition]:
        """All of them by name, the usual one first."""
        draws = self.draws if WEIGHTS in self.factors else 1
        found = {USUAL: Condition(self.data, self.batch_size, self.data_seed, self.dtype, draws, self.reading)}
        for factor in dict.fromkeys(self.factors):
            found |= {name: one for name, one in self._varied(factor).items() if name != USUAL}
        return found

    def columns(self, factor: str) -> tuple[tuple[str, int], ...]:
        """The condition and the draw of each column of a factor's table."""
        if factor == WEIGHTS:
            return tuple((USUAL, draw) for draw in range(self.draws))
        return tuple((name, 0) for name in self._varied(factor))

    def _varied(self, factor: str) -> dict[str, Condition]:
        data, size, seed, dtype = self.data, self.batch_size, self.data_seed, self.dtype
        usual = Condition(data, size, seed, dtype, reading=self.reading)
        apart = self.reading.of_other_data()
        other = "float64" if dtype == "float32" else "float32"
        found = {
            WEIGHTS: {},
            BATCHES: {f"batch-{k}": replace(usual, data_seed=seed + k) for k in range(1, self.batches)},
            SIZES: {f"images-{n}": replace(usual, batch_size=n) for n in self.batch_sizes if n != size},
            DATA: {f"data-{k}": replace(usual, data=name, reading=apart) for k, name in enumerate(self.others, 1)},
            PRECISION: {other: replace(usual, dtype=other)},
        }[factor]
        if factor == SIZES and size not in self.batch_sizes:
            return found
        return {USUAL: usual, **found}
