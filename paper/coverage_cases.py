"""Refinements by one rule, as they are kept, and how many of their boxes have the optimum after each round."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from netlore.analysis import Floats
from netlore.storage.atomic import write_whole
from paper.emulation import Course

ROUNDS = (1, 2, 3, 5, 10)
"""That tables show."""
_PIECE = 20  # refinements after which they are written


@dataclass(frozen=True, eq=False)
class Case:
    """All refinements by one rule.

    Attributes:
        text: The rule in words.
        covers: For each refinement and round whether its box has an optimum, shape (seeds, rounds); one that is
            over keeps its box.
        regrets, scored, sizes, lengths: Of each refinement; see `Course`. Lengths are rounds.
    """

    text: str
    covers: np.ndarray[Any, np.dtype[np.bool_]]
    regrets: Floats
    scored: Floats
    sizes: Floats
    lengths: Floats

    @staticmethod
    def of(text: str, courses: Sequence[Mapping[str, Any]]) -> Case:
        """From what was kept."""
        longest = max(*(len(one["covers"]) for one in courses), max(ROUNDS))
        covers = [[*one["covers"], *[one["covers"][-1]] * (longest - len(one["covers"]))] for one in courses]
        return Case(
            text,
            np.array(covers),
            regrets=np.array([float(one["regret"]) for one in courses]),
            scored=np.array([float(one["scored"]) for one in courses]),
            sizes=np.array([float(one["size"]) for one in courses]),
            lengths=np.array([float(len(one["covers"])) for one in courses]),
        )

    def share(self, number: int) -> tuple[float, float, float]:
        """How many boxes have an optimum after a round, with the ends of Wilson's 95 % interval; 0: at the end."""
        held = self.covers[:, number - 1]
        found = binomtest(int(held.sum()), len(held)).proportion_ci(method="wilson")
        return float(held.mean()), float(found.low), float(found.high)

    @property
    def worst(self) -> tuple[float, float, float]:
        """The lowest share after any round."""
        return min(self.share(number) for number in range(1, self.covers.shape[1] + 1))


def courses_of(
    path: Path, described: dict[str, Any], one: Callable[[int], Course], seeds: int
) -> list[dict[str, Any]]:
    """The refinements of a case by seeds: those that are kept, if they are of that case, and the missing ones."""
    there = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    courses = there["courses"] if there.get("asked") == described else []
    for seed in range(len(courses), seeds):
        courses.append(_rounded(one(seed)))
        if seed % _PIECE == _PIECE - 1 or seed == seeds - 1:
            write_whole(path, json.dumps({"asked": described, "courses": courses}).encode())
    return courses[:seeds]


def _rounded(course: Course) -> dict[str, Any]:
    found = asdict(course)
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}
