"""Undetermined intervals: on scores that are made, and on every stored refinement of jacov and of synflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from netlore.analysis.determination import determination, trend
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


def jonckheere(rounds: list[np.ndarray]) -> tuple[float, float, int]:
    """The statistic, z without ties, and the number of pairs, from their definitions (Jonckheere 1954)."""
    pairs = [(a, b) for r, one in enumerate(rounds) for other in rounds[r + 1 :] for a in one for b in other]
    found = sum((b > a) + (b == a) / 2 for a, b in pairs)
    n, sizes = sum(map(len, rounds)), np.array([len(one) for one in rounds])
    variance = (n**2 * (2 * n + 3) - (sizes**2 * (2 * sizes + 3)).sum()) / 72
    return found, (found - len(pairs) / 2) / np.sqrt(variance), len(pairs)


def test_a_trend_is_jonckheere_s_statistic_and_test() -> None:
    rng = np.random.default_rng(0)
    rounds = [rng.normal(0.3 * number, 1, 20 + number) for number in range(4)]
    statistic, z, pairs = jonckheere(rounds)
    found = trend(rounds)
    assert found is not None
    assert found.superiority == pytest.approx(statistic / pairs)
    assert found.p_value == pytest.approx(norm.sf(z), rel=1e-6)
    ties = [np.array([1.0, 2.0]), np.array([2.0, 3.0, np.nan]), np.array([0.0, 9.0])]
    statistic, _, pairs = jonckheere([one[np.isfinite(one)] for one in ties])
    assert trend(ties)[0] == pytest.approx(statistic / pairs)  # type: ignore[index]


def test_the_interval_of_a_trend_is_as_wide_as_that_of_new_samples() -> None:
    def drawn(seed: int) -> list[np.ndarray]:
        rng = np.random.default_rng(seed)
        return [rng.normal(0.4 * number, 1, 40) for number in range(3)]

    many = [one for seed in range(400) if (one := trend(drawn(seed))) is not None]
    spread = np.std([one.superiority for one in many])
    widths = np.mean([one.high - one.low for one in many])
    assert widths == pytest.approx(2 * 1.96 * spread, rel=0.1)


def test_without_a_second_round_of_two_scores_there_is_no_trend() -> None:
    assert trend([np.array([1.0, 2.0])]) is None and trend([]) is None
    assert trend([np.array([1.0, 2.0]), np.array([3.0, np.nan])]) is None


def test_scores_that_climb_whole_and_not_at_all() -> None:
    up = trend([np.arange(10.0) + 10 * number for number in range(3)])
    level = trend([np.arange(10.0)] * 3)
    assert up is not None and level is not None
    assert (up.superiority, up.low, up.high) == (1, 1, 1) and up.p_value < 1e-6
    assert level.superiority == 0.5 and level.low < 0.5 < level.high and level.p_value == pytest.approx(0.5)
