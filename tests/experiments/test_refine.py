from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from netlore.errors import DifferentConfiguration, InvalidInput, Unwritable
from netlore.experiments.refine import RefineRun, refine_run, stored_refinements, stored_run
from netlore.refinement.refine import refine_with_memory
from netlore.storage.score_store import Store
from tests.experiments.conftest import TINY
from tests.storage.limits import files_of_at_most

MEMORY = TINY.model_copy(update={"method": "memory", "round_limit": 4})


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the store, which readers may touch."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {
        name: content for name, content in found.items() if not name.startswith(("scores.sqlite", "writer.lock"))
    }


def folder_of(run: RefineRun) -> Path:
    return run.files[0].parent


def test_a_run_leaves_result_scores_and_settings(finished: RefineRun) -> None:
    folder = folder_of(finished)
    assert {path.name for path in folder.iterdir()} == {
        *("refinement.json", "run.json", "scores.sqlite", "writer.lock")
    }
    assert all(path.is_file() for path in finished.files)
    assert {path.name for path in finished.files} >= {
        "refinement.json",
        "run.json",
        "scores.sqlite",
    }


def test_the_result_file_holds_what_the_refinements_found(finished: RefineRun) -> None:
    result = json.loads((folder_of(finished) / "refinement.json").read_text())
    one, two = finished.refinements
    assert (one.seed, two.seed) == (0, 1)
    assert result["predictor"] == "synflow" and result["rounds"] == len(one.rounds)
    assert result["stopped_because"] == one.stopped_because and result["failed"] == 0
    assert result["principles"] == {name: list(interval) for name, interval in one.principles.items()}
    assert result["cardinalities"] == one.cardinalities and result["networks_scored"] == one.networks_scored
    assert [found["seed"] for found in result["replicates"]] == [0, 1]
    assert list(result["repeats"]) == list(one.principles)
    low, high = result["repeats"]["d1"]["low"], result["repeats"]["d1"]["high"]
    assert low == min(one.principles["d1"].low, two.principles["d1"].low)
    assert high == max(one.principles["d1"].high, two.principles["d1"].high)


def test_a_result_written_again_is_the_same_to_the_last_byte(finished: RefineRun, tmp_path: Path) -> None:
    before = contents(folder_of(finished))
    # Elsewhere, and without the old one.
    copy = shutil.copytree(folder_of(finished), tmp_path / "copy")
    (copy / "refinement.json").unlink()
    again = stored_run(copy)
    assert contents(copy) == before
    assert again.repeats == finished.repeats
    assert {path.name for path in again.files} == {path.name for path in finished.files} - {
        "run.json",
        "scores.sqlite",
    }


def test_replicates_can_be_added_to_a_finished_run(finished: RefineRun, tmp_path: Path) -> None:
    copy = shutil.copytree(folder_of(finished), tmp_path / "copy")
    reported: list[tuple[int, int, int, int]] = []
    more = refine_run(TINY, copy, replicates=3, progress=lambda *t: reported.append(t))
    assert [one.principles for one in more.refinements[:2]] == [one.principles for one in finished.refinements]
    assert {seed for seed, _, done, total in reported if done < total} == {2}, "only the third is new"
    assert [one.seed for one in stored_run(copy).refinements] == [0, 1, 2]
    assert [one.seed for one in refine_run(TINY, copy).refinements] == [0, 1, 2], "a later call forgets none"


