"""An archive holds everything that a store does, and is read in its place."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.export import archive_run
from netlore.experiments.refine import refine_run
from netlore.experiments.score import score_run
from netlore.space import families
from netlore.storage import archive as archives
from netlore.storage import archive_writing
from netlore.storage.archive import FILE_NAME, archive, opened
from netlore.storage.documents import checked
from netlore.storage.origin import Origin
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow
from tests.experiments.conftest import TINY
from tests.space.categories import register


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with architectures of two families, and a score that is missing."""
    folder = tmp_path_factory.mktemp("run")
    given = {
        "data": "noise",
        "batch_size": 2,
        "predictors": ["synflow", "jacov"],
        "architectures": ["baseline/resnet-20", '{"values": ' + _TINY + "}"],
    }
    score_run(checked(ScoreConfiguration, given), folder)
    return folder


_TINY = '{"d1":1,"d2":1,"d3":1,"w1":2,"w2":2,"w3":2,"g1":1,"g2":1,"g3":1,"b1":1,"b2":1,"b3":1}'


def rows_of(folder: Path) -> list[ScoreRow]:
    with opened(folder) as store:
        return list(store.rows())


def test_an_archive_gives_back_every_row(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "archive"
    files = archive_run(run, target)
    assert sorted(path.name for path in files) == [FILE_NAME, "run.json"]
    assert not (target / "scores.sqlite").exists()
    rows = rows_of(target)
    assert rows == rows_of(run)
    assert {row.architecture.family for row in rows} == {"resnet", "anynet"}
    assert (target / "run.json").read_bytes() == (run / "run.json").read_bytes()


def test_an_archive_gives_back_names_and_real_numbers(tmp_path: Path) -> None:
    cell = nl.nats_topology_architecture("|none~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|none~1|none~2|")
    register()
    with Store(tmp_path / "run", {"command": "score"}) as store:
        scaled = [
            families.architecture("scaled-widths", {"d": 2, "scale": scale, "kernel": "three"})
            for scale in (1.0, 1.5)
        ]
        store.add(ScoreRow(one, 0, 0, "synflow", Score(2.0)) for one in (cell, *scaled))
        archive(store, tmp_path)
        rows = rows_of(tmp_path)
        assert rows == list(store.rows())
    assert {row.architecture.id for row in rows} == {one.id for one in (cell, *scaled)}


@pytest.mark.parametrize("piece", [1, 3])
def test_an_archive_is_the_same_however_large_its_pieces_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    register()
    with Store(tmp_path / "run", {"command": "score"}) as store:
        scaled = [
            families.architecture("scaled-widths", {"d": 2, "scale": scale, "kernel": "three"})
            for scale in (1.0, 1.5)
        ]
        others = [nl.named("baseline/resnet-20"), nl.named("paper/cifar10/jacov"), *scaled]
        origins = [None, *(Origin(*"abcdefgh", batch=batch) for batch in "xy")]
        scores = [Score(float(number), origin=origins[number % 3]) for number in range(8)]
        pairs = ((one, name) for one in others for name in ("snip", "synflow"))
        store.add(ScoreRow(one, 0, 0, name, score) for (one, name), score in zip(pairs, scores, strict=True))
        archive(store, tmp_path / "at once")
        monkeypatch.setattr(archive_writing, "PIECE", piece)
        file = archive(store, tmp_path / "in pieces")
        assert rows_of(tmp_path / "in pieces") == rows_of(tmp_path / "at once") == list(store.rows())
    assert pq.ParquetFile(file).num_row_groups == -(-8 // piece)


def test_an_archive_keeps_what_its_scores_depend_on(run: Path, tmp_path: Path) -> None:
    archive_run(run, tmp_path)
    with opened(tmp_path) as copy, Store(run, None) as store:
        assert copy.configuration == store.configuration
        assert copy.configuration["batch_size"] == 2


def test_missing_scores_keep_status_and_reason(tmp_path: Path) -> None:
    missing = Score(None, "degenerate", "all rows equal", 0.25)
    row = ScoreRow(nl.named("baseline/resnet-20"), 3, 1, "jacov", missing)
    with Store(tmp_path, {"a": 1}) as store:
        store.add([row])
        archive(store, tmp_path / "copy")
    assert rows_of(tmp_path / "copy") == [row]


def test_the_same_scores_make_the_same_bytes(run: Path, tmp_path: Path) -> None:
    one, other = archive_run(run, tmp_path / "one")[0], archive_run(run, tmp_path / "other")[0]
    assert one.read_bytes() == other.read_bytes()


def test_an_archive_is_archived_again(run: Path, tmp_path: Path) -> None:
    archive_run(run, tmp_path / "one")
    archive_run(tmp_path / "one", tmp_path / "two")
    assert rows_of(tmp_path / "two") == rows_of(run)


def test_a_damaged_archive_is_named(run: Path, tmp_path: Path) -> None:
    archive_run(run, tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"PAR1 not really")
    with pytest.raises(InvalidInput, match="is no archive of scores"), opened(tmp_path):
        pass


def test_a_folder_without_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no scores"), opened(tmp_path):
        pass


def unsaid(row: ScoreRow) -> ScoreRow:
    """A row as earlier versions wrote it: it does not say what computed it."""
    return replace(row, score=replace(row.score, origin=None))


def in_version_1(folder: Path, target: Path) -> Path:
    """A run's archive as earlier versions wrote it: without records and check."""
    with opened(folder) as reader:
        file = archive(reader, target)
        facts = json.dumps(reader.configuration).encode()
    table = pq.read_table(file).drop_columns("origin").replace_schema_metadata({b"netlore": facts})
    pq.write_table(table, file)
    shutil.copy(folder / "run.json", target)
    return target


def test_an_archive_of_an_earlier_version_is_written_with_its_rounds_and_predictors(tmp_path: Path) -> None:
    refine_run(TINY, tmp_path / "run", 2)
    old = in_version_1(tmp_path / "run", tmp_path / "old")
    before = (old / FILE_NAME).read_bytes()
    with opened(old) as reader, opened(tmp_path / "run") as store:
        assert reader.refinements() == [] and reader.predictors() == {}
        assert list(reader.rows()) == [unsaid(row) for row in store.rows()]
        recorded, predictors = store.refinements(), store.predictors()
    archive_run(old, tmp_path / "new")
    with opened(tmp_path / "new") as reader:
        assert reader.refinements() == recorded and len(recorded) == 2
        assert reader.predictors() == predictors
    assert (old / FILE_NAME).read_bytes() != before, "it has its rounds from now on, too"
    with opened(old) as reader:
        assert reader.refinements() == recorded


def test_scores_of_an_earlier_version_are_archived_with_their_predictors(run: Path, tmp_path: Path) -> None:
    archive_run(in_version_1(run, tmp_path / "old"), tmp_path / "new")
    with opened(tmp_path / "new") as reader:
        assert sorted(reader.predictors()) == ["jacov", "synflow"]
        assert list(reader.rows()) == [unsaid(row) for row in rows_of(run)]


def test_an_archive_that_is_read_again_is_not_decoded_again_unless_it_changed(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive_run(run, tmp_path)
    decoded: list[int] = []
    decode = archives._decoded
    monkeypatch.setattr(archives, "_decoded", lambda *given: (decoded.append(1), decode(*given))[1])
    for _ in range(3):
        with opened(tmp_path) as reader:
            reader.configuration.clear()
            assert reader.count() == 4
    assert len(decoded) == 1
    with opened(tmp_path) as reader:
        assert reader.configuration["batch_size"] == 2
    with Store(tmp_path / "other", {"a": 1}) as store:
        store.add(rows_of(run)[:1])
        archive(store, tmp_path)
    with opened(tmp_path) as reader:
        assert reader.count() == 1 and reader.configuration == {"a": 1}


def test_a_small_file_of_a_million_equal_rows_is_refused(run: Path, tmp_path: Path) -> None:
    file = archive_run(run, tmp_path)[0]
    pq.write_table(pq.read_table(file).take([0] * 200_000), file, compression="zstd")
    assert file.stat().st_size < 2**17
    with pytest.raises(InvalidInput, match=r"is no archive of scores \(it has 200,000 rows in"), opened(tmp_path):
        pass


def test_a_pipe_is_no_archive(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE_NAME)
    with pytest.raises(InvalidInput, match="holds no scores"), opened(tmp_path):
        pass
