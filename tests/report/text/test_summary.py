"""A study in numbers and sentences: each has its number, names its figure, and there are at most ten."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from netlore.report.data import StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.page.study import headline
from netlore.report.tables.refinement import tables
from netlore.report.text.phrases import short
from netlore.report.text.summary import MOST, summary
from netlore.scoring.transforms import TRANSFORMS
from tests.report.conftest import SYNFLOW_ENDS, configured
from tests.report.tabled import four_trained, only, record, refinement, small_sample, small_study, trained


@pytest.fixture(scope="module")
def study() -> StudyData:
    return dataclasses.replace(small_study(), trainings=four_trained())


def said(study: StudyData, about: str) -> list[str]:
    return [one.text for one in summary(study) if one.about == about]


def test_ten_sentences_at_most_and_each_has_a_number(study: StudyData) -> None:
    early = tuple(
        refinement(SYNFLOW_ENDS, 2, 0.5, predictor=f"p{i}", changes={"stopped_because": "unfinished"})
        for i in range(20)
    )
    full = dataclasses.replace(study, refinements=(*study.refinements, *early))
    assert len(summary(full)) == MOST == 10
    for sentence in summary(full):
        assert any(letter.isdigit() for letter in sentence.text), sentence


def test_every_sentence_is_about_a_figure_or_table_of_the_page(study: StudyData) -> None:
    shown = {one.name for one in figures(study)} | {one.name for one in tables(study)}
    assert {one.about for one in summary(study)} <= shown


def test_sizes_go_from_the_least_to_the_most(study: StudyData) -> None:
    (text,) = said(study, "fig5-sizes")
    assert "Of 23,887,872,000 architectures" in text and "1 (synflow on cifar10) to 155,520 (jacov" in text
    (alone,) = said(only(study, refinements=(refinement(SYNFLOW_ENDS, 1, 1.0),)), "fig5-sizes")
    assert "hold 1 after 3 rounds. Every interval is a single value." in alone


def test_agreement_of_scores_and_of_principles(study: StudyData) -> None:
    (text,) = said(study, "fig2-correlation")
    assert (
        "grad_norm and synflow" in text
        and "0.90" in text
        and "grad_norm and jacov least (\N{MINUS SIGN}0.25)" in text
    )
    (text,) = said(study, "agreement")
    assert "synflow and jacov on cifar10 share 25%" in text


def test_costs_at_their_threshold(study: StudyData) -> None:
    (text,) = said(study, "partial-correlation")
    assert "grad_norm (75%)" in text and "jacov" not in text
    sample = dataclasses.replace(small_sample(), partial={"jacov": small_sample().partial["jacov"]})
    (text,) = said(only(study, samples=(sample,)), "partial-correlation")
    assert "none of 1 predictor" in text


def test_what_repeats_and_how_far_apart_seeds_end(study: StudyData) -> None:
    (text,) = said(study, "stability")
    assert text.startswith("12 of 12 hyperparameters of jacov on cifar10") and "11 of synflow on cifar10" in text
    (text,) = said(study, "repeatability")
    assert text.startswith("2 of 4 seeds came near") and "4.0 noise units" in text


def test_who_had_not_settled(study: StudyData) -> None:
    assert said(study, "table1-principles") == []
    limit = refinement(SYNFLOW_ENDS, 1, 1.0, changes={"stopped_because": "round limit"})
    (text,) = said(only(study, refinements=(limit,)), "table1-principles")
    assert text.startswith("1 refinement had not settled") and "synflow on cifar10 (seed 0)" in text
    # A baseline does as many rounds as were asked for.
    assert said(only(study, refinements=(configured(limit, method="random"),)), "table1-principles") == []


def test_the_upper_end_needs_a_budget_of_that_measure(study: StudyData) -> None:
    # 43 MFLOPs is 94 % of the way from 10 to 45 MFLOPs, and 82 % of that to 50.
    one, wide, free = (
        only(study, refinements=(refinement(SYNFLOW_ENDS, 1, 1.0, **changes),))
        for changes in ({}, {"flops": (10_000_000, 50_000_000)}, {"budget": "no budget"})
    )
    assert len(said(one, "fig10-complexity")) == 1
    assert said(wide, "fig10-complexity") == said(free, "fig10-complexity") == []


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [((5.0,), (7.0,), "single seed"), ((5.0, 6.0), (7.0, 8.0), "every seed"), ((5.0, 7.5), (7.0, 8.0), "overlap")],
)
def test_the_lowest_error_and_how_settled_it_is(
    study: StudyData, first: tuple[float, ...], second: tuple[float, ...], words: str
) -> None:
    runs = [
        trained(name, *(record([error], seed=i) for i, error in enumerate(errors)))
        for name, errors in (("a", first), ("b", second))
    ]
    (text,) = said(only(study, trainings=tuple(runs)), "table2-performance")
    assert text.startswith("a has the lowest error on cifar10, ") and words in text


def scored(**scores: list[float]) -> StudyData:
    """As many networks as scores, each better than the one before it."""
    names = [f"net-{i}" for i in range(len(next(iter(scores.values()))))]
    sample = dataclasses.replace(
        small_sample(),
        predictors=tuple(scores),
        transforms=dict.fromkeys(scores, TRANSFORMS.get("identity")),
        frame=pd.DataFrame({"architecture": names, **scores}),
        transformed={name: np.asarray(values) for name, values in scores.items()},
        **{"correlation": None, "exponential": {}, "trees": {}, "partial": {}, "importance": {}},  # type: ignore[arg-type]
    )
    runs = tuple(trained(name, record([80.0, 40.0 - i])) for i, name in enumerate(names))
    return only(small_study(), samples=(sample,), trainings=runs)


def test_scores_that_go_with_accuracy_are_named() -> None:
    upwards = [float(i) for i in range(8)]
    mixed = [3.0, 1.0, 4.0, 2.0, 7.0, 0.0, 6.0, 5.0]
    (text,) = said(scored(good=upwards, bad=upwards[::-1], mixed=mixed), "score-accuracy")
    assert "1.00 (good, n = 8) to \N{MINUS SIGN}1.00 (bad, n = 8)" in text and text.endswith(
        "rejected for good and bad."
    )
    (text,) = said(scored(**dict.fromkeys("abcd", upwards[:5])), "score-accuracy")
    assert text.endswith("rejected for no predictor.")
    (text,) = said(scored(good=upwards[:4]), "score-accuracy")
    assert text.endswith("fewer than 5 networks are too few to distinguish that from chance.")
    assert said(scored(flat=[1.0] * 5), "score-accuracy") == []


def test_the_headline_counts_and_leaves_out_nothing_but_nothing(study: StudyData) -> None:
    # 4 networks of the sample, and 500 in each of 17 rounds. 5 times 312.4 s and 8 s: 1,570 s.
    assert headline(small_study()) == [
        ("networks scored", f"{4 + 500 * 17:,}"),
        ("predictors", "3"),
        ("data sets", "2"),
        ("refinements", "5"),
        ("rounds", "17"),
        ("scoring time", "26 min 10 s"),
    ]
    assert headline(only(study, refinements=study.refinements[2:])) == [
        ("networks scored", "1,500"),
        ("rounds", "3"),
        ("architectures at first", short(23_887_872_000)),
        ("architectures in the end", "1"),
        ("scoring time", "5 min 12 s"),
    ]
    # Ten epochs of 2.25 s, rounded to an even number.
    facts = [
        ("architectures trained", "4"),
        ("trainings", "6"),
        ("epochs of training", "10"),
        ("training time", "22 s"),
    ]
    assert headline(only(study, trainings=study.trainings)) == facts and headline(study)[-4:] == facts
    assert headline(only(study)) == [] == summary(only(study))
