from __future__ import annotations

import json
from pathlib import Path

import pytest

import netlore as nl
from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.score import score_run

TINY = ScoreConfiguration(data="noise", batch_size=8, networks=4, predictors=("synflow", "snip"))


def test_a_sample_is_that_of_the_library(tmp_path: Path) -> None:
    run = score_run(TINY, tmp_path / "run")
    task = nl.task("noise", batch_size=8)
    space = nl.anynet(flops=(10e6, 50e6))
    table = nl.score(nl.sample(space, 4, seed=0), ("synflow", "snip"), task, seed=0)
    assert [row.score.value for row in run.table.rows] == [row.score.value for row in table.rows]
    assert [path.name for path in run.files] == ["scores.sqlite", "run.json"] and all(map(Path.exists, run.files))


def test_scoring_again_computes_nothing(tmp_path: Path) -> None:
    first = score_run(TINY, tmp_path)
    reported: list[tuple[int, int]] = []
    again = score_run(TINY, tmp_path, progress=lambda *t: reported.append(t))
    assert reported == [(4, 4)] and [*again.table.rows] == [*first.table.rows]


def test_the_document_is_a_summary_in_plain_json(tmp_path: Path) -> None:
    run = score_run(TINY, tmp_path)
    document = json.loads(json.dumps(run.document(), allow_nan=False))
    values = [row.score.value for row in run.table.rows if row.predictor == "snip"]
    found = document["predictors"]["snip"]
    assert (found["scored"], found["failed"]) == (4, 0)
    assert (found["lowest"], found["highest"]) == (min(values), max(values))
    assert document["networks"] == 4 and document["failed"] == 0 and len(document["files"]) == 2


def test_named_architectures_are_scored_as_often_as_they_are_named(tmp_path: Path) -> None:
    small = json.dumps(
        {"values": {f"{k}{i}": v for k, v in {"d": 1, "w": 4, "g": 2, "b": 1}.items() for i in (1, 2, 3)}}
    )
    configuration = TINY.model_copy(update={"architectures": (small, "baseline/resnet-20", small)})
    rows = [row for row in score_run(configuration, tmp_path).table.rows if row.predictor == "synflow"]
    assert [row.draw for row in rows] == [0, 0, 1]
    assert [row.architecture.family for row in rows] == ["anynet", "resnet", "anynet"]
    assert rows[0].score.value != rows[2].score.value


def test_a_sample_none_of_which_has_a_score_still_makes_plain_json(tmp_path: Path) -> None:
    # Depth is no hyperparameter's limit when an architecture is named: this one's flow exceeds float64.
    deep = json.dumps({"family": "resnet", "values": {"d1": 300, "d2": 1, "d3": 1, "w1": 2, "w2": 2, "w3": 2}})
    configuration = TINY.model_copy(update={"architectures": (deep,), "predictors": ("synflow",)})
    run = score_run(configuration, tmp_path)
    document = json.loads(json.dumps(run.document(), allow_nan=False))
    assert run.failed == document["failed"] == 1
    assert document["predictors"]["synflow"]["lowest"] is None and document["predictors"]["synflow"]["failed"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"predictors": ("snap",)},
        {"architectures": ("nothing",)},
        {"flops": (1, 2)},
        {"device": "abacus"},
        {"data": "no"},
    ],
)
def test_bad_input_leaves_no_folder(tmp_path: Path, changes) -> None:
    with pytest.raises(InvalidInput):
        score_run(TINY.model_copy(update=changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_of_another_configuration_is_refused(tmp_path: Path) -> None:
    score_run(TINY, tmp_path)
    with pytest.raises(DifferentConfiguration, match="networks is 4 there and 5 here"):
        score_run(TINY.model_copy(update={"networks": 5}), tmp_path)
