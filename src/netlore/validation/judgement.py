"""How well one quantity, a predictor's score or a mere count such as FLOPs, ranks networks by accuracy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.correlation import FEWEST
from netlore.analysis.initialisation_noise import InitialisationNoise, initialisation_noise
from netlore.analysis.rank_agreement import Codes, kendall_samples, partial_samples, spearman_samples
from netlore.analysis.resampling import Counts, Statistic, statistic_of
from netlore.analysis.selection_quality import expected_best, ndcg, precision_among_best
from netlore.validation.ground import Ground

COURSE = 50
"""How many networks a curve of regret goes on for."""


class Course(NamedTuple):
    """The regret of training the best 1, 2, ... networks by score, in the accuracies' unit, shape (k,)."""

    networks: Floats
    regret: Floats


@dataclass(frozen=True, eq=False)
class Judgement:
    """How well a quantity ranks networks by accuracy. What is undefined has a reason, or is None.

    A network has failed if no draw has a score. Failures last: they rank behind all others, tied; dropped: they
    are left out. Where there is a single convention, it is failures last.

    Attributes:
        name: The quantity.
        scores: What ranks the networks, shape (n,), NaN for failures: the score, or of several draws the mean
            rank.
        kendall, spearman: Failures last.
        kendall_dropped, spearman_dropped: Without failures.
        ndcg: See `analysis.selection_quality`.
        precision: Share of the best `best` networks by score that are among as many by accuracy.
        best: A tenth of the networks.
        regret, regret_of_ten: The highest accuracy less that of the best network by score, and less the highest
            among the ten best by score; in the accuracies' unit.
        course: The same for every number of networks.
        partial: Spearman, given the costs named in `given`.
        within_flops: Kendall within bands of equal FLOPs.
        within_layers: Kendall within equal numbers of layers.
        noise: What initialisation does; None for fewer than two draws, and where it is undefined.
        samples: Kendall, failures last, of all networks and of each resample, shape (1 + r,); NaN where undefined.
    """

    name: str
    scores: Floats
    kendall: Statistic
    spearman: Statistic
    kendall_dropped: Statistic
    spearman_dropped: Statistic
    ndcg: float | None
    precision: float | None
    best: int
    regret: float | None
    regret_of_ten: float | None
    course: Course | None
    partial: Statistic
    given: tuple[str, ...]
    within_flops: Statistic
    within_layers: Statistic
    noise: InitialisationNoise | None
    samples: Floats

    @property
    def failed(self) -> int:
        """How many networks have no score."""
        return int(np.isnan(self.scores).sum())


def judge(name: str, draws: Floats, base: Ground) -> Judgement:
    """Judge a quantity by its values of each network, shape (n, draws), NaN where there is none; higher is better.

    Of several draws, all scores are ranked together, and a network's rank is the mean of its draws'.
    """
    scores = mean_ranks(draws)
    last, why = failures_last(scores), _undefined(scores, base)
    given, costs = base.given(name), base.costs

    def within(strata: Floats | Codes | None, what: str) -> Statistic:
        if strata is None:
            return Statistic(None, n=base.n, reason=f"{what} are not known")
        codes = np.unique(strata, return_inverse=True)[1]
        alike = f"where {what} are equal, all its values or all accuracies are, too"
        return _statistic(why, base.n, lambda: kendall_samples(last, base.accuracies, base.counts, codes), alike)

    samples = np.full(1 + len(base.counts), np.nan) if why else kendall_samples(last, base.accuracies, base.counts)
    kendall = _statistic(why, base.n, lambda: samples)
    spearman = _statistic(why, base.n, lambda: spearman_samples(last, base.accuracies, base.counts))
    return Judgement(
        name=name,
        scores=scores,
        kendall=kendall,
        spearman=spearman,
        kendall_dropped=_dropped(kendall, kendall_samples, scores, base),
        spearman_dropped=_dropped(spearman, spearman_samples, scores, base),
        ndcg=None if why else ndcg(last, base.accuracies, base.point),
        precision=None if why else precision_among_best(last, base.accuracies, base.best),
        best=base.best,
        regret=None if why else _regret(last, base, 1),
        regret_of_ten=None if why else _regret(last, base, 10),
        course=None if why else regret_course(last, base),
        partial=_statistic(
            why or ("" if given else "no costs are known"),
            base.n,
            lambda: partial_samples(last, base.accuracies, [*given.values()], base.counts),
            f"{' and '.join(given)} determine its ranks, or those of the accuracies",
        ),
        given=tuple(given),
        within_flops=within(base.flops_bands, "FLOPs"),
        within_layers=within(costs.get("layers"), "layers"),
        noise=initialisation_noise(draws) if draws.shape[1] > 1 else None,
        samples=samples,
    )


