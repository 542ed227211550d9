"""reliability(): how much of a score is the network's, and how much comes of what is drawn or chosen beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.analysis.initialisation_noise import tau_of
from netlore.analysis.reliability import agreement_samples, ceiling, joined, repeated_samples, shared_samples
from netlore.analysis.resampling import RESAMPLES, Counts, Statistic, resampled_counts, statistic_of
from netlore.arguments import validated
from netlore.executors import Workers
from netlore.scoring.examination import Predictors
from netlore.scoring.factors import CHANCE, USUAL, WEIGHTS, ReliabilityDesign
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Progress, score
from netlore.scoring.transforms import IDENTITY, TRANSFORMS, Transform
from netlore.space.architecture import Architecture
from netlore.storage.score_table import ScoreTable

if TYPE_CHECKING:  # it takes 60 MB
    import pandas as pd

FEWEST = 10
"""Networks from which on something is said."""


@dataclass(frozen=True)
class FactorReliability:
    """What one factor does to one predictor.

    Attributes:
        factor: Of `FACTORS`.
        icc: Intraclass correlation of ranks: ICC(1,1) of initial weights, ICC(C,1) of what all networks share.
        agreement: ICC(A,1) of the scores on the predictor's scale: whether numbers may be compared, too.
        dropped: Networks without a score under one of the conditions, which are left out.
    """

    factor: str
    icc: Statistic
    agreement: Statistic
    dropped: int

    @property
    def noise(self) -> float | None:
        """The share of the variance of ranks that the factor makes."""
        return None if self.icc.value is None else 1 - self.icc.value


@dataclass(frozen=True)
class PredictorReliability:
    """How far the scores of a predictor can be trusted.

    Attributes:
        predictor: Its name.
        factors: What each factor does, by factor.
        reliability: Of one score, under all factors that are drawn (`CHANCE`) and were varied.
        ceiling: The highest Spearman correlation of one score with anything that depends on the network alone.
        failed: Scores that are missing, of those that were asked for.
    """

    predictor: str
    factors: Mapping[str, FactorReliability]
    reliability: Statistic
    ceiling: Statistic
    failed: int

    @property
    def noise(self) -> float | None:
        """The share of the variance of ranks that is chance."""
        return None if self.reliability.value is None else 1 - self.reliability.value

    @property
    def tau_ceiling(self) -> float | None:
        """About the highest Kendall correlation."""
        return None if self.ceiling.value is None else tau_of(self.ceiling.value)

    def scores_for(self, wanted: float = 0.9) -> int | None:
        """How many scores, each with weights and a batch of its own, have a mean of that reliability (Spearman and
        Brown 1910); None: no number has."""
        if not (q := self.reliability.value):
            return None
        return max(1, int(np.ceil(wanted / (1 - wanted) * (1 - q) / q - 1e-9)))


@dataclass(frozen=True, eq=False)
class Reliability:
    """How far scores can be trusted, of n networks.

    Attributes:
        design: The conditions.
        predictors: By name.
        networks: n.
        tables: Scores under each condition.
    """

    design: ReliabilityDesign
    predictors: Mapping[str, PredictorReliability]
    networks: int
    tables: Mapping[str, ScoreTable]

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each predictor, with every statistic and the ends of its interval."""
        import pandas as pd

        return pd.DataFrame([values_of(one) for one in self.predictors.values()])


def values_of(one: PredictorReliability) -> dict[str, object]:
    """Every statistic of a predictor by name, with `_low` and `_high` for the ends of intervals; None:
    undefined."""
    found: dict[str, object] = {"predictor": one.predictor, "failed": one.failed, "noise": one.noise}
    found |= {"tau_ceiling": one.tau_ceiling, "scores_for_0.9": one.scores_for()}
    named = {"reliability": one.reliability, "ceiling": one.ceiling}
    for factor, of in one.factors.items():
        named |= {f"icc_{factor}": of.icc, f"agreement_{factor}": of.agreement}
        found[f"dropped_{factor}"] = of.dropped
    for name, statistic in named.items():
        found |= {name: statistic.value, f"{name}_low": statistic.low, f"{name}_high": statistic.high}
    return found


