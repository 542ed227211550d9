"""What docs/reproduction.md says of trained networks: its rules on cases worked by hand."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paper.check_claims import Claim, claims_of, document, score_table
from paper.checks_of_trainings import apart

from netlore.report.data import StudyData, TrainedArchitecture
from tests.report.tabled import four_trained, record, small_sample, trained

ROOT = Path(__file__).resolve().parents[2]
SYNFLOW, JACOV, RESNET = "paper/cifar10/synflow", "paper/cifar10/jacov", "baseline/resnet-20"
PAPER: dict[str, Any] = tomllib.loads((ROOT / "results" / "paper.toml").read_text(encoding="utf-8"))


def study(errors: dict[str, list[float]], data: str = "cifar10-train-20k.parquet") -> StudyData:
    """A training for each architecture, with these validation errors."""
    found: list[TrainedArchitecture] = [trained(name, record(one), data=data) for name, one in errors.items()]
    return replace(StudyData("trained", (), (), {}, {}, {}), trainings=tuple(found))


def trained_claims(study: StudyData) -> list[Claim]:
    """The claims on trained networks: their order, and synflow's."""
    return [one for one in claims_of(study, PAPER) if one.entry["section"] == "trained"]


def trained_section(study: StudyData) -> str:
    """What the page says of every group of trainings."""
    return document(study, PAPER).partition("### Errors next to the paper's")[2]


def whole(errors: dict[str, float], rest: float = 40.0, images: int = 10_000) -> StudyData:
    """A training of every network of Table II, with these errors, all others with the same one."""
    names = {name: [errors.get(name, rest)] for name in PAPER["table2"]["cifar10"]}
    found = study(names)
    return replace(found, trainings=tuple(replace(one, validation_images=images) for one in found.trainings))


@pytest.mark.parametrize(("sign", "verdict"), [(1, "agrees"), (-1, "differs")])
def test_the_order_of_errors_is_kendall_s_tau(sign: int, verdict: str) -> None:
    errors = {name: 50 + sign * row["error"] for name, row in PAPER["table2"]["cifar10"].items()}
    order, _ = trained_claims(whole(errors))
    (check,) = order.checks
    assert check.ours.startswith(f"{sign:+.2f} [") and order.verdict == verdict
    assert check.basis == "13 of 13 networks, 1 epochs, 1,010 images, seed 0"


def test_the_order_of_four_networks_is_undecided() -> None:
    found = study({JACOV: [30.0], SYNFLOW: [20.0], RESNET: [18.0], "paper/cifar10/logdet": [31.0]})
    order, best = trained_claims(found)
    # In the paper synflow is first, then resnet-20, logdet, jacov: four of six pairs are in its order.
    assert (order.checks[0].ours[:5], order.verdict) == ("+0.33", "undecided")
    assert best.verdict == "not computed" and best.checks[0].basis.startswith("4 of 13 networks")


@pytest.mark.parametrize(
    ("others", "baseline", "verdict"),
    [
        (25.0, 20.0, "agrees"),
        (15.0, 10.0, "differs"),
        (20.2, 18.0, "undecided"),  # .2 points of 10,000 images, and just 2 above the baseline
        (25.0, 10.0, "agrees in part"),
    ],
)
def test_synflow_must_beat_predictors_and_come_near_the_baselines(
    others: float, baseline: float, verdict: str
) -> None:
    errors = {name: others for name in PAPER["table2"]["cifar10"] if name.startswith("paper/")}
    _, best = trained_claims(whole(errors | {SYNFLOW: 20.0, RESNET: baseline}))
    assert (best.verdict, len(best.checks)) == (verdict, 7)


def test_seeds_that_differ_more_than_images_widen_the_interval() -> None:
    one, other = (
        trained(name, *(record([error], seed=seed) for seed, error in enumerate(errors)))
        for name, errors in ((SYNFLOW, (10.0, 20.0, 30.0)), (JACOV, (24.0, 26.0, 25.0)))
    )
    gap, low, high = apart(one, other)
    assert gap == pytest.approx(5)
    # Variances of the means: 100 / 3 and 1 / 3; of 1,500 images each they would be 1.1 and 1.3.
    assert [high - gap, gap - low] == pytest.approx([1.96 * math.sqrt(101 / 3)] * 2)