def difference(one: Judgement, other: Judgement) -> Statistic:
    """How much higher the Kendall correlation of one is than the other's, failures last, on the same networks.

    The interval is that of the difference over common resamples; judgements of different ground do not compare.
    """
    why = one.kendall.reason or other.kendall.reason
    return _statistic(why, len(one.scores), lambda: one.samples - other.samples)


def _statistic(why: str, n: int, samples: Callable[[], Floats], undefined: str = "it is undefined") -> Statistic:
    """A statistic of samples, or why there is none; `undefined` says so of one that turns out to be."""
    return Statistic(None, n=n, reason=why) if why else statistic_of(samples(), n, undefined)


def _dropped(
    whole: Statistic, samples: Callable[[Floats, Floats, Counts], Floats], scores: Floats, base: Ground
) -> Statistic:
    """The same statistic without failures."""
    known = np.isfinite(scores)
    if known.all():
        return whole
    part = Ground(base.accuracies[known], {}, base.point, base.counts[:, known])
    why = _undefined(scores[known], part)
    return _statistic(why, part.n, lambda: samples(scores[known], part.accuracies, part.counts))


def mean_ranks(draws: Floats) -> Floats:
    """What ranks the networks, shape (n,): the only draw as it is, or the mean rank of several; NaN for failures.

    >>> mean_ranks(np.array([[0.1, 0.4], [0.2, np.nan], [np.nan, np.nan]])).tolist()
    [2.0, 2.0, nan]
    """
    from scipy.stats import rankdata  # slow to import

    values = np.where(np.isfinite(draws), draws, np.nan)
    if values.shape[1] == 1:
        return np.asarray(values[:, 0], dtype=np.float64)
    known, ranks = ~np.isnan(values), np.zeros(values.shape)
    ranks[known] = rankdata(values[known])
    drawn = known.sum(axis=1)
    mean: Floats = np.divide(ranks.sum(axis=1), drawn, out=np.full(len(values), np.nan), where=drawn > 0)
    return mean


def failures_last(scores: Floats) -> Floats:
    """Scores with failures, which are NaN, tied below all others.

    >>> failures_last(np.array([2.0, np.nan, 5.0])).tolist()
    [2.0, -inf, 5.0]
    """
    return np.where(np.isnan(scores), -np.inf, scores)


def regret_course(scores: Floats, base: Ground) -> Course:
    """The regret of training the best 1, 2, ... networks by score."""
    numbers = np.arange(1, min(COURSE, base.n) + 1)
    return Course(numbers.astype(np.float64), np.asarray([_regret(scores, base, int(k)) for k in numbers]))


def _regret(scores: Floats, base: Ground, best: int) -> float:
    return float(base.accuracies.max()) - expected_best(scores, base.accuracies, min(best, base.n))


def _undefined(scores: Floats, base: Ground) -> str:
    """Why nothing can be said of scores, NaN for failures; empty if something can."""
    if base.n < FEWEST:
        return f"{base.n} networks are too few; {FEWEST} are needed"
    known = scores[np.isfinite(scores)]
    if not len(known):
        return "no network has a score"
    if base.accuracies.min() == base.accuracies.max():
        return "all accuracies are equal"
    if len(known) == base.n and known.min() == known.max():
        return "all scores are equal"
    return ""
