"""Of a combination: what each member alone would have kept, and which was nearest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netlore.analysis.bootstrap import exact_bootstrap, quarter
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.refine import refine_run
from netlore.report.collect import find
from netlore.report.members import MemberIntervals, nearest_text
from netlore.report.tables.refinement import tables
from netlore.storage.archive import archive, opened
from netlore.storage.score_store import Store

NAME = "logrank(logdet, synflow)"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("combined")
    asked = {
        "predictor": NAME,
        "data": "noise",
        "networks": 24,
        "batch_size": 4,
        "flops": (0, 3e6),
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("netlore.refinement.refine.POPULATION", 30)
        refine_run(RefineConfiguration(**asked, round_limit=2), folder)
    return folder


def test_each_member_alone_keeps_what_the_bootstrap_of_its_scores_keeps(run: Path) -> None:
    study = find([run], "a test")
    (refined,) = study.refinements
    rounds, grids = refined.first.rounds, refined.grids
    assert len(refined.members) == len(rounds) * len(grids)
    with opened(run) as reader:
        known = {(row.architecture.id, row.draw, row.predictor): float(row.score) for row in reader.rows()}
    for one in refined.members:
        entry = rounds[one.round - 1]
        assert tuple(one.kept) == tuple(entry.intervals[one.hyperparameter])
        assert list(one.of_members) == ["logdet", "synflow"]
        for name, kept in one.of_members.items():
            scores = np.asarray([known[row.architecture.id, row.draw, name] for row in entry.table.rows])
            column = {one.hyperparameter: np.asarray(entry.frame[one.hyperparameter].tolist())}
            found = exact_bootstrap(scores, column, quarter(24))[one.hyperparameter]
            assert tuple(kept) == (found.low, found.high)
            values = {value for value in grids[one.hyperparameter] if found.low <= value <= found.high}
            low, high = one.kept
            mine = {value for value in grids[one.hyperparameter] if low <= value <= high}
            assert one.overlaps[name] == pytest.approx(len(values & mine) / len(values | mine))
        best = max(one.overlaps.values())
        assert one.nearest == tuple(name for name, share in one.overlaps.items() if share == best)
    first = {one.hyperparameter: one.moved for one in refined.members if one.round == 1}
    assert first == {name: tuple(rounds[0].intervals[name]) != (grid[0], grid[-1]) for name, grid in grids.items()}
    assert any(first.values())
    (table,) = (one for one in tables(study) if one.name == "members")
    assert len(table.frame) == len(refined.members) and {"Kept", *("logdet", "synflow"), "Nearest"} < {
        *table.columns
    }


def test_an_archive_has_the_members_too(run: Path, tmp_path: Path) -> None:
    with Store(run, None) as store:
        archive(store, tmp_path)
    (tmp_path / "run.json").write_bytes((run / "run.json").read_bytes())
    here, there = (find([folder], "a test").refinements[0].members for folder in (run, tmp_path))
    assert here == there


def test_a_sentence_counts_what_the_members_differ_on() -> None:
    def one(overlaps: dict[str, float], moved: bool = True) -> MemberIntervals:
        return MemberIntervals(0, 1, "d1", (1, 2), dict.fromkeys(overlaps, (1, 2)), overlaps, moved)

    found = [
        one({"a": 1.0, "b": 0.5}),
        one({"a": 0.2, "b": 0.5}),
        one({"a": 0.9, "b": 0.5}),
        one({"a": 0.5, "b": 0.5}),
        one({"a": 0.0, "b": 0.5}, moved=False),
    ]
    expected = (
        "Of 3 moves of intervals on which the members of both on noise differ, the nearest choice of a member"
    )
    assert nearest_text(found, "both on noise") == f"{expected} alone is a's in 2 and b's in 1."
    assert nearest_text(found[3:], "both on noise") == ""
