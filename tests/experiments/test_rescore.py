"""Rescored elites: what is scored, what it changes, how it goes on, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
import statistics
from pathlib import Path

import numpy as np
import pytest

from netlore.errors import InvalidInput
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.export import archive_run
from netlore.experiments.record import recorded, silent
from netlore.experiments.refine import refine_run, stored_refinements
from netlore.experiments.score import score_run
from netlore.report.compare.collect import find_methods
from netlore.report.compare.data import GroupFindings, ReplicateFindings
from netlore.report.compare.runs import method_groups
from netlore.report.compare.write import Comparison, compare_runs
from netlore.storage.archive import opened
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow
from netlore.study import compare_again
from tests.experiments.conftest import TINY
from tests.storage.rewritten import rewrite

AGAIN = Path("again") / "synflow-noise"
SMALL = TINY.model_copy(
    update={"networks": 10, "common_draws": True}
)  # so that not every architecture is an elite


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seeds of the paper's method, one with memory, and `out` with their elites rescored twice."""
    folder = tmp_path_factory.mktemp("again")
    refine_run(SMALL, folder / "paper", 2)
    refine_run(SMALL.model_copy(update={"method": "memory", "seed": 1}), folder / "memory", 1)
    return folder


@pytest.fixture(scope="module")
def runs(base: Path) -> list[Path]:
    return [base / "paper", base / "memory"]


@pytest.fixture(scope="module")
def reported() -> list[tuple[str, int, int, str]]:
    return []


