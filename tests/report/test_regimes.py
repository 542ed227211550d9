"""Refinements that differ in their budgets alone: one report keeps them apart and shows how principles move."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.refine import refine_run
from netlore.experiments.score import score_run
from netlore.report.collect import find
from netlore.report.compare.runs import method_groups
from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.page.study import headline
from netlore.report.regimes import by_regime
from netlore.report.tables.refinement import tables
from netlore.report.text.regimes import moves_text
from netlore.report.text.summary import summary
from netlore.report.write import select_runs
from tests.experiments.study.plans import plan
from tests.report.conftest import build
from tests.report.figures.conftest import texts_of

SMALL, LARGE = "1M to 5M FLOPs", "5M to 12M FLOPs"
STUDY = """
data = ["noise"]
predictors = ["synflow"]

[regimes.small]
flops = [1e6, 5e6]

[regimes.large]
flops = [5e6, 12e6]

[sizes.small]
sample = 4
networks = 6
batch_size = 2
round_limit = 2
methods = ["random", "evolution"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("regimes")
    for part in plan(made, STUDY).parts:
        configuration = part.configuration
        if isinstance(configuration, RefineConfiguration):
            refine_run(configuration, made / part.name)
        else:
            score_run(configuration, made / part.name)
    names = [part.name for part in plan(made, STUDY).parts]
    (made / "study.json").write_text(json.dumps({"title": "Regimes", "parts": names}))
    return made


@pytest.fixture(scope="module")
def findings(folder: Path) -> StudyData:
    return find(select_runs([folder]).folders, "Regimes")


def test_budgets_are_part_of_what_refinements_and_samples_are_called(findings: StudyData) -> None:
    labels = [f"noise at {budget}" for budget in (SMALL, LARGE)]
    assert [one.data for one in findings.refinements] == labels
    assert [one.data for one in findings.samples] == labels
    assert findings.classes[labels[0]] == findings.classes["noise"]
    facts = dict(headline(findings))
    assert (facts["data set"], facts["budgets"], facts["refinements"]) == ("1", "2", "2")


def test_a_figure_has_a_row_for_each_budget(findings: StudyData) -> None:
    specs = {spec.name: spec for spec in figures(findings)}
    assert "principles" not in specs  # its rows would be the same
    texts = [text.get_text() for text in texts_of(specs["regimes"].draw())]
    assert [text for text in texts if text in ("synflow", SMALL, LARGE)] == [SMALL, LARGE] * texts.count("Depth")
    assert f"noise at {SMALL} (synflow): 6 networks a round" in specs["regimes"].caption


def test_a_table_has_a_column_for_each_budget(findings: StudyData) -> None:
    (table,) = (one for one in tables(findings) if one.name == "regimes")
    first, second = (one.first.principles for one in findings.refinements)
    assert table.columns == ["Data set", "Predictor", "Hyperparameter", SMALL, LARGE]
    rows = {row[2]: row[3:] for row in table.frame.itertuples(index=False, name=None)}
    assert rows == {name: (str(first[name]), str(second[name])) for name in first}


def test_baselines_stand_once_above_the_networks_of_all_budgets(findings: StudyData) -> None:
    (table,) = (one for one in tables(findings) if one.name == "table2-complexity")
    found = list(table.frame[["Data set", "Baseline or predictor"]].itertuples(index=False, name=None))
    assert found[0] == ("noise", "resnet-20")
    assert [data for data, name in found if name == "synflow"] == [f"noise at {SMALL}", f"noise at {LARGE}"]
    assert len({name for _, name in found}) == len(found) - 1


def test_a_sentence_counts_principles_that_move(findings: StudyData) -> None:
    def with_depths(depths: tuple[int, int], budget: str) -> RefinementData:
        grids = {name: tuple(range(1, 17)) for name in ("d1", "d2")}
        one = build({"d1": depths, "d2": (1, 4)}, grids=grids, predictor="a")
        return replace(one, regime=budget)

    study = replace(findings, samples=(), refinements=(with_depths((1, 4), SMALL), with_depths((5, 16), LARGE)))
    (text,) = (one.text for one in summary(study) if one.about == "regimes")
    assert text == f"1 of 2 principles of a on cifar10 at {LARGE} (d1) shares no value with that at {SMALL}."
    small, large = study.refinements
    other = replace(large, refinements=(*large.refinements, *small.refinements))
    text = moves_text(replace(study, refinements=(small, other)))
    assert (
        text
        == f"0 of 2 principles of a on cifar10 at {LARGE} share no value with those at {SMALL}, with any seeds."
    )


def test_methods_are_compared_budget_by_budget(folder: Path) -> None:
    compared = select_runs([folder]).compared
    assert len(compared) == 4
    assert [group.title for group in method_groups(compared)] == [
        f"synflow on noise at {budget}" for budget in (SMALL, LARGE)
    ]
    with pytest.raises(InvalidInput, match=r"flops is .* so their scores do not compare"):
        method_groups([folder / f"synflow-noise-random-{regime}" for regime in ("small", "large")])


def test_runs_that_differ_in_more_than_their_budgets_are_refused(findings: StudyData) -> None:
    one, other = findings.refinements
    longer = replace(other, configuration=other.configuration.model_copy(update={"networks": 9}), regime="")
    with pytest.raises(InvalidInput, match="under different budgets, but with other networks too"):
        by_regime([replace(one, regime=""), longer], [])
    with pytest.raises(InvalidInput, match="name one of them, or put them side by side with `netlore compare`"):
        by_regime([one, one], [])