def test_runs_that_never_started_are_counted_and_do_not_move_the_median() -> None:
    seeds = [record([error], seed=seed) for seed, error in enumerate((3.0, 89.0, 5.0))]
    text = trained_section(replace(study({}), trainings=(trained(SYNFLOW, *seeds, data="digits"),)))
    assert "| synflow | 5.00 [3.41, 7.28] | 3.00 to 89.00 | 2 of 3 | 7.14 |" in text


def test_the_two_best_predictors_are_named_with_their_difference() -> None:
    digits = [
        trained(name, record([error]), data="digits", validation_images=1077)
        for name, error in ((JACOV, 100 * 15 / 1077), (SYNFLOW, 100 * 13 / 1077), (RESNET, 0.1))
    ]
    text = " ".join(trained_section(replace(study({}), trainings=tuple(digits))).split())
    # 2 of 1,077 is .19 points; the error is sqrt(13 + 15 wrong) / 1,077, nearly: .49 points.
    assert "synflow errs on 13 of 1,077 images and jacov errs on 15 of 1,077 images: +0.19 [-0.7" in text
    assert "points, no difference that these images and seeds show." in text


def test_only_cifar_10_is_the_papers_and_most_images_count() -> None:
    digits = study({SYNFLOW: [1.0], JACOV: [2.0]}, data="digits")
    assert {claim.verdict for claim in trained_claims(digits)} == {"not computed"}
    other = study({SYNFLOW: [1.0], JACOV: [2.0]}, data="cifar100-train.parquet")
    assert {claim.verdict for claim in trained_claims(other)} == {"not computed"}
    more = [
        replace(one, training_images=5000) for one in study({SYNFLOW: [3.0], JACOV: [2.0]}, "cifar10").trainings
    ]
    both = replace(digits, trainings=(*study({SYNFLOW: [1.0], JACOV: [2.0]}).trainings, *more))
    order, _ = trained_claims(both)
    assert order.checks[0].ours.startswith("-1.00") and "5,000 images" in order.checks[0].basis


def test_unfinished_trainings_are_not_compared() -> None:
    found = study({SYNFLOW: [20.0], JACOV: [30.0]})
    halted = trained(RESNET, record([10.0], planned=1, seed=0), data=found.trainings[0].data)
    unfinished = replace(halted, replicates=(record([10.0], planned=2),))
    order, _ = trained_claims(replace(found, trainings=(*found.trainings, unfinished)))
    assert order.checks[0].basis.startswith("2 of 13 networks")


def test_the_table_shows_both_errors_and_the_commands() -> None:
    found = study({SYNFLOW: [25.0, 20.0], JACOV: [30.0, 31.0], RESNET: [19.0, 18.0]})
    (one,) = found.trainings[0].replicates
    known = replace(found.trainings[0], replicates=(one.model_copy(update={"precision": "float32"}),))
    text = trained_section(replace(found, trainings=(known, *found.trainings[1:])))
    # Wilson's interval of 100 of 500: (0.2 + z^2 / 1000 -+ z sqrt(0.2 * 0.8 / 500 + z^2 / 10^6)) / (1 + z^2 / 500)
    assert "| synflow | 20.00 [16.73, 23.73] | \N{EN DASH} | 1 of 1 | 7.14 | 40.0 | 0 | 2.0 | float32 |" in text
    assert "| jacov | 31.00 [" in text and text.count("| 2.0 | \N{EN DASH} |") == 2
    flat = " ".join(text.split())
    assert "tau between these errors and the paper's is 0.33 (n = 3)" in flat
    assert f"    netlore train --architecture {SYNFLOW}" in text
    assert trained_section(study({})) == ""


def test_members_of_boxes_have_a_section_where_they_were_trained() -> None:
    line = ("jacov", "3", "40.0 (30.0 to 50.0)", "43.0 (32.0 to 54.0)", "+3.0 [+0.5, +5.5]", "20.0", "20.0")
    text = document(study({}), PAPER, members=[line])
    assert f"| {' | '.join(line)} |" in text.partition("carry accuracy, or only its best member?")[2]
    assert "best member" not in document(study({}), PAPER)


def test_scores_are_compared_with_accuracies_where_both_are_known() -> None:
    whole = replace(study({}), samples=(small_sample(),), trainings=four_trained())
    table = score_table(whole)
    # Errors of a to c are 20, 12.5 and 10 %, and FLOPs grow from a to c; d is not finished.
    assert ("FLOPs", "1.00 (n = 3, too few)") in table
    assert table[0] == ("predictor", "trained on cifar10, scored on cifar10")
    assert score_table(replace(whole, samples=())) == []