@validated
def reliability(
    architectures: Iterable[Architecture],
    predictors: Predictors = "all",
    design: ReliabilityDesign | None = None,
    seed: int = 0,
    workers: Workers = 1,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Reliability:
    """Find out how far the scores of predictors can be trusted.

    Args:
        architectures: Networks, each once.
        predictors: Names, predictors, or "all" for the paper's seven.
        design: Conditions; None: three initial weights, three batches, three batch sizes and data sets, both
            precisions.
        seed: Decides initial weights and resamples.
        workers: As of `score`.
        device: As of `score`.
        progress: Called with the numbers of scored networks and of those to score, under all conditions.

    Raises:
        InvalidInput: Something asked for does not exist or does not fit.

    >>> import netlore as nl
    >>> drawn = nl.sample(nl.anynet(flops=(1e6, 5e6)), 10, seed=0)
    >>> design = ReliabilityDesign("noise", batch_size=2, factors=("weights",), draws=2)
    >>> found = reliability(drawn, ("params", "jacov"), design)
    >>> found.predictors["params"].noise, found.predictors["params"].ceiling.value
    (0.0, 1.0)
    """
    design, found = design or ReliabilityDesign(), resolve(predictors)
    drawn = list(dict.fromkeys(architectures))
    tasks = {name: condition.make_task() for name, condition in design.conditions().items()}
    total, done, tables = len(drawn) * sum(one.draws for one in design.conditions().values()), 0, {}
    for name, condition in design.conditions().items():
        shown = None if progress is None else partial(_forward, progress, done, total)
        asked = [one for one in drawn for _ in range(condition.draws)]
        tables[name] = score(asked, found, tasks[name], seed, None, workers, condition.dtype, device, shown)
        done += len(asked)
    scales = {one.name: TRANSFORMS.get(one.transform) for one in found}
    return reliability_of(design, tables, scales, seed=seed)


def _forward(progress: Progress, before: int, total: int, done: int, _of: int) -> None:
    progress(before + done, total)


def reliability_of(
    design: ReliabilityDesign,
    tables: Mapping[str, ScoreTable],
    scales: Mapping[str, Transform],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Reliability:
    """The reliability of scores under those conditions of a design that are there.

    Args:
        design: All conditions.
        tables: Scores by condition, of the same architectures.
        scales: The transform of each predictor, in the order wanted; others have that of raw scores.
        resamples: For bootstrap intervals, of networks.
        seed: Decides the resamples.
    """
    architectures = sorted({row.architecture.id for row in tables[USUAL].rows})
    places = {name: place for place, name in enumerate(architectures)}
    values: dict[tuple[str, str, int], Floats] = {}
    failed: dict[str, int] = {row.predictor: 0 for row in tables[USUAL].rows}
    for condition, table in tables.items():
        for row in table.rows:
            column = values.setdefault((row.predictor, condition, row.draw), np.full(len(architectures), np.nan))
            if row.architecture.id in places and row.score.value is not None:
                column[places[row.architecture.id]] = row.score.value
            failed[row.predictor] = failed.get(row.predictor, 0) + (row.score.value is None)
    counts = resampled_counts(len(architectures), resamples, seed)
    found = {}
    for name in [*(name for name in scales if name in failed), *(name for name in failed if name not in scales)]:
        scores = {}
        for factor in dict.fromkeys(design.factors):
            columns = [values.get((name, *one)) for one in design.columns(factor)]
            if all(column is not None for column in columns):
                scores[factor] = np.stack([column for column in columns if column is not None], axis=1)
        found[name] = _judged(name, scores, scales.get(name, IDENTITY), counts, failed[name])
    return Reliability(design, found, len(architectures), tables)


def _judged(
    name: str, scores: Mapping[str, Floats], scale: Transform, counts: Counts, failed: int
) -> PredictorReliability:
    factors = {factor: _of_factor(factor, of, scale, counts) for factor, of in scores.items()}
    drawn = {factor: of for factor, of in scores.items() if factor in CHANCE}
    chance = np.concatenate([np.zeros((counts.shape[1], 0)), *drawn.values()], axis=1)
    known = np.asarray(np.isfinite(chance).all(axis=1))
    why = "no factor that is drawn was varied" if not drawn else _too_few(known)
    if why:
        nothing = Statistic(None, n=int(known.sum()), reason=why)
        return PredictorReliability(name, factors, nothing, nothing, failed)
    parts = [_icc(factor)(of[known], counts[:, known]) for factor, of in drawn.items()]
    samples, n = joined(*parts), int(known.sum())
    reason = "all scores are equal"
    of_one = statistic_of(samples, n, reason), statistic_of(ceiling(samples), n, reason)
    return PredictorReliability(name, factors, *of_one, failed)


def _of_factor(factor: str, scores: Floats, scale: Transform, counts: Counts) -> FactorReliability:
    known = np.asarray(np.isfinite(scores).all(axis=1))
    n, dropped, why = int(known.sum()), int((~known).sum()), _too_few(known)
    if why:
        nothing = Statistic(None, n=n, reason=why)
        return FactorReliability(factor, nothing, nothing, dropped)
    icc = statistic_of(_icc(factor)(scores[known], counts[:, known]), n, "all scores are equal")
    with np.errstate(over="ignore"):
        values = scale.apply(scores[known])
    if not np.isfinite(values).all():
        agreement = Statistic(None, n=n, reason=f"{scale.label} of some scores is undefined")
    else:
        agreement = statistic_of(agreement_samples(values, counts[:, known]), n, "all scores are equal")
    return FactorReliability(factor, icc, agreement, dropped)


def _icc(factor: str) -> Callable[[Floats, Counts], Floats]:
    """No two networks have initial weights in common; the conditions of other factors all networks share."""
    return repeated_samples if factor == WEIGHTS else shared_samples


def _too_few(known: NDArray[np.bool_]) -> str:
    n = int(known.sum())
    return f"{n} networks have all scores, and {FEWEST} are needed" if n < FEWEST else ""
