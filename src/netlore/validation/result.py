"""Validation: how well every quantity ranks the same networks by accuracy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.initialisation_noise import InitialisationNoise, initialisation_noise
from netlore.analysis.resampling import RESAMPLES, Statistic
from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.storage.score_table import ScoreTable
from netlore.validation.accuracies import Accuracies
from netlore.validation.ground import Ground, ground
from netlore.validation.judgement import Judgement, judge
from netlore.validation.measures import COUNTS, costs_of

INTERVALS = (
    "kendall",
    "spearman",
    "kendall_dropped",
    "spearman_dropped",
    "partial",
    "within_flops",
    "within_layers",
)
"""Statistics of a judgement that have intervals."""


@dataclass(frozen=True, eq=False)
class Validation:
    """What was found of networks whose accuracies are known.

    Attributes:
        accuracies: The networks, and which accuracy is meant.
        ground: What the quantities were judged by.
        predictors: Judgements of predictors, in the order asked for.
        counts: Judgements of FLOPs, parameters, depth and layers, as far as they are known.
        scores: By predictor the raw score of each network, shape (n,), of several draws the mean; NaN for
            failures.
        draws: Scores of each network by each predictor, at most.
    """

    accuracies: Accuracies
    ground: Ground
    predictors: tuple[Judgement, ...]
    counts: tuple[Judgement, ...]
    scores: Mapping[str, Floats]
    draws: int

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """Of predictors and counts."""
        return (*self.predictors, *self.counts)

    @property
    def training_noise(self) -> InitialisationNoise | None:
        """What seeds of training do to the accuracies; None where each network has one value."""
        trainings = self.accuracies.trainings
        return None if trainings is None else initialisation_noise(trainings)

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each quantity, with every statistic and the ends of its interval."""
        return pd.DataFrame([values_of(one) for one in self.judgements])

    @property
    def networks(self) -> pd.DataFrame:
        """A row for each network: its id and benchmark's string, accuracy, costs, band of FLOPs, latencies and
        energies where they are known, and the scores."""
        architectures = self.accuracies.architectures
        bands = self.ground.flops_bands
        return pd.DataFrame(
            {
                "architecture": [one.id for one in architectures],
                "string": [one.string or one.to_json() for one in architectures],
                "accuracy": self.accuracies.values,
                **self.ground.costs,
                **({} if bands is None else {"flops_band": bands}),
                **(self.accuracies.hardware or {}),
                **self.scores,
            }
        )


def values_of(one: Judgement) -> dict[str, Any]:
    """Every statistic of a judgement by name, with `_low` and `_high` for the ends of intervals; None:
    undefined."""
    found: dict[str, Any] = {"quantity": one.name, "networks": len(one.scores), "failed": one.failed}
    for name in INTERVALS:
        statistic: Statistic = getattr(one, name)
        found |= {name: statistic.value, f"{name}_low": statistic.low, f"{name}_high": statistic.high}
    noise = one.noise
    return found | {
        "ndcg": one.ndcg,
        "precision": one.precision,
        "best": one.best,
        "regret": one.regret,
        "regret_of_ten": one.regret_of_ten,
        "given": " ".join(one.given),
        "initialisation_share": None if noise is None else noise.share,
        "spearman_ceiling": None if noise is None else noise.rho_ceiling,
        "kendall_ceiling": None if noise is None else noise.tau_ceiling,
    }


@validated
def judged(
    accuracies: Accuracies,
    table: ScoreTable,
    predictors: Iterable[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Validation:
    """Judge the predictors of a table of scores, and the costs of its networks, by accuracies of the same
    networks.

    Networks without an accuracy, and accuracies without a network, are left out.

    Args:
        accuracies: Of trained networks.
        table: Scores, of one draw or several.
        predictors: Which of them, in order; all if none is named.
        resamples: For bootstrap intervals, of networks.
        seed: Decides the resamples.
        progress: Called with how many quantities are judged, and of how many.

    Raises:
        InvalidInput: No network has both.
    """
    numbers = {one.id: number for number, one in enumerate(accuracies.architectures)}
    scored = {row.architecture.id for row in table.rows}
    kept = [number for name, number in numbers.items() if name in scored]
    if not kept:
        raise InvalidInput(
            f"none of the {len(scored)} networks with scores is among the {len(numbers)} of {accuracies.title}; "
            "give scores and accuracies of the same architectures."
        )
    known = accuracies.chosen(kept)
    draws = _draws(known, table, tuple(predictors) or tuple(dict.fromkeys(row.predictor for row in table.rows)))
    costs = costs_of(known.architectures, table.num_classes, table.resolution, table.channels)
    # Counts that were scored as predictors are the counts that they stand beside.
    draws = {name: values for name, values in draws.items() if name not in costs} or draws
    base = ground(known.values, costs, known.target.point, resamples, seed)
    quantities = draws | {name: costs[name][:, np.newaxis] for name in COUNTS if name in costs}
    found = []
    for done, (name, values) in enumerate(quantities.items()):
        if progress is not None:
            progress(done, len(quantities))
        found.append(judge(name, values, base))
    if progress is not None:
        progress(len(quantities), len(quantities))
    scores = {name: _means(values) for name, values in draws.items()}
    most = max(values.shape[1] for values in draws.values())
    return Validation(known, base, tuple(found[: len(draws)]), tuple(found[len(draws) :]), scores, most)


def _draws(known: Accuracies, table: ScoreTable, predictors: tuple[str, ...]) -> dict[str, Floats]:
    """Scores by predictor, shape (n, draws), NaN where there is none."""
    numbers = {one.id: number for number, one in enumerate(known.architectures)}
    most = 1 + max(row.draw for row in table.rows)
    found = {name: np.full((len(known), most), np.nan) for name in predictors}
    for row in table.rows:
        if row.predictor in found and row.architecture.id in numbers and row.score.value is not None:
            found[row.predictor][numbers[row.architecture.id], row.draw] = row.score.value
    return found


def _means(draws: Floats) -> Floats:
    """The mean score of each network, NaN without one."""
    known = np.isfinite(draws)
    count = known.sum(axis=1)
    sums = np.where(known, draws, 0).sum(axis=1)
    mean: Floats = np.divide(sums, count, out=np.full(len(draws), np.nan), where=count > 0)
    return mean
