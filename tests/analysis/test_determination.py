"""Undetermined intervals: on scores that are made, and on every stored refinement of jacov and of synflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netlore.analysis.determination import determination
from netlore.errors import InvalidInput
from netlore.storage.archive import opened

RESULTS = Path(__file__).parents[2] / "results"
RNG = np.random.default_rng(0)


def test_the_last_round_is_compared_with_the_first_pair_by_pair() -> None:
    first, last = RNG.normal(size=40).round(1), 1 + RNG.normal(size=30).round(1)
    pairs = np.sign(last[:, np.newaxis] - first)
    found = determination([first, RNG.normal(size=20), last])
    assert found.superiority == pytest.approx(float((pairs + 1).mean() / 2)) and found.rounds == 3
    assert found.supported == 0, "the second round is no better than the first"


def test_noise_leaves_undetermined_what_scores_without_it_determine() -> None:
    """A refinement of one hyperparameter that a score is equal to, but for noise: narrowing to the best fifth."""
    for noise, expected in ((0.01, False), (5.0, True)):
        rounds, low, high = [], 0.0, 1.0
        for _ in range(5):
            values = RNG.uniform(low, high, size=300)
            rounds.append(values + noise * RNG.normal(size=300))
            best = values[np.argsort(rounds[-1])[-60:]]
            low, high = np.quantile(best, [0.1, 1.0])
        found = determination(rounds)
        assert found.undetermined is expected, found


def test_failures_are_left_out_and_a_single_round_is_not_judged() -> None:
    scores = RNG.normal(size=20)
    holes = np.append(scores, [np.nan, np.inf])
    assert determination([holes, holes + 9]) == determination([scores, scores + 9])
    assert determination([scores]) is None and determination([scores, np.full(3, np.nan)]) is None
    with pytest.raises(InvalidInput, match="0 rounds have no intervals"):
        determination([])


JACOV = (
    "laptop/jacov-cifar10",
    "laptop/jacov-cifar100",
    "repeatability/jacov-paper",
    "repeatability/jacov-memory",
)
SYNFLOW = ("repeatability/synflow-paper", "repeatability/synflow-memory")  # those of laptop are three of these


@pytest.mark.parametrize(("folders", "expected", "refinements"), [(JACOV, True, 8), (SYNFLOW, False, 10)])
def test_every_stored_refinement_of_jacov_is_undetermined_and_none_of_synflow(
    folders: tuple[str, ...], expected: bool, refinements: int
) -> None:
    verdicts = []
    for folder in folders:
        with opened(RESULTS / folder) as reader:
            raw = {(row.architecture.id, row.seed, row.draw): row.score.value for row in reader.rows()}
            for one in reader.refinements():
                keys = [[(a.id, one.seed, draw) for a, draw in found.networks] for found in one.rounds]
                rounds = [np.array([raw[key] for key in of], dtype=np.float64) for of in keys]
                verdicts.append(determination(rounds).undetermined)
    assert len(verdicts) == refinements and set(verdicts) == {expected}