def test_an_interrupted_run_is_reported_and_goes_on(finished: RefineRun, tmp_path: Path) -> None:
    def stop(seed: int, number: int, done: int, total: int) -> None:
        if (seed, number, done) == (1, 1, 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refine_run(TINY, tmp_path, replicates=2, progress=stop)
    partly = stored_run(tmp_path)
    assert [one.seed for one in partly.refinements] == [0] and not partly.repeats
    whole = refine_run(TINY, tmp_path, replicates=2)
    assert whole.repeats == finished.repeats


def test_a_run_without_a_whole_round_has_no_report(tmp_path: Path) -> None:
    def stop(seed: int, number: int, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refine_run(TINY, tmp_path, progress=stop)
    with pytest.raises(InvalidInput, match=r"not one round in .* is complete; run its refine command again"):
        stored_run(tmp_path)


def test_a_report_needs_neither_the_device_nor_the_precision_of_the_run(
    finished: RefineRun, tmp_path: Path
) -> None:
    copy = shutil.copytree(folder_of(finished), tmp_path / "copy")
    document = json.loads((copy / "run.json").read_text())
    document["configuration"]["device"] = "a device of another machine"
    (copy / "run.json").write_text(json.dumps(document))
    assert stored_run(copy).repeats == finished.repeats


@pytest.mark.parametrize(
    "changes",
    [
        *({"networks": 7}, {"seed": 1}, {"flops": (1e6, 6e6)}, {"predictor": "log_synflow"}, {"dtype": "float64"}),
        {"method": "memory"},
    ],
)
def test_a_folder_of_another_configuration_is_left_as_it_is(finished: RefineRun, changes) -> None:
    before = contents(folder_of(finished))
    (name,) = changes
    with pytest.raises(DifferentConfiguration, match=f"{name} is .* there and .* here"):
        refine_run(TINY.model_copy(update=changes), folder_of(finished), replicates=2)
    assert contents(folder_of(finished)) == before


def test_a_run_that_ended_at_the_limit_of_rounds_goes_on_with_a_higher_one(tmp_path: Path) -> None:
    limited = refine_run(TINY.model_copy(update={"round_limit": 1}), tmp_path / "run")
    assert limited.refinements[0].stopped_because == "round limit"
    further = refine_run(TINY, tmp_path / "run")
    alone = refine_run(TINY, tmp_path / "alone")
    assert further.refinements[0].principles == alone.refinements[0].principles
    assert further.refinements[0].networks_scored == alone.refinements[0].networks_scored > TINY.networks


@pytest.mark.parametrize(
    "changes",
    [{"predictor": "snap"}, {"predictor": "all"}, {"data": "nothing"}, {"flops": (1, 2)}, {"device": "abacus"}],
)
def test_bad_input_leaves_no_folder(tmp_path: Path, changes) -> None:
    with pytest.raises(InvalidInput):
        refine_run(TINY.model_copy(update=changes), tmp_path / "run")
    with pytest.raises(InvalidInput, match="replicates = 0 is not between 1 and"):
        refine_run(TINY, tmp_path / "run", replicates=0)
    assert not (tmp_path / "run").exists()


def test_a_folder_of_an_earlier_version_goes_on_with_the_draws_that_it_has(tmp_path: Path) -> None:
    common = TINY.model_copy(update={"common_draws": True, "round_limit": 1})
    before = refine_run(common, tmp_path)
    document = json.loads((tmp_path / "run.json").read_text())
    assert document["configuration"].pop("common_draws") is True  # versions before that choice did not write it
    (tmp_path / "run.json").write_text(json.dumps(document))
    with Store(tmp_path, None) as store:
        assert "common_draws" not in store.configuration
    assert stored_refinements(tmp_path)[0].common_draws
    with pytest.raises(DifferentConfiguration, match="common_draws"):
        refine_run(TINY, tmp_path)
    after = refine_run(common.model_copy(update={"round_limit": 2}), tmp_path).refinements[0]
    assert after.rounds[0].table.wide.equals(before.refinements[0].rounds[0].table.wide)
    assert after.rounds[1].table.rows[0].seed == 0


def test_the_paper_s_resampling_has_the_seed_of_its_replicate(tmp_path: Path) -> None:
    configuration = TINY.model_copy(update={"bootstrap": "monte-carlo"})
    run = refine_run(configuration, tmp_path, replicates=2)
    assert stored_run(tmp_path).repeats == run.repeats


def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path: Path, finished: RefineRun) -> None:
    def fill(*progress: int) -> None:
        done.append(progress)

    done: list[tuple[int, ...]] = []
    # Room for a few networks: each of them adds some pages to the log of the store.
    with files_of_at_most(150_000), pytest.raises(Unwritable) as caught:
        refine_run(TINY, tmp_path, replicates=2, progress=fill)
    assert "scores.sqlite cannot be written" in str(caught.value) and "\n" not in str(caught.value)
    assert "everything written before is kept" in str(caught.value)
    scored = sum(number > 0 for _, _, number, _ in done)
    with Store(tmp_path, None) as store:
        assert len(list(store.rows())) == scored > 0
    assert refine_run(TINY, tmp_path, replicates=2).repeats == finished.repeats


def test_a_refinement_with_memory_is_that_of_the_library_and_found_again(tmp_path: Path) -> None:
    run = refine_run(MEMORY, tmp_path, replicates=2)
    task = MEMORY.make_task()
    alone = refine_with_memory(MEMORY.make_space(task), "synflow", task, 6, seed=1, round_limit=4)
    assert run.refinements[1].principles == alone.principles
    assert run.refinements[1].networks_scored == alone.networks_scored
    result = (tmp_path / "refinement.json").read_bytes()
    assert [found["method"] for found in json.loads(result)["replicates"]] == ["memory"] * 2
    (tmp_path / "refinement.json").unlink()
    assert stored_run(tmp_path).repeats == run.repeats
    assert (tmp_path / "refinement.json").read_bytes() == result


def test_an_interrupted_refinement_with_memory_goes_on_with_any_number_of_workers(tmp_path: Path) -> None:
    def stop(seed: int, number: int, done: int, total: int) -> None:
        if (number, done) == (3, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refine_run(MEMORY, tmp_path / "run", progress=stop)
    (partly,) = stored_refinements(tmp_path / "run")[1]
    assert (len(partly.rounds), partly.stopped_because) == (2, "unfinished")
    reported: list[tuple[int, int]] = []
    run = refine_run(MEMORY, tmp_path / "run", workers=2, progress=lambda _, *t: reported.append(t[:2]))
    alone = refine_run(MEMORY, tmp_path / "alone")
    assert run.refinements[0].principles == alone.refinements[0].principles
    assert run.refinements[0].cardinalities == alone.refinements[0].cardinalities
    assert all(number >= 3 for number, done in reported if done == 1), "what was scored is not scored again"
