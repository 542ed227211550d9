"""Folders of earlier versions have scores and no rounds: replayed once, and from then on they carry rounds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from netlore.experiments import refine as module
from netlore.experiments.refine import stored_refinements
from netlore.refinement.refine import replay
from netlore.refinement.result import Refinement

OLD = Path(__file__).parents[1] / "golden" / "version_1"
NEW = OLD.with_name("version_2") / "archive"
"""`netlore refine --data noise --method memory --networks 12 --batch-size 2 --replicates 2 --round-limit 4 --flops
1e6 5e6` by the first version; and its archive, read and written again by the second."""


def seen(found: Refinement) -> dict[str, Any]:
    """All that a refinement found, in the form of `tests/golden/version_1/rounds.json`."""
    rounds = [
        {
            "number": one.number,
            "exhausted": one.exhausted,
            "space": {name: list(grid) for name, grid in one.space.grids.items()},
            "estimates": {name: list(estimate) for name, estimate in one.estimates.items()},
            "rows": [[row.architecture.id, row.draw, row.score.value] for row in one.table.rows],
        }
        for one in found.rounds
    ]
    elites = [one.id for one in found.elites]
    return {"seed": found.seed, "stopped": found.stopped_because, "elites": elites, "rounds": rounds}


GOLDEN = json.loads((OLD / "rounds.json").read_text())


@pytest.mark.parametrize("kind", ["store", "archive"])
def test_it_is_replayed_once_and_then_read(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(OLD / kind, tmp_path / kind)
    times: list[int] = []

    def counted(*given: object) -> Refinement | None:
        times.append(1)
        return replay(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "replay", counted)
    first = stored_refinements(folder)[1]
    assert len(times) == len(first) == 2
    assert [seen(one) for one in first] == GOLDEN
    again = stored_refinements(folder)[1]
    assert len(times) == 2 and [seen(one) for one in again] == GOLDEN


def raising(*_: object, **__: object) -> Any:
    raise AssertionError("a record is read, not made again")


def test_an_archive_with_rounds_is_read_without_sampler_surrogate_or_data(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sampling.sample", "sampling.candidates", "sampling.neighbours"):
        monkeypatch.setattr(f"netlore.space.{name}", raising)
    for name in ("sample", "candidates", "neighbours", "fit_surrogate", "blup"):
        monkeypatch.setattr(f"netlore.refinement.elite_refinement.{name}", raising)
    monkeypatch.setattr("netlore.experiments.config.task", raising)
    assert [seen(one) for one in stored_refinements(NEW)[1]] == GOLDEN


def test_where_nothing_can_be_written_it_is_replayed_and_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(OLD / "archive", tmp_path / "archive")
    before = (folder / "archive.parquet").read_bytes()

    def refused(*_: object) -> Path:
        raise module.NetloreError("no space")

    monkeypatch.setattr(module, "archive", refused)
    assert len(stored_refinements(folder)[1]) == 2
    assert (folder / "archive.parquet").read_bytes() == before
