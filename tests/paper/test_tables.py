"""Claims that the paper's own tables decide: rules on cases by hand, and what they find."""

from __future__ import annotations

import copy
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from paper.check_claims import Claim, claims_of
from paper.checks_of_tables import difference
from scipy.stats import kendalltau

from netlore.report.data import StudyData

ROOT = Path(__file__).resolve().parents[2]
PAPER: dict[str, Any] = tomllib.loads((ROOT / "results" / "paper.toml").read_text(encoding="utf-8"))
EMPTY = StudyData("nothing", (), (), {}, {}, {})


def claim(says: str, paper: dict[str, Any] = PAPER) -> Claim:
    """The claim that says so."""
    (found,) = [one for one in claims_of(EMPTY, paper) if says in one.entry["says"]]
    return found


def changed(data: str, name: str, **values: float) -> dict[str, Any]:
    """Table II with another row."""
    paper = copy.deepcopy(PAPER)
    paper["table2"][data][name] |= values
    return paper


def test_a_difference_of_errors_has_the_interval_of_two_counts() -> None:
    gap, low, high, z = difference(10.0, 20.0, 100, 400)
    # .1 x .9 / 100 + .2 x .8 / 400 = .0013
    error = 100 * math.sqrt(0.0013)
    assert (gap, low, high, z) == pytest.approx((10, 10 - 1.96 * error, 10 + 1.96 * error, 10 / error))


def test_synflow_outperforms_some_baselines_on_cifar_10_and_the_nearest_is_undecided() -> None:
    found = claim("all baselines on CIFAR-10")
    answers = {one.what.rpartition(" ")[2]: one.holds for one in found.checks}
    # 7.14 against 7.23 and 7.62, and against 8.04, 8.06, 8.11 and 8.48
    assert answers == {
        **dict.fromkeys(("resnext-29-1x16", "resnext-29-2x8"), None),
        **dict.fromkeys(("resnet-20", "resnext-29-4x4", "resnext-29-8x2", "resnext-29-16x1"), True),
    }
    assert "z = 0.25" in next(one.ours for one in found.checks if "1x16" in one.what and "16x1" not in one.what)
    assert found.verdict == "undecided"
    worse = claim("all baselines on CIFAR-10", changed("cifar10", "paper/cifar10/synflow", error=12.0))
    assert {one.holds for one in worse.checks} == {False} and worse.verdict == "differs"
    best = claim("all baselines on CIFAR-10", changed("cifar10", "paper/cifar10/synflow", error=5.0))
    assert best.verdict == "agrees"


def test_on_cifar_100_two_of_four_differences_are_none() -> None:
    found = claim("8x2 and 4x4 on CIFAR-100")
    assert [one.holds for one in found.checks] == [True, None, None, True]
    assert "z = 0.69" in found.checks[1].ours


def test_synflow_is_the_best_predictor_on_both() -> None:
    assert (claim("best of the predictors in accuracy").verdict, len(claim("best of the predictors").checks)) == (
        "agrees",
        12,
    )


def test_synflow_is_not_the_most_complex_of_the_predictors() -> None:
    found = claim("more complex networks than the other predictors")
    assert (found.verdict, [one.holds for one in found.checks]) == ("differs", [False] * 6)
    assert "grad_norm 45.6 and logdet 50.0" in found.checks[0].ours
    largest = claim("more complex networks", changed("cifar10", "paper/cifar10/synflow", params=10**7))
    assert [one.holds for one in largest.checks] == [False, True, False, False, False, False]
    # Of the baselines 1x16 has more FLOPs on both data sets, and more parameters on CIFAR-10.
    assert [one.holds for one in claim("than the baselines").checks] == [False, False, True, False, True, True]


def test_the_order_of_predictors_on_the_two_data_sets_is_undecided() -> None:
    (check,) = claim("err in one order").checks
    errors = [
        [row["error"] for name, row in rows.items() if name.startswith("paper/")]
        for rows in PAPER["table2"].values()
    ]
    expected = kendalltau(*errors)
    assert check.ours.startswith(f"{expected.statistic:+.2f} [") and check.ours.endswith(
        f"p = {expected.pvalue:.2f}"
    )
    assert (round(expected.statistic, 2), round(expected.pvalue, 2), check.holds) == (0.14, 0.77, None)
    same, turned = copy.deepcopy(PAPER), copy.deepcopy(PAPER)
    for name, row in PAPER["table2"]["cifar10"].items():
        other = name.replace("cifar10", "cifar100")
        same["table2"]["cifar100"][other]["error"] = row["error"]
        turned["table2"]["cifar100"][other]["error"] = 50 - row["error"]
    assert [claim("err in one order", one).verdict for one in (same, turned)] == ["agrees", "differs"]