@pytest.fixture(scope="module")
def compared(base: Path, runs: list[Path], reported: list[tuple[str, int, int, str]]) -> Comparison:
    def report(label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
        reported.append((label, done, total, unit))

    return compare_again(runs, base / "out", 2, 1, report)


@pytest.fixture
def copied(base: Path, compared: Comparison, tmp_path: Path) -> Path:
    """The fresh scores, to be changed."""
    return Path(shutil.copytree(base / "out" / AGAIN, tmp_path / "fresh"))


def fresh_scores(folder: Path) -> dict[str, list[float]]:
    with opened(folder) as store:
        found: dict[str, list[float]] = {}
        for row in store.rows():
            if row.score.value is not None:
                found.setdefault(row.architecture.id, []).append(float(np.log(row.score.value)))
    return found


def replicates(group: GroupFindings) -> list[ReplicateFindings]:
    return [one for method in group.methods for one in method.replicates]


def test_every_elite_is_scored_so_often_with_a_new_seed(
    base: Path, runs: list[Path], compared: Comparison
) -> None:
    (group,) = method_groups(runs)
    configuration = recorded(base / "out" / AGAIN).configuration
    assert isinstance(configuration, ScoreConfiguration)
    names = sorted({name for one in group.pooled for name in one.elite})
    known = {name: architecture for one in group.pooled for name, architecture in one.known.items()}
    assert list(configuration.architectures) == [known[name].to_json() for name in names for _ in range(2)]
    assert (configuration.seed, configuration.predictors) == (2, ("synflow",))
    assert configuration.flops == TINY.flops and configuration.batch_size == TINY.batch_size
    with opened(base / "out" / AGAIN) as store:
        assert {(row.seed, row.draw) for row in store.rows()} == {(2, 0), (2, 1)}
    own = {score for one in group.pooled for score in one.scores}
    assert not own & {score for scores in fresh_scores(base / "out" / AGAIN).values() for score in scores}


def test_what_is_reached_is_measured_by_fresh_means(base: Path, runs: list[Path], compared: Comparison) -> None:
    (own,), (group,) = find_methods(runs).groups, compared.data.groups
    fresh = {name: statistics.fmean(scores) for name, scores in fresh_scores(base / "out" / AGAIN).items()}
    assert group.best_known == pytest.approx(max(fresh.values())) and group.noise
    enough = max(fresh.values()) - group.noise
    (stored,) = method_groups(runs)
    for one, before, found in zip(replicates(group), replicates(own), stored.pooled, strict=True):
        assert len(found.elite) == 12 < len(set(found.architectures))
        assert one.rescored == pytest.approx(statistics.fmean(fresh[name] for name in found.elite))
        near = [fresh.get(name, -np.inf) >= enough for name in found.architectures]
        assert one.reached == (near.index(True) + 1 if any(near) else None)
        assert (one.best.rescored, one.best.rescored_draws) == (pytest.approx(fresh[one.best.identity]), 2)
        assert (one.elite_score, before.rescored, before.best.rescored) == (before.elite_score, None, None)
    assert any(one.reached is not None for one in replicates(group))
    assert own.rescored is None and group.rescored is not None
    assert (group.rescored.architectures, group.rescored.draws, group.rescored.seed) == (len(fresh), 2, 2)


def test_all_of_it_is_reported_and_written(
    base: Path, runs: list[Path], compared: Comparison, reported: list[tuple[str, int, int, str]]
) -> None:
    total = 2 * len(fresh_scores(base / "out" / AGAIN))
    assert reported[0] == ("again synflow-noise", 0, total, "networks")
    assert ("again synflow-noise", total, total, "networks") in reported and reported[-1] == (
        "compare",
        2,
        2,
        "figures",
    )
    assert compared.files[0].name == "compare.html" and not compared.failures
    assert {base / "out" / AGAIN / name for name in ("scores.sqlite", "run.json")} <= set(compared.files)
    assert "rescored elite score" in compared.sentences[0].text


def test_fresh_scores_and_their_archive_give_the_same_files(
    base: Path, runs: list[Path], compared: Comparison, tmp_path: Path
) -> None:
    archive_run(base / "out" / AGAIN, tmp_path / "archive")
    for fresh in (base / "out" / AGAIN, tmp_path / "archive"):
        found = compare_runs([fresh, *reversed(runs)], tmp_path / f"from-{fresh.name}")
        assert len(found.files) == len(compared.files) - 2
        for one, other in zip(compared.files, found.files, strict=False):
            assert one.read_bytes() == other.read_bytes(), one


def test_the_same_command_goes_on_where_it_stopped(
    base: Path, runs: list[Path], compared: Comparison, tmp_path: Path
) -> None:
    shutil.copytree(base / "out" / AGAIN, tmp_path / AGAIN)
    with sqlite3.connect(tmp_path / AGAIN / "scores.sqlite") as connection:
        connection.execute("DELETE FROM score WHERE draw = 1")
    lost = find_methods([*runs, tmp_path / AGAIN]).groups[0]
    assert lost.rescored is not None and lost.rescored.draws == 1
    done: list[int] = []
    again = compare_again(runs, tmp_path, 2, 1, lambda label, now, total, *_, **__: done.append(now))
    assert done[0] == len(fresh_scores(base / "out" / AGAIN))
    assert again.data.groups[0].best_known == compared.data.groups[0].best_known
    assert again.sentences == compared.sentences


def test_elites_are_scored_on_other_batches_too(
    runs: list[Path], compared: Comparison, base: Path, tmp_path: Path
) -> None:
    found = compare_again(runs, tmp_path, 2, 1, silent, 3)
    folders = [AGAIN, *(AGAIN.with_name(f"{AGAIN.name}-batch-{number}") for number in (1, 2))]
    kept = [recorded(tmp_path / one).configuration for one in folders]
    assert [one.data_seed for one in kept] == [0, 1, 2] and len({one.seed for one in kept}) == 1
    (group,) = found.data.groups
    assert group.rescored is not None and (group.rescored.draws, group.rescored.batches) == (2, 3)
    assert group.rescored.scores == 6 * group.rescored.architectures
    fresh: dict[str, list[float]] = {}
    for folder in folders:
        for name, scores in fresh_scores(tmp_path / folder).items():
            fresh.setdefault(name, []).extend(scores)
    best = group.methods[0].replicates[0].best
    assert best.rescored == pytest.approx(statistics.fmean(fresh[best.identity])) and best.rescored_draws == 6
    assert fresh_scores(tmp_path / AGAIN) == fresh_scores(base / "out" / AGAIN)
    # All of them named give the same page; one alone is a comparison on one batch.
    page = compare_runs([*runs, *(tmp_path / one for one in folders)], tmp_path / "named")
    assert (tmp_path / "named" / "compare.html").read_bytes() == found.files[0].read_bytes()
    assert "--again 2 --again-batches 3" in page.files[0].read_text()
    assert "up to 3 batches" in page.files[0].read_text()
    one = find_methods([*runs, tmp_path / folders[1]]).groups[0].rescored
    assert one is not None and one.batches == 1


@pytest.mark.parametrize("draws", [-1, 0])
def test_a_number_of_draws_that_is_none_is_refused(runs: list[Path], tmp_path: Path, draws: int) -> None:
    with pytest.raises(InvalidInput, match=f"again = {draws} is not positive; choose 1 or more"):
        compare_again(runs, tmp_path / "out", draws, 1, silent)
    with pytest.raises(InvalidInput, match=f"again_batches = {draws} is not positive"):
        compare_again(runs, tmp_path / "out", 1, 1, silent, draws)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_other_fresh_scores_is_refused(base: Path, runs: list[Path], compared: Comparison) -> None:
    before = {path: path.read_bytes() for path in (base / "out").rglob("*.*") if path.is_file()}
    for folders, draws in ((runs, 3), (runs[:1], 2)):
        with pytest.raises(InvalidInput, match=r"is for \d+ fresh scores, and not for the \d+ asked") as caught:
            compare_again(folders, base / "out", draws, 1, silent)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert {path: path.read_bytes() for path in before} == before


def test_fresh_scores_by_both_ways_are_refused(base: Path, runs: list[Path], compared: Comparison) -> None:
    with pytest.raises(InvalidInput, match="holds new scores of synflow on noise already; leave it out, or"):
        compare_again([*runs, base / "out" / AGAIN], base / "both", 2, 1, silent)
    assert not (base / "both").exists()


def test_two_runs_of_fresh_scores_are_refused(
    base: Path, runs: list[Path], compared: Comparison, copied: Path
) -> None:
    with pytest.raises(
        InvalidInput, match="both hold new scores of synflow on noise on the same batch; name one of"
    ):
        find_methods([*runs, base / "out" / AGAIN, copied])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"seed": 1},
            r"seed 1 of \S+fresh is that of a refinement in \S+paper, so its scores are not new; score",
        ),
        ({"predictors": ["logdet"]}, "holds scores of logdet on noise, of which no refinement is named; name"),
        ({"predictors": ["logdet", "snip"]}, "holds scores of logdet and snip on noise"),
        ({"data": "digits"}, "holds scores of synflow on digits, of which no"),
        ({"batch_size": 5}, r"batch_size is \d+ in \S+paper and 5 in \S+fresh, so their scores do not compare"),
        ({"architectures": []}, "holds a sample, not scores of named architectures"),
        (
            {"architectures": ["baseline/resnet-20"]},
            "holds scores of none of the best architectures of synflow on",
        ),
    ],
)
def test_scores_that_are_not_fresh_scores_of_a_group_are_refused(
    runs: list[Path], copied: Path, changes: dict[str, object], message: str
) -> None:
    document = json.loads((copied / "run.json").read_text())
    document["configuration"] |= changes
    (copied / "run.json").write_text(json.dumps(document))
    with pytest.raises(InvalidInput, match=message) as caught:
        find_methods([*runs, copied])
    assert "\n" not in str(caught.value)


