"""The emulation of docs/coverage.md has the package's costs, samples and closed form, and the page its numbers."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from paper.coverage import CASES, SEEDS, measured_noise
from paper.coverage_cases import Case, courses_of
from paper.coverage_memory import HOSTILE, REMEMBERED, REPLICATES, Setting, asked, best_of, remembered
from paper.emulation import Course, Landscape, Rule, refined
from scipy.stats import chi2_contingency

import netlore as nl
from netlore.closed_forms.objectives import SYNFLOW
from netlore.refinement.searches.formulas import NOISE
from netlore.space.complexity import complexity_of_values
from netlore.space.family import plan_of
from netlore.space.sampling import values_of

ROOT = Path(__file__).resolve().parents[2]
SPACE = nl.anynet(flops=(10e6, 50e6))


@pytest.fixture(scope="module")
def landscape() -> Landscape:
    return Landscape(SPACE)


def everything() -> dict[str, tuple[int, int]]:
    return {name: (grid[0], grid[-1]) for name, grid in SPACE.grids.items()}


def test_costs_and_closed_form_are_those_of_whole_networks(landscape: Landscape) -> None:
    points = landscape.sample(everything(), 500, np.random.default_rng(0))
    values = landscape.columns(points)
    costs, gains = landscape.totals(points)
    assert np.array_equal(costs, complexity_of_values("anynet", values, 10, 32, 3).flops)
    assert costs.min() >= 10e6 and costs.max() <= 50e6
    assert gains == pytest.approx(np.asarray(SYNFLOW.compute(plan_of("anynet", values, 10, 3), 32)))


SMALL = {"d1": (13, 16), "d2": (13, 16), "d3": (13, 16), "w1": (2, 8), "w2": (4, 16), "w3": (8, 32)}
"""Few enough to be listed."""


@pytest.mark.parametrize(("box", "count"), [({}, 2_000), (SMALL | dict.fromkeys(("b1", "b2", "b3"), (1, 1)), 500)])
def test_samples_have_the_distribution_of_the_package(
    landscape: Landscape, box: dict[str, tuple[int, int]], count: int
) -> None:
    drawn = landscape.columns(landscape.sample(everything() | box, count, np.random.default_rng(1)))
    other = values_of(SPACE, nl.sample(SPACE.restrict(box), count, seed=1))
    assert len({tuple(row) for row in np.stack([*drawn.values()], axis=1).tolist()}) == count, "each is there once"
    for name in SPACE.grids:
        values = np.union1d(drawn[name], other[name])
        counts = [[int((column[name] == value).sum()) for value in values] for column in (drawn, other)]
        assert len(values) == 1 or chi2_contingency(counts).pvalue > 1e-4, name


def test_a_box_of_few_networks_is_exhausted(landscape: Landscape) -> None:
    best = landscape.optimum.best.values
    points = landscape.sample(
        {name: (best[name], best[name]) for name in SPACE.grids}, 9, np.random.default_rng(0)
    )
    assert [len(one) for one in points] == [1, 1, 1]
    assert landscape.totals(points)[1][0] == pytest.approx(landscape.optimum.value(), abs=1e-5)


def test_equal_seeds_have_equal_courses_and_more_networks_less_regret(landscape: Landscape) -> None:
    rule = Rule(networks=125)
    few = [refined(landscape, rule, 0.6, seed) for seed in range(5)]
    assert few == [refined(landscape, rule, 0.6, seed) for seed in range(5)]
    many = [refined(landscape, Rule(networks=2_000), 0.6, seed) for seed in range(5)]
    assert np.median([one.regret for one in many]) < np.median([one.regret for one in few])
    assert not any(one.covers[-1] for one in few)


def test_the_noise_of_landscapes_is_that_of_stored_scores() -> None:
    assert measured_noise(ROOT / "results") == pytest.approx(NOISE, abs=0.005)


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    covers = [[True, False]] * 3 + [[False, False]] * 7
    case = Case.of("", [{"covers": one, "regret": 0.0, "scored": 1, "size": 0.0} for one in covers])
    assert case.share(1) == pytest.approx((0.3, 0.1078, 0.6032), abs=1e-4)
    assert case.share(0) == pytest.approx((0.0, 0.0, 0.2775), abs=1e-4)
    assert case.worst[0] == 0.0 and case.lengths.tolist() == [2.0] * 10


@pytest.mark.parametrize("name", CASES)
def test_the_page_has_what_is_kept(name: str) -> None:
    kept = json.loads((ROOT / "results" / "coverage" / f"{name}.json").read_text())
    text, rule = CASES[name]
    assert kept["asked"]["rule"] == asdict(rule) and len(kept["courses"]) >= SEEDS
    share, low, high = Case.of(text, kept["courses"][:SEEDS]).share(0)
    page = (ROOT / "docs" / "coverage.md").read_text()
    (line,) = [line for line in page.splitlines() if line.startswith(f"| {text} |") and "[" in line]
    assert f"| {share:.2f} [{low:.2f}, {high:.2f}] |" in line


@pytest.mark.parametrize("name", REMEMBERED)
def test_the_page_has_refinements_with_memory_on_every_landscape(name: str) -> None:
    kept = json.loads((ROOT / "results" / "coverage" / f"{name}.json").read_text())
    text, setting = REMEMBERED[name]
    assert kept["asked"] == asked(setting) and len(kept["courses"]) >= SEEDS
    lines = (ROOT / "docs" / "coverage.md").read_text().splitlines()
    cases = {text: kept["courses"][:SEEDS]}
    if name in HOSTILE:
        cases[f"{text}, the best of {REPLICATES} seeds"] = best_of(kept["courses"][:SEEDS])
    for said, courses in cases.items():
        share, low, high = Case.of(said, courses).share(0)
        assert any(
            line.startswith(f"| {said} | {len(courses)} | {share:.2f} [{low:.2f}, {high:.2f}] |") for line in lines
        )


def test_memory_finds_the_optimum_of_the_closed_form_and_keeps_it() -> None:
    one = remembered(Setting(), 3)
    assert one == remembered(Setting(), 3)
    assert one.covers[-1] and not one.covers[0] and one.regret == pytest.approx(0, abs=1e-6)
    assert 500 < one.scored < 2_000 and 1 < one.size < 4
    # Four networks tie, the elites are near: ln S of the optimum is 274.79.
    assert 268 < one.height < 275.5


def test_of_five_seeds_the_one_with_the_highest_elites_counts_and_all_are_paid() -> None:
    courses = [{"height": height, "scored": 100, "covers": [height > 4]} for height in (1, 5, 2, 3, 4, 9, 8)]
    assert best_of(courses) == [
        {"height": 5, "scored": 500, "covers": [True]},
        {"height": 9, "scored": 200, "covers": [True]},
    ]


def test_what_is_kept_is_not_done_again_and_other_rules_are(tmp_path: Path) -> None:
    done: list[int] = []

    def one(seed: int) -> Course:
        done.append(seed)
        return Course((True,), 0.12345, 10, 1.0)

    for count in (2, 3, 3):
        assert len(courses_of(tmp_path / "kept.json", {"rule": 1}, one, count)) == count
    assert done == [0, 1, 2]
    (first, *_) = courses_of(tmp_path / "kept.json", {"rule": 2}, one, 1)
    assert done == [0, 1, 2, 0] and first == {"covers": (True,), "regret": 0.123, "scored": 10, "size": 1.0}
