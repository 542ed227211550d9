"""Agreement of seeds beyond what widths give by chance."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from netlore.analysis.interval_overlap import stability
from netlore.analysis.seed_agreement import seed_agreement
from netlore.errors import InvalidInput

GRIDS = {"d1": tuple(range(1, 17)), "w1": (1, 2, 4, 8, 16)}


def at_random(seeds: int, rng: np.random.Generator) -> list[dict[str, tuple[int, int, int]]]:
    """Intervals anywhere, medians anywhere in the grid: what agrees by chance alone."""
    found = []
    for _ in range(seeds):
        one = {}
        for name, grid in GRIDS.items():
            low, high = sorted(rng.integers(len(grid), size=2))
            one[name] = (grid[low], grid[rng.integers(len(grid))], grid[high])
        found.append(one)
    return found


def test_chance_alone_is_no_agreement_and_perfect_agreement_is_one() -> None:
    rng = np.random.default_rng(0)
    values = [seed_agreement(at_random(10, rng), GRIDS, resamples=1).corrected.value for _ in range(200)]
    assert abs(np.mean(values)) < 0.03  # type: ignore[arg-type]
    same = [{"d1": (3, 4, 5), "w1": (2, 2, 2)}] * 6
    found = seed_agreement(same, GRIDS)
    assert found.corrected[:3] == (1, 1, 1) and (found.equal, found.near, found.containment) == (1, 1, 1)
    assert found.width == pytest.approx((3 / 16 + 1 / 5) / 2)


def test_containment_is_that_of_stability_and_the_correction_is_by_its_definition() -> None:
    one = at_random(7, np.random.default_rng(3))
    found = seed_agreement(one, GRIDS)
    assert found.containment == pytest.approx(stability(one, GRIDS).containment.mean())
    assert found.corrected.value == pytest.approx((found.containment - found.width) / (1 - found.width))
    places = [{name: GRIDS[name].index(entry[1]) for name, entry in each.items()} for each in one]
    steps = [abs(a[name] - b[name]) for a, b in permutations(places, 2) for name in GRIDS]
    assert found.equal == pytest.approx(np.mean(np.asarray(steps) == 0))
    assert found.near == pytest.approx(np.mean(np.asarray(steps) <= 1))


def test_the_interval_comes_from_resampled_seeds() -> None:
    rng = np.random.default_rng(5)
    one, names = at_random(6, rng), list(GRIDS)
    found = seed_agreement(one, GRIDS, resamples=400, seed=1)
    values = []
    for _ in range(3000):  # the definition: draw seeds, and compare those that differ
        drawn = rng.integers(6, size=6)
        pairs = [(i, j) for i, j in permutations(drawn, 2) if i != j]
        if pairs:
            held = [one[i][n][0] <= one[j][n][1] <= one[i][n][2] for i, j in pairs for n in names]
            wide = [
                sum(one[i][n][0] <= v <= one[i][n][2] for v in GRIDS[n]) / len(GRIDS[n])
                for i, _ in pairs
                for n in names
            ]
            values.append((np.mean(held) - np.mean(wide)) / (1 - np.mean(wide)))
    assert found.corrected[1:3] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.06)
    assert found.corrected.n == 6


def test_what_nothing_narrowed_has_no_agreement_and_categories_have_modes() -> None:
    wide = seed_agreement([{"d1": (1, 4, 16)}] * 3, {"d1": GRIDS["d1"]})
    assert wide.corrected.value is None and wide.corrected.reason == "no interval is narrower than its grid"
    names = {"a": ("relu", "silu", "gelu", "none")}
    found = seed_agreement([{"a": {"relu": 0.75, "silu": 0.25}}, {"a": {"silu": 1.0}}], names)
    assert (found.containment, found.width, found.equal, found.near) == (0.5, 0.375, 0, 0)
    with pytest.raises(InvalidInput, match="1 seeds of 1 hyperparameters cannot agree; give 2 or more"):
        seed_agreement([{"a": {"relu": 1.0}}], names)
    with pytest.raises(InvalidInput, match="a lacks an interval"):
        seed_agreement([{}, {}], names)