def on_other_images(folder: Path) -> None:
    """Make a run one that saw another batch under the same name."""
    rewrite(folder, batch="0000")


def test_other_images_of_the_same_name_are_refused(runs: list[Path], copied: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(runs[0], tmp_path / "other"))
    on_other_images(other)
    archive_run(other, tmp_path / "archive")
    on_other_images(copied)
    for folder in (other, tmp_path / "archive", copied):
        with pytest.raises(
            InvalidInput, match="saw other images, though both call their data noise, so"
        ) as caught:
            find_methods([*runs, folder])
        assert str(folder) in str(caught.value) and "\n" not in str(caught.value)


def test_scores_of_several_predictors_are_of_every_group_that_they_are_about(
    runs: list[Path], tmp_path: Path
) -> None:
    refine_run(TINY.model_copy(update={"predictor": "logdet"}), tmp_path / "logdet", 2)
    groups = method_groups([*runs, tmp_path / "logdet"])
    settings = {name: getattr(TINY, name) for name in ("data", "batch_size", "flops")}
    configuration = ScoreConfiguration(
        **settings,
        seed=9,
        predictors=("synflow", "logdet"),
        architectures=tuple(one.to_json() for group in groups for one in group.elites.values()),
    )
    score_run(configuration, tmp_path / "both")
    found = find_methods([*runs, tmp_path / "both", tmp_path / "logdet"])
    assert [group.rescored is not None for group in found.groups] == [True, True]
    assert all(one.rescored is not None for group in found.groups for one in replicates(group))


def without_value(row: ScoreRow) -> ScoreRow:
    return dataclasses.replace(row, score=Score(None, "nonfinite", "made so"))


def test_missing_fresh_scores_leave_a_replicate_without_one(runs: list[Path], copied: Path) -> None:
    (group,) = method_groups(runs)
    missing = group.methods[1].replicates[0].elite[0]
    rewrite(copied, lambda row: without_value(row) if row.architecture.id == missing else row)
    found = find_methods([*runs, copied]).groups[0]
    assert [one.rescored is None for one in replicates(found)] == [
        missing in elite for elite in (one.elite for one in group.pooled)
    ]
    with Store(copied, None) as store:
        assert any(row.score.value is None for row in store.rows())


def test_without_any_finite_fresh_score_all_is_as_without_them(runs: list[Path], copied: Path) -> None:
    rewrite(copied, without_value)
    found, own = find_methods([*runs, copied]).groups[0], find_methods(runs).groups[0]
    assert found.rescored is None and found.best_known == own.best_known
    assert [one.reached for one in replicates(found)] == [one.reached for one in replicates(own)]


def test_a_refinement_with_memory_is_judged_by_its_own_elites(runs: list[Path], compared: Comparison) -> None:
    (group,) = method_groups(runs)
    (memory,) = group.methods[1].replicates
    _, (found,) = stored_refinements(runs[1])
    assert memory.elite == tuple(one.id for one in found.elites) and len(memory.elite) == 12
    best = compared.data.groups[0].methods[1].replicates[0].best
    assert best.identity == memory.elite[0]
