from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.experiments import select as picking
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration
from netlore.experiments.export import archive_run
from netlore.experiments.refine import RefineRun, refine_run
from netlore.experiments.score import score_run
from netlore.experiments.select import PickRun, pick_run, picked_architecture, stored_pick
from netlore.scoring.predictor import PREDICTORS
from netlore.space.complexity import columns
from netlore.space.named import parse
from tests.experiments.conftest import TINY
from tests.experiments.documents import strictly
from tests.refinement.cases import fickle

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def copy(finished: RefineRun, tmp_path: Path) -> Path:
    """The folder of a finished refinement of two replicates, to be changed."""
    return shutil.copytree(finished.files[0].parent, tmp_path / "copy")


@pytest.fixture(scope="module")
def picked(finished: RefineRun, tmp_path_factory: pytest.TempPathFactory) -> PickRun:
    """A pick from that refinement, in a folder of its own. Not to be changed."""
    folder = tmp_path_factory.mktemp("picks") / "picked"
    return pick_run(shutil.copytree(finished.files[0].parent, folder))


@pytest.fixture
def no_scoring(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("nothing was to be scored")

    monkeypatch.setattr(picking, "pick", refuse)


def folder_of(run: PickRun) -> Path:
    return run.files[0].parent


def written(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in ("pick.json", "architecture.json")}


def begun(folder: Path, networks: int) -> None:
    """A refinement that was interrupted after a number of networks."""
    left = iter(range(networks))

    def stop(seed: int, number: int, done: int, total: int) -> None:
        if done and next(left) == networks - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refine_run(TINY, folder, progress=stop)


# What is kept


def test_a_pick_is_that_of_the_library(finished: RefineRun, picked: PickRun) -> None:
    task = TINY.make_task()
    wanted = nl.pick(finished.refinements[0], task)
    assert picked.pick.architecture == wanted.architecture
    assert [row.architecture.id for row in picked.pick.ranked] == [row.architecture.id for row in wanted.ranked]
    assert picked.pick.score.value == wanted.score.value


def test_the_result_file_says_what_was_picked_from_what(finished: RefineRun, picked: PickRun) -> None:
    found, one = strictly(picked.files[0].read_text()), finished.refinements[0]
    assert picked.files[0].name == "pick.json"
    best = picked.pick.architecture
    assert (found["predictor"], found["data"], found["networks"]) == ("synflow", "noise", 25)
    assert (found["seed"], found["replicate"], found["device"]) == (0, 0, "cpu")
    assert found["principles"] == {name: list(interval) for name, interval in one.principles.items()}
    assert (found["rounds"], found["stopped_because"]) == (len(one.rounds), one.stopped_because)
    assert found["architecture"] == {"id": best.id, "family": "anynet", "values": best.values}
    assert (found["num_classes"], found["resolution"], found["failed"]) == (10, 32, 0)
    assert found["complexity"] == nl.complexity(best, 10).as_dict()
    assert found["score"] == picked.pick.score.value
    assert picked.document() == {**found, "files": [str(path) for path in picked.files]}


def test_candidates_are_ranked_and_described(picked: PickRun) -> None:
    entries = strictly(picked.files[0].read_text())["candidates"]
    assert [entry["id"] for entry in entries] == [row.architecture.id for row in picked.pick.ranked]
    assert sorted(entry["drawn"] for entry in entries) == list(range(1, len(entries) + 1))
    scores = [entry["score"] for entry in entries]
    assert scores == sorted(scores, reverse=True) and {entry["status"] for entry in entries} == {"ok"}
    for entry in entries:
        one = nl.architecture("anynet", entry["values"])
        assert one.id == entry["id"]
        assert {name: entry[name] for name in columns()} == nl.complexity(one, 10).as_dict()


def test_the_architecture_file_is_what_show_reads(picked: PickRun) -> None:
    path = picked.files[1]
    assert path.name == "architecture.json"
    assert parse(str(path)) == picked.pick.architecture
    assert list(json.loads(path.read_text())) == ["family", "values"]


def test_the_number_of_workers_changes_no_byte(picked: PickRun, copy: Path) -> None:
    pick_run(copy, workers=2)
    assert written(copy) == written(folder_of(picked))


def test_an_archive_gives_the_same_pick(picked: PickRun, copy: Path, tmp_path: Path) -> None:
    archive_run(copy, tmp_path / "archive")
    pick_run(tmp_path / "archive")
    assert written(tmp_path / "archive") == written(folder_of(picked))


# Replicates and settings


def test_another_replicate_has_other_principles(finished: RefineRun, copy: Path) -> None:
    run = pick_run(copy, replicate=1)
    assert run.source.refinement.seed == 1 and run.result()["replicate"] == 1
    space = finished.refinements[1].final_space
    assert all(space.contains(row.architecture) for row in run.pick.candidates.rows)
    again = stored_pick(copy)
    assert again is not None and again.source.refinement.seed == 1


def test_an_unknown_replicate_is_refused_with_the_seeds(copy: Path) -> None:
    with pytest.raises(InvalidInput, match=r"copy has no replicate of seed 7; choose one of 0, 1\."):
        pick_run(copy, replicate=7)
    assert not (copy / "pick.json").exists()


def test_other_settings_replace_the_pick(copy: Path) -> None:
    first, other = pick_run(copy), pick_run(copy, networks=2, seed=3)
    assert other.result()["networks"] == 2 and len(other.pick.candidates.rows) == 2
    assert first.result() != other.result() == json.loads((copy / "pick.json").read_text())
    assert parse(str(copy / "architecture.json")) == other.pick.architecture


def test_a_device_that_is_not_here_can_be_replaced(copy: Path) -> None:
    document = json.loads((copy / "run.json").read_text())
    document["configuration"]["device"] = "abacus"
    (copy / "run.json").write_text(json.dumps(document))
    with pytest.raises(InvalidInput, match="device 'abacus' cannot be used"):
        pick_run(copy)
    run = pick_run(copy, device="cpu")
    assert run.result()["device"] == "cpu" and picked_architecture(copy) == run.pick.architecture


# Found again


@pytest.mark.usefixtures("no_scoring")
def test_the_same_pick_is_neither_scored_nor_written_again(picked: PickRun) -> None:
    times = {path: path.stat().st_mtime_ns for path in picked.files}
    again = pick_run(folder_of(picked))
    assert {path: path.stat().st_mtime_ns for path in picked.files} == times
    assert again.document() == picked.document()
    ids = [row.architecture.id for row in picked.pick.candidates.rows]
    assert [row.architecture.id for row in again.pick.candidates.rows] == ids, "in the order of drawing"


@pytest.mark.usefixtures("no_scoring")
def test_a_stored_pick_is_read(picked: PickRun) -> None:
    found = stored_pick(folder_of(picked))
    assert found is not None and found.document() == picked.document()
    assert picked_architecture(folder_of(picked)) == picked.pick.architecture


@pytest.mark.usefixtures("no_scoring")
def test_a_stored_pick_of_other_settings_is_what_is_recommended(copy: Path, monkeypatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(picking, "pick", nl.pick)
        run = pick_run(copy, networks=2, seed=3, replicate=1)
    assert picked_architecture(copy) == run.pick.architecture
    assert json.loads((copy / "pick.json").read_text()) == run.result()


def test_without_a_stored_pick_the_defaults_are_recommended(picked: PickRun, copy: Path) -> None:
    assert stored_pick(copy) is None
    assert picked_architecture(copy) == picked.pick.architecture
    assert written(copy) == written(folder_of(picked))


@pytest.mark.usefixtures("no_scoring")
def test_a_missing_architecture_file_is_written_again(copy: Path, picked: PickRun) -> None:
    shutil.copy(picked.files[0], copy)
    pick_run(copy)
    assert written(copy) == written(folder_of(picked))


DAMAGES: dict[str, Change] = {
    "empty": lambda found: found.clear(),
    "no candidates": lambda found: found.pop("candidates"),
    "not one": lambda found: found.update(candidates=[]),
    "other values": lambda found: found["candidates"][0]["values"].update(d1=0),
    "another best": lambda found: found["candidates"][0].update(score=0.0),
    "no score": lambda found: found["candidates"][0].update(score=None),
    "no numbers": lambda found: found["candidates"][0].update(drawn="first"),
    "other principles": lambda found: found["principles"].update(d1=[1, 16]),
    "another run": lambda found: found["refinement"].update(batch_size=9),
    "unknown replicate": lambda found: found.update(replicate=7),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_pick_that_is_not_whole_or_not_the_run_s_is_made_again(
    picked: PickRun, copy: Path, damage: Change
) -> None:
    document = json.loads(picked.files[0].read_text())
    damage(document)
    (copy / "pick.json").write_text(json.dumps(document))
    assert stored_pick(copy) is None
    pick_run(copy)
    assert written(copy) == written(folder_of(picked))


@pytest.mark.parametrize("text", ["", "[]", "{", "\ud800"])
def test_a_file_that_is_no_pick_is_replaced(picked: PickRun, copy: Path, text: str) -> None:
    (copy / "pick.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert stored_pick(copy) is None
    pick_run(copy)
    assert written(copy) == written(folder_of(picked))


# Refinements that are not finished, and folders that are none


def test_an_unfinished_refinement_is_picked_from_until_it_goes_on(picked: PickRun, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    begun(folder, TINY.networks + 2)
    run = pick_run(folder)
    assert (run.result()["stopped_because"], run.result()["rounds"]) == ("unfinished", 1)
    assert stored_pick(folder) is not None
    refine_run(TINY, folder)
    assert stored_pick(folder) is None, "the principles are others now"
    assert picked_architecture(folder) == picked.pick.architecture
    assert written(folder) == written(folder_of(picked))


@pytest.mark.usefixtures("no_scoring")
def test_why_the_refinement_stopped_is_written_again_though_the_pick_stays(picked: PickRun, copy: Path) -> None:
    document = json.loads(picked.files[0].read_text())
    document["stopped_because"] = "unfinished"
    (copy / "pick.json").write_text(json.dumps(document))
    pick_run(copy)
    assert written(copy) == written(folder_of(picked))


def test_a_refinement_without_a_whole_round_is_refused(tmp_path: Path) -> None:
    begun(tmp_path, 2)
    with pytest.raises(InvalidInput, match=r"not one round in .* is complete; run its refine command again"):
        pick_run(tmp_path)


def test_only_refinements_have_principles(tmp_path: Path) -> None:
    score_run(ScoreConfiguration(data="noise", batch_size=2, networks=1, predictors=("synflow",)), tmp_path)
    for ask in (pick_run, picked_architecture):
        with pytest.raises(InvalidInput) as caught:
            ask(tmp_path)
        assert str(caught.value) == (
            f"{tmp_path} holds a score run, which has no principles to pick from; name a refinement."
        )
    with pytest.raises(InvalidInput, match=r"holds no readable run\.json, so it is not a run"):
        picked_architecture(tmp_path / "absent")


# Candidates without a score


def test_candidates_that_fail_come_last_and_are_counted(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(PREDICTORS._objects, "fickle", fickle)
    configuration = RefineConfiguration(**{**TINY.model_dump(), "predictor": "fickle", "round_limit": 1})
    refine_run(configuration, tmp_path)
    run = pick_run(tmp_path)
    entries = run.result()["candidates"]
    assert 0 < run.failed < len(entries) and run.result()["failed"] == run.failed
    assert [entry["status"] for entry in entries][-run.failed :] == ["degenerate"] * run.failed
    assert all(entry["score"] is None and entry["reason"] for entry in entries[-run.failed :])
    again = stored_pick(tmp_path)
    assert again is not None and again.failed == run.failed and again.result() == run.result()
