"""Sentences on trainings: each is true of findings made up by hand, and says how little it stands on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from netlore.report.data import StudyData, TrainingData
from netlore.report.text.study import headline, summary
from netlore.scoring.transforms import TRANSFORMS
from tests.report.tabled import four_trained, only, record, small_sample, small_study, trained

CONDITIONS = "on cifar10 (recipe quick, 2 epochs)"


@pytest.fixture(scope="module")
def study() -> StudyData:
    return dataclasses.replace(small_study(), trainings=four_trained())


def alone(*trainings: TrainingData) -> list[str]:
    return summary(only(small_study(), trainings=trainings))


def test_the_lowest_error_and_by_how_much() -> None:
    assert alone(*four_trained()) == [
        f"Of 3 architectures trained {CONDITIONS}, c has the lowest error: it misclassifies 10.00 % of 500 "
        "validation images, 2.50 percentage points less than b (12.50 %, the mean of 2 seeds from 12.00 to "
        "13.00 %); a has the highest, 20.00 %. With a single seed for one of them, it is not known how much of "
        "that another seed would change.",
        f"Unfinished {CONDITIONS}, and not compared, are c (seed 1, 1 of 2 epochs) and d (seed 0, 1 of 2 epochs).",
    ]


def test_one_architecture_has_an_error_and_no_rank() -> None:
    assert alone(trained("a", record([7.125]))) == [
        "Trained on cifar10 (recipe quick, 1 epoch), a misclassifies 7.12 % of 500 validation images."
    ]
    assert alone(trained("a", record([7.0], planned=3))) == [
        "Unfinished on cifar10 (recipe quick, 3 epochs), and not compared, is a (seed 0, 1 of 3 epochs)."
    ]


def test_seeds_settle_an_order_or_do_not() -> None:
    ahead = alone(trained("a", record([5.0]), record([6.0])), trained("b", record([7.0]), record([8.0])))
    assert ahead[0].endswith("Every seed of a is ahead of every seed of b.")
    assert "has the highest" not in ahead[0]
    overlapping = alone(trained("a", record([5.0]), record([7.5])), trained("b", record([7.0]), record([8.0])))
    assert overlapping[0].endswith("The seeds of the two overlap, so their order is not settled.")
    single = alone(trained("a", record([5.0])), trained("b", record([7.0])))
    assert "With a single seed each, it is not known" in single[0]


def test_the_same_error_is_no_lead() -> None:
    (found,) = alone(trained("a", record([5.0])), trained("b", record([5.0])))
    assert (
        "a has the lowest error: it misclassifies 5.00 % of 500 validation images, as much as b (5.00 %)" in found
    )


def test_three_networks_are_too_few_to_tell(study: StudyData) -> None:
    assert summary(study)[-1] == (
        f"Whether scores go with accuracy cannot be told for networks trained {CONDITIONS} and scored on cifar10 "
        "(sample, seed 0): fewer than 5 have both (Kendall's tau with accuracy: synflow (1.00, n = 3) and "
        "grad_norm (-0.33, n = 3))."
    )


def scored(**scores: list[float]) -> StudyData:
    """As many networks as scores, each better than the one before it; complexities are the same for all."""
    names = [f"net-{i}" for i in range(len(next(iter(scores.values()))))]
    frame = pd.DataFrame({"architecture": names, **scores})
    sample = dataclasses.replace(
        small_sample(),
        predictors=tuple(scores),
        transforms=dict.fromkeys(scores, TRANSFORMS.get("identity")),
        frame=frame,
        transformed={name: np.asarray(values) for name, values in scores.items()},
        **{"correlation": None, "exponential": {}, "trees": {}, "partial": {}, "importance": {}},  # type: ignore[arg-type]
    )
    runs = tuple(trained(name, record([80.0, 40.0 - i])) for i, name in enumerate(names))
    return only(small_study(), samples=(sample,), trainings=runs)


def test_orders_that_are_hardly_chance_are_named_and_their_number_allowed_for() -> None:
    upwards = [float(i) for i in range(8)]
    found = summary(scored(good=upwards, bad=upwards[::-1], mixed=[3.0, 1.0, 4.0, 2.0, 7.0, 0.0, 6.0, 5.0]))[-1]
    # Two of 8! orders are perfect.
    assert "highest for good (1.00, n = 8, p < 0.001), lowest for bad (-1.00, n = 8, p < 0.001), of 3" in found
    assert found.endswith(
        "At 5 %, with Bonferroni's correction for 3 predictors, a random order is rejected for good and bad, in "
        "reverse."
    )
    # Of five networks alone, the perfect order has p = 2 / 120; with four predictors, that is no longer enough.
    one = summary(scored(good=upwards[:5]))[-1]
    assert "(sample, seed 0): good (1.00, n = 5, p = 0.017). At 5 %, a random order is rejected for good." in one
    four = summary(scored(**dict.fromkeys("abcd", upwards[:5])))[-1]
    assert "for 4 predictors, a random order is not rejected." in four


def test_the_cost_that_goes_most_with_accuracy_is_a_yardstick() -> None:
    findings = scored(good=[1.0, 2.0, 3.0, 4.0, 5.0])
    runs = [dataclasses.replace(one, flops=i, params=-i) for i, one in enumerate(findings.trainings)]
    found = summary(dataclasses.replace(findings, trainings=tuple(runs)))[-1]
    assert found.endswith("Of costs, FLOPs (1.00, n = 5, p = 0.017) goes most with accuracy.")


def test_scores_without_an_order_cannot_be_compared() -> None:
    assert summary(scored(flat=[1.0] * 5))[-1].endswith(
        "cannot be compared with accuracies: scores or errors are all equal."
    )
    nan = float("nan")
    assert summary(scored(rare=[1.0, 2.0, nan, nan, nan]))[-1].endswith("accuracies: fewer than 3 have any.")


def test_the_headline_counts_trainings_beside_scores(study: StudyData) -> None:
    # Ten epochs of 2.25 s, rounded to an even number.
    trained_facts = [
        ("architectures trained", "4"),
        ("trainings", "6"),
        ("epochs of training", "10"),
        ("training time", "22 s"),
    ]
    assert headline(study)[-4:] == trained_facts
    assert dict(headline(study))["data sets"] == "2"
    assert headline(only(study, trainings=study.trainings)) == trained_facts
