"""Claims of the paper on how refinements go and what they cost (Figs. 4, 5 and 10), each cut into checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from reproduction_claims import DATA, LIMITS, PREDICTORS, Check, Claim, missing

from netlore.refinement.result import Refinement, Round
from netlore.report.data import RefinementData, StudyData

Found = tuple[str, bool | None]

STRAIGHT = 0.9  # R^2 of a straight line
SPREAD = ("grad_norm", "snip", "grasp", "fisher", "jacov")


class Replicate(NamedTuple):
    """One replicate of a refinement."""

    run: RefinementData
    found: Refinement

    def scores(self, entry: Round) -> NDArray[np.float64]:
        """The finite scores of a round on their scale."""
        return self.run.scores(entry)


def replicates(study: StudyData, data: str, predictor: str) -> tuple[Replicate, ...]:
    """The replicates of a refinement, none if there is no such run."""
    for one in study.refined(data):
        if one.predictor == predictor:
            return tuple(Replicate(one, found) for found in one.refinements)
    return ()


def basis(one: Replicate) -> str:
    """What a number of a refinement rests on."""
    return f"n = {one.run.configuration.networks} a round, seed {one.found.seed}"


def each(
    study: StudyData,
    predictors: Sequence[str],
    paper: Callable[[str, str], str],
    look: Callable[[Replicate], Found],
    data: Sequence[str] = tuple(DATA),
) -> tuple[Check, ...]:
    """A check per data set, predictor and seed; `paper` gives the paper's value for (data, predictor)."""
    checks = []
    for one in data:
        for name in predictors:
            what, printed = f"{DATA[one]}, {name}", paper(one, name)
            found = replicates(study, one, name)
            checks += [Check(what, printed, *_between(look(which), basis(which))) for which in found]
            if not found:
                checks.append(missing(what, printed))
    return tuple(checks)


def _between(found: Found, rests_on: str) -> tuple[str, str, bool | None]:
    return found[0], rests_on, found[1]


def course_claims(study: StudyData) -> list[Claim]:
    """Figs. 4 and 5: scores get better, spaces smaller."""
    return [
        Claim(
            "Fig. 4",
            "Each iteration results in a better score distribution",
            "the mean of the transformed scores rises in every round after the first",
            each(study, PREDICTORS, lambda *_: "all rise", _rises),
            "Late rounds sample almost the same space as the round before, so means differ by chance too; the "
            "largest fall is given in standard errors of the difference.",
        ),
        Claim(
            "Fig. 5",
            "|Omega| shrinks exponentially",
            f"a straight line through log10 |Omega| over the rounds has an R^2 of at least {STRAIGHT}",
            each(study, PREDICTORS, lambda *_: "exponential", _shrinks),
            "A refinement that shrinks fast in its first rounds and hardly at all in its last bends the line.",
        ),
    ]


def _rises(one: Replicate) -> Found:
    scores = [one.scores(entry) for entry in one.found.rounds]
    means = [float(found.mean()) for found in scores]
    steps = len(means) - 1
    if steps == 0:
        return "one round", None
    worst = 0.0
    for before, after in pairwise(scores):
        error = math.sqrt(sum(float(found.var()) / len(found) for found in (before, after)))
        fall = float(before.mean() - after.mean())
        worst = max(worst, fall / error if error > 0 else 0.0)
    rising = sum(after > before for before, after in pairwise(means))
    text = f"{rising} of {steps} rise, from {means[0]:.5g} to {means[-1]:.5g}"
    return text + (f"; largest fall {worst:.1f} standard errors" if worst else ""), rising == steps


def _shrinks(one: Replicate) -> Found:
    sizes = np.log10(np.asarray(one.found.cardinalities, dtype=np.float64))
    if len(sizes) < 3:
        return "too few rounds", None
    rounds = np.arange(len(sizes))
    slope, start = np.polyfit(rounds, sizes, 1)
    left = float(np.sum((sizes - start - slope * rounds) ** 2))
    r2 = 1 - left / float(np.sum((sizes - sizes.mean()) ** 2))
    ended = f"{len(sizes) - 1} rounds, {one.found.cardinalities[-1]:,} left"
    text = f"R^2 = {r2:.3f}, a factor of {10**slope:.2g} a round, {ended}"
    return text, r2 >= STRAIGHT


def cost_claims(study: StudyData, table: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[Claim]:
    """Fig. 10: what refined networks cost. The paper's values are those of its networks in Table II."""
    top, logdet, synflow = LIMITS[1], ("logdet",), ("synflow",)
    wide = (LIMITS[1] - LIMITS[0]) / 2

    def printed(measure: str) -> Callable[[str, str], str]:
        unit = " M FLOPs" if measure == "mflops" else f" {measure}"
        return lambda data, name: f"Table II: {table[data][f'paper/{data}/{name}'][measure]:,}{unit}"

    flops, params, activations = (printed(one) for one in ("mflops", "params", "activations"))
    checked = (
        (
            "logdet drives FLOPs to the budget's limit",
            "the median of the last round is at least 45 M, nine tenths of the limit",
            each(study, logdet, flops, lambda s: _flops(s, 0.9 * top)),
        ),
        (
            "synflow tends to many FLOPs",
            "the median of the last round is at least 40 M, in the uppermost quarter of the budget",
            each(study, synflow, flops, lambda s: _flops(s, 0.8 * top)),
        ),
        (
            "logdet minimises parameters",
            "the median of the last round is below that of the first",
            each(study, logdet, params, lambda s: _moves(s, "params", -1)),
        ),
        (
            "logdet maximises activations",
            "the median of the last round is above that of the first",
            each(study, logdet, activations, lambda s: _moves(s, "activations", 1)),
        ),
        (
            "The networks of the other predictors are distributed across the budget of FLOPs",
            f"the last round's interval of FLOPs is at least {wide / 1e6:g} M long, half of the budget",
            each(study, SPREAD, flops, lambda s: _spreads(s, wide)),
        ),
    )
    return [Claim("Fig. 10", *one) for one in checked]


def _flops(one: Replicate, least: float) -> Found:
    low, median, high = one.found.rounds[-1].estimates["flops"]
    return f"median {median / 1e6:.1f} M, 95 % {low / 1e6:.1f} to {high / 1e6:.1f} M", median >= least


def _moves(one: Replicate, measure: str, sign: int) -> Found:
    first, last = (one.found.rounds[i].estimates[measure][1] for i in (0, -1))
    return f"median {first:,.0f} in the first round, {last:,.0f} in the last", sign * (last - first) > 0


def _spreads(one: Replicate, wide: float) -> Found:
    low, _, high = one.found.rounds[-1].estimates["flops"]
    return f"95 % {low / 1e6:.1f} to {high / 1e6:.1f} M", high - low >= wide
