"""The rule of Table I: its margin, permutations and power on the paper's own rows and on rows made up by hand."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from paper.nearest_rows import (
    Likeness,
    formerly,
    likeness,
    likenesses,
    margin,
    papers_of,
    placed,
    power_lines,
    shuffled,
    verdict,
)
from paper.pages import PREDICTORS, Verdict
from paper.table1 import GRIDS, rows_of

from netlore.analysis.interval_overlap import overlap
from netlore.report.data import RefinementData, StudyData
from tests.report.conftest import build

ROOT = Path(__file__).resolve().parents[2]
PAPER: dict[str, Any] = tomllib.loads((ROOT / "results" / "paper.toml").read_text(encoding="utf-8"))
ROWS = papers_of(PAPER["table1"])
EMPTY = StudyData("nothing", (), (), {}, {}, {})


def study(*runs: RefinementData) -> StudyData:
    return replace(EMPTY, refinements=runs)


def claims(*runs: RefinementData, idle: frozenset[tuple[str, str, int]] = frozenset()) -> dict[str, Likeness]:
    """Rows as claims, by predictor."""
    rows = [*rows_of(PAPER["table1"], study(*runs))]
    return {one.predictor: one for one in likenesses(rows, ROWS, set(idle))}


def refined(name: str, like: str, data: str = "cifar10", seed: int = 0) -> RefinementData:
    """A refinement of a predictor that ends as the paper's row of another."""
    return build(ROWS[data][like], predictor=name, data=data, seed=seed)


@pytest.mark.parametrize("name", PREDICTORS)
def test_likeness_is_the_jaccard_of_all_seven_rows(name: str) -> None:
    found = likeness(ROWS["cifar10"][name], ROWS["cifar100"])
    expected = [overlap(ROWS["cifar10"][name], ROWS["cifar100"][other], GRIDS) for other in PREDICTORS]
    assert found.shape == (7, 12) and found.mean(axis=1) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "own"),
    [("grad_norm", 0.74), ("snip", 0.77), ("grasp", 0.82), ("synflow", 0.75), ("fisher", 0.89), ("jacov", 0.79)],
)
def test_the_ceiling_is_that_of_the_paper_s_rows(name: str, own: float) -> None:
    assert likeness(ROWS["cifar10"][name], ROWS["cifar100"])[PREDICTORS.index(name)].mean() == pytest.approx(
        own, abs=0.005
    )


def test_the_margin_is_the_distance_to_the_best_other_row() -> None:
    table = np.zeros((7, 12))
    table[0], table[1], table[2, :6] = 0.8, 0.5, 1.0
    found = margin(table, "grad_norm")
    # Others: .5, and six of twelve at 1: also .5. In resamples with more of these six it is higher.
    assert found.value == pytest.approx(0.3)
    assert found.high == pytest.approx(0.3) and found.low == pytest.approx(0.8 - 9 / 12, abs=0.09)


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [(0.8, 0.4, "agrees"), (0.4, 0.8, "differs"), (0.5, 0.5, "undecided")],
)
def test_a_row_agrees_differs_or_is_undecided(own: float, other: float, expected: str) -> None:
    rng = np.random.default_rng(0)
    table = np.zeros((7, 12))
    table[0], table[3] = own + 0.1 * rng.standard_normal(12), other + 0.1 * rng.standard_normal(12)
    assert verdict(table, "grad_norm") == expected


def test_of_rows_that_are_alike_the_best_is_no_difference() -> None:
    """Own and three others share a mean and differ by chance alone, as the gradients' rows do."""
    rng, found = np.random.default_rng(0), []
    for _ in range(200):
        table = np.zeros((7, 12))
        table[:4] = 0.6 + 0.3 * rng.standard_normal((4, 12))
        found.append(verdict(table, "grad_norm"))
    assert found.count(Verdict.DIFFERS) <= 20 and found.count(Verdict.AGREES) <= 10


