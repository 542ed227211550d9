"""Does the refinement with memory keep the optimum? The package's own search where optima are known."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np

from netlore.refinement.elite_refinement import EliteRefinement
from netlore.refinement.loop import SearchSettings, run
from netlore.refinement.methods import MEMORY
from netlore.refinement.searches.formulas import BUDGET, NOISE, formula, optima
from netlore.refinement.searches.landscape import Landscape
from netlore.refinement.searches.ledger import Ledger
from netlore.space.interval import Interval
from paper.emulation import Course, is_covered, log_size

REPLICATES = 5
"""Seeds of which the one with the best elites counts, where several are run."""


@dataclass(frozen=True)
class Setting:
    """Where it searches.

    Attributes:
        landscape: A name in `formulas.SUMMANDS`.
        flops: The budget.
        noise: Of scores, in units of the measured one.
    """

    landscape: str = "closed_form"
    flops: tuple[float, float] = BUDGET
    noise: float = 1.0

    @cached_property
    def made(self) -> Landscape:
        """The landscape."""
        return formula(self.landscape, self.flops, self.noise * NOISE)

    def covers(self, box: dict[str, Interval]) -> bool:
        """Whether an optimum is in a box."""
        return is_covered(box, optima(self.landscape, self.flops))


@dataclass(frozen=True)
class Remembered(Course):
    """A course whose regret is that of the first elite.

    Attributes:
        height: What the elites' own scores have as their mean, by which one seed is preferred to another.
    """

    height: float


REMEMBERED = {
    "memory": ("with memory", Setting()),
    "memory-noise-0": ("with memory, without noise", Setting(noise=0)),
    "memory-noise-5": ("with memory, noise five times as high", Setting(noise=5)),
    "memory-5-20": ("with memory, 5 to 20 MFLOPs", Setting(flops=(5e6, 20e6))),
    "memory-25-100": ("with memory, 25 to 100 MFLOPs", Setting(flops=(25e6, 100e6))),
    "memory-interaction": ("with memory, an interaction of three depths", Setting("interaction")),
    "memory-two-peaks": ("with memory, two peaks", Setting("two_peaks")),
    "memory-permuted": ("with memory, permuted grids", Setting("permuted")),
}
"""Settings, and what they are called. The first five are smooth; a quadratic fits none of the others."""
HOSTILE = ("memory-interaction", "memory-two-peaks", "memory-permuted")


def remembered(setting: Setting, seed: int) -> Remembered:
    """One refinement with memory, to its end."""
    landscape = setting.made
    ledger = Ledger(landscape, seed, sys.maxsize, rescores=True)
    settings = SearchSettings(landscape.space, landscape.predictor, seed, MEMORY.networks, sys.maxsize)
    search = cast(EliteRefinement, MEMORY.search(settings))
    found = run(search, ledger.scored)
    if found is None:
        raise RuntimeError(f"{landscape.title} has no score")
    return Remembered(
        covers=tuple(setting.covers(one.intervals) for one in found.rounds),
        regret=landscape.optimum - float(landscape.heights(found.elites[:1])[0]),
        scored=len(ledger.scores),
        size=log_size(found.principles, landscape.space.grids),
        height=float(np.mean([search.memory.mean(one) for one in found.elites])),
    )


def best_of(courses: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each five seeds the one whose elites have the highest scores; it costs what all of them cost."""
    groups = [courses[start : start + REPLICATES] for start in range(0, len(courses), REPLICATES)]
    best = [(max(group, key=lambda one: one["height"]), sum(one["scored"] for one in group)) for group in groups]
    return [{**one, "scored": scored} for one, scored in best]


def asked(setting: Setting) -> dict[str, Any]:
    """What identifies kept courses."""
    return {"method": MEMORY.name, "unit": NOISE, **asdict(setting), "flops": list(setting.flops)}
