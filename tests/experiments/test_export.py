from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.export import export_run, stored_table
from netlore.experiments.record import record
from netlore.experiments.refine import RefineRun
from netlore.experiments.score import score_run
from netlore.storage.score_store import FILE_NAME, Store

READERS = {"csv": pd.read_csv, "parquet": pd.read_parquet}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_other_tools_read_scores_and_networks(finished: RefineRun, tmp_path: Path, form: str) -> None:
    copy = shutil.copytree(finished.files[0].parent, tmp_path / "copy")
    files = export_run(copy, form)
    assert [path.name for path in files] == [f"scores.{form}", f"networks.{form}", f"origins.{form}"]
    scores, networks, origins = map(READERS[form], files)
    total = sum(one.networks_scored for one in finished.refinements)
    assert len(scores) == len(networks) == total
    assert list(scores.columns) == [
        *("architecture", "seed", "draw", "predictor", "score", "status", "reason", "seconds", "origin")
    ]
    letters = [f"{letter}{i}" for letter in "dwgb" for i in (1, 2, 3)]
    assert list(networks.columns) == [
        *("architecture", "seed", "draw", *letters, "flops", "params", "activations", "synflow")
    ]
    wanted = pd.concat([found.frame for one in finished.refinements for found in one.rounds])
    key = ["architecture", "seed", "draw"]
    pd.testing.assert_frame_equal(
        networks.sort_values(key, ignore_index=True), wanted.sort_values(key, ignore_index=True), check_dtype=False
    )
    assert set(scores["origin"]) == {1} and list(origins["origin"]) == [1]
    assert list(origins["torch"]) == [version("torch")] and list(origins["dtype"]) == ["float32"]
    assert set(scores["status"]) == {"ok"} and (scores["score"] == networks["synflow"]).all()


def test_networks_have_a_column_for_each_predictor(tmp_path: Path) -> None:
    configuration = ScoreConfiguration(data="noise", batch_size=8, networks=3, predictors=("snip", "synflow"))
    score_run(configuration, tmp_path)
    _, networks, _ = export_run(tmp_path, "csv")
    frame = pd.read_csv(networks)
    assert len(frame) == 3 and frame[["snip", "synflow"]].notna().all(axis=None)


def test_an_unknown_format_is_refused(finished: RefineRun) -> None:
    with pytest.raises(InvalidInput, match="format 'xls' is not known; choose one of csv, parquet"):
        export_run(finished.files[0].parent, "xls")


def test_a_folder_without_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"holds no scores \(scores\.sqlite is missing\); name a run's folder"):
        stored_table(tmp_path)
    configuration = ScoreConfiguration(data="noise", batch_size=8)
    record(tmp_path, "score", configuration, space=nl.anynet().to_document())
    with pytest.raises(InvalidInput, match=r"scores\.sqlite is missing"):
        stored_table(tmp_path)
    Store(tmp_path, {}).close()
    with pytest.raises(InvalidInput, match="holds no scores yet; run its score command first"):
        stored_table(tmp_path)


def test_a_damaged_store_is_one_line(finished: RefineRun, tmp_path: Path) -> None:
    copy = shutil.copytree(finished.files[0].parent, tmp_path / "copy")
    content = bytearray((copy / FILE_NAME).read_bytes())
    content[8_192:] = b"\xff" * (len(content) - 8_192)  # every page behind the first two
    (copy / FILE_NAME).write_bytes(content)
    with pytest.raises(InvalidInput, match=r"scores\.sqlite [a-z ]* \(.*malformed\); restore it"):
        stored_table(copy)