def test_rows_of_the_paper_agree_with_themselves_and_differ_as_another_s() -> None:
    found = claims(refined("synflow", "synflow"), refined("jacov", "synflow"), refined("snip", "snip"))
    assert {name: found[name].verdict for name in ("synflow", "jacov", "grasp")} == {
        "synflow": "agrees",
        "jacov": "differs",
        "grasp": "not computed",
    }
    assert found["synflow"].line[2] == "1.00" and found["jacov"].line[3] == "synflow 1.00"
    # Its own row is first of seven, in jacov's place it is not.
    assert found["synflow"].p_value == pytest.approx(1 / 7) and found["jacov"].p_value > 1 / 7


def test_two_data_sets_are_two_labels_and_a_repeated_end_is_left_out() -> None:
    both = claims(refined("synflow", "synflow"), refined("synflow", "synflow", "cifar100"))["synflow"]
    assert list(both.found) == ["cifar10", "cifar100"] and both.p_value == pytest.approx(1 / 49)
    again = build(ROWS["cifar10"]["synflow"], predictor="synflow", data="cifar100")
    assert list(claims(refined("synflow", "synflow"), again)["synflow"].found) == ["cifar10"]


def test_a_refinement_that_does_not_climb_is_undecided_whatever_row_is_nearest() -> None:
    found = claims(refined("synflow", "synflow"), idle=frozenset({("cifar10", "synflow", 0)}))["synflow"]
    assert found.verdict == "undecided" and found.line[1].endswith("scores do not climb")


def test_permutations_of_labels_are_all_tried() -> None:
    names = ("synflow", "jacov", "logdet", "snip")
    found = claims(*(refined(name, name) for name in names))
    assert shuffled([*found.values()]) == (pytest.approx(1 / math.factorial(4)), 4)
    swapped = dict(zip(names, names[1:] + names[:1], strict=True))
    wrong = claims(*(refined(name, like) for name, like in swapped.items()))
    table = np.array(
        [[overlap(ROWS["cifar10"][like], ROWS["cifar10"][q], GRIDS) for q in names] for like in swapped.values()]
    )
    sums = [sum(table[i, j] for i, j in enumerate(order)) for order in permutations(range(4))]
    expected = np.mean([one >= np.trace(table) - 1e-9 for one in sums])
    assert shuffled([*wrong.values()]) == (pytest.approx(expected), 4)
    assert shuffled([found["synflow"]]) is None


def test_the_former_rule_accepted_what_comes_near() -> None:
    # Of twelve intervals, the paper's are whole grids but for d1 and d2.
    grids = {name: (grid[0], grid[-1]) for name, grid in GRIDS.items()}
    paper, single = {**grids, "d1": (4, 4), "d2": (1, 2)}, {name: (one[1], one[1]) for name, one in grids.items()}
    ends = [((3, 4), (2, 2)), ((3, 3), (2, 3)), ((1, 1), (3, 3)), ((1, 2), (4, 4))]
    assert [formerly({**single, "d1": d1, "d2": d2}, paper) for d1, d2 in ends] == [True, True, True, False]


def test_placed_intervals_are_as_wide_and_anywhere() -> None:
    rng, ours = np.random.default_rng(1), ROWS["cifar10"]["logdet"]
    found = [placed(ours, rng) for _ in range(200)]
    for name, grid in GRIDS.items():
        places = [list(grid).index(end) for end in ours[name]]
        ends = [tuple(list(grid).index(end) for end in one[name]) for one in found]
        assert {high - low for low, high in ends} == {places[1] - places[0]}
        assert len({low for low, _ in ends}) == len(grid) - (places[1] - places[0])


def test_power_is_counted_over_right_wrong_and_random_rows() -> None:
    own, *_ = lines = list(power_lines([*claims(refined("synflow", "synflow")).values()], ROWS))
    assert [line[1] for line in lines] == ["14", "1", "6", "200"]
    assert own[0].startswith("right: the paper's rows")
    right, wrong, random = lines[1:]
    assert right[2:4] == ("1 (100%)", "1 (100%)")
    assert wrong[3] == "0 (0%)" and int(random[3].split()[0]) <= 10
