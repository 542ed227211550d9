"""Which of the networks that a search paid for are its best, by one rule for all methods, and how good they are.

Two rules, so that a method's search and its selection can be separated by crossing them: whose networks are
scored, times by which rule the best of them are taken.

- *own mean*: by the mean of a network's own scores.
- *shrunken worth*: by the best linear unbiased prediction between that mean and a quadratic that is fitted to all
  scores the search paid for (`surrogate.blup`), with the landscape's noise, which is known. Without noise it is
  the own mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.elite_scores import ELITE, Codes, best_first, means_of, numbered
from netlore.errors import InvalidInput
from netlore.refinement.elites import points_of, ranges
from netlore.refinement.searches.ledger import Ledger
from netlore.refinement.surrogate import blup, fit_surrogate
from netlore.space.architecture import Architecture
from netlore.space.sampling import values_of

OWN, SHRUNKEN = "own mean", "shrunken worth"


@dataclass(frozen=True, eq=False)
class Selection:
    """The best networks by a rule.

    Attributes:
        elites: Twelve, or fewer, the best first.
        regret: The highest true score of the space less that of the first.
        elite_regret: The same of all elites, in the mean.
        bias: How much higher they were taken to be than they are, in the mean: the winner's curse.
    """

    elites: tuple[Architecture, ...]
    regret: float
    elite_regret: float
    bias: float


@dataclass(frozen=True, eq=False)
class Paid:
    """What a search has paid for, to be judged after any number of scores."""

    ledger: Ledger

    def selection(self, rule: str, scores: int | None = None, elites: int = ELITE) -> Selection | None:
        """The best networks after that many paid scores, of equal estimates the smaller id; None without a score.

        Args:
            rule: A name in `RULES`.
            scores: Paid scores, at least 1; None, or more than were paid: all.
            elites: How many networks.

        Raises:
            InvalidInput: No score, or no elite.
        """
        if (scores is not None and scores < 1) or elites < 1:
            raise InvalidInput(f"scores = {scores} and elites = {elites} must be positive; give 1 or more.")
        codes, values = self._codes[:scores], np.asarray(self.ledger.scores[:scores], dtype=np.float64)
        means, draws = means_of(values, codes, len(self._distinct))
        known = np.flatnonzero(draws > 0)
        if not len(known):
            return None
        found = RULES[rule](self, known, means[known], draws[known])
        order = best_first(found.tolist(), [self._distinct[place].id for place in known])[:elites]
        chosen, landscape = known[order], self.ledger.landscape
        below = landscape.optimum - self._heights[chosen]
        return Selection(
            tuple(self._distinct[place] for place in chosen.tolist()),
            float(below[0]),
            float(below.mean()),
            float((found[order] - self._heights[chosen]).mean()),
        )

    def shrunken(self, known: Codes, means: Floats, draws: Codes) -> Floats:
        """Estimates by own scores and the quadratic, shape (n,)."""
        noise = self.ledger.landscape.noise
        if not noise:
            return means
        points = self._points[known]
        return blup(means, draws, fit_surrogate(points, means, draws).at(points), noise)

    @cached_property
    def _numbers(self) -> tuple[list[Architecture], Codes]:
        numbers: dict[Any, int] = {}
        codes = numbered(self.ledger.architectures, numbers)
        return list(numbers), codes

    @property
    def _distinct(self) -> list[Architecture]:
        return self._numbers[0]

    @property
    def _codes(self) -> Codes:
        return self._numbers[1]

    @cached_property
    def _heights(self) -> Floats:
        return np.asarray(self.ledger.landscape.heights(self._distinct), dtype=np.float64)

    @cached_property
    def _points(self) -> Floats:
        space = self.ledger.landscape.space
        return points_of(space, values_of(space, self._distinct))


Rule = Callable[[Paid, Codes, Floats, Codes], Floats]

RULES: Mapping[str, Rule] = {
    OWN: lambda paid, known, means, draws: means,
    SHRUNKEN: lambda paid, known, means, draws: paid.shrunken(known, means, draws),
}
"""From what was paid, the numbers of networks, the means of their scores and how many each has, to estimates."""


def outcome(ledger: Ledger, seconds: float, at: Sequence[int]) -> dict[str, Any]:
    """What a search came to, as JSON-able values, all of it by either rule.

    Args:
        ledger: What was paid.
        seconds: Of computing, all but scores.
        at: Numbers of paid scores at which the pick is judged.

    Returns:
        `paid` scores, `distinct` networks among them, how many were `asked` for, `flops` of all that was paid,
        `seconds`; `course`: by rule the regret of the pick at each of these numbers, None without a score; a
        search that is over keeps its pick; `course_flops` likewise; `ends`: by rule the pick's and the elites'
        regret, the bias, and for each hyperparameter the elites' (lowest, middle, highest) value, or its names.

    Raises:
        InvalidInput: Nothing that the search paid for has a score.
    """
    paid, flops = Paid(ledger), np.cumsum(ledger.flops)
    ends = {rule: paid.selection(rule) for rule in RULES}
    if not flops.size or not all(ends.values()):
        raise InvalidInput(f"0 of {len(ledger.scores)} networks have a score; choose another landscape.")
    return {
        "paid": len(ledger.scores),
        "distinct": len(set(ledger.architectures)),
        "asked": ledger.asked,
        "flops": float(flops[-1]),
        "seconds": seconds,
        "course": {rule: [_regret(paid.selection(rule, n)) for n in at] for rule in RULES},
        "course_flops": [float(flops[min(n, len(flops)) - 1]) for n in at],
        "ends": {rule: _end(ledger, found) for rule, found in ends.items() if found is not None},
    }


def _regret(found: Selection | None) -> float | None:
    return None if found is None else found.regret


def _end(ledger: Ledger, found: Selection) -> dict[str, Any]:
    space = ledger.landscape.space
    estimates = ranges(found.elites, space)
    intervals = {name: _interval(estimates[name]) for name in space.hyperparameters}
    pick = str(found.elites[0].string or found.elites[0])
    kept = {"regret": found.regret, "elite_regret": found.elite_regret, "bias": found.bias}
    return {**kept, "pick": pick, "intervals": intervals}


def _interval(estimate: Any) -> Any:
    """Low, middle and high; of a category the share of each name."""
    shares = getattr(estimate, "shares", None)
    return [*estimate] if shares is None else dict(shares)
