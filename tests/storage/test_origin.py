"""What computed a score is kept with it, by a number that points to a few rows."""

from __future__ import annotations

import pickle
import sqlite3
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from netlore.errors import Damaged
from netlore.space.named import named
from netlore.storage.archive import archive, opened
from netlore.storage.origin import Origin, origin, origin_of
from netlore.storage.schema import _CHANGES, FILE_NAME, check
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

HERE = origin("0.4.0", "2.9.0", "2.4.0", "3.13.1", "Linux x86_64", "AVX2", "cpu", "float32", "ab12")
THERE = replace(HERE, torch="2.8.0", capability="AVX512")
ROWS = [
    ScoreRow(named("baseline/resnet-20"), 7, draw, "snip", Score(1.5 + draw, origin=one))
    for draw, one in enumerate([HERE, THERE, None, HERE])
]


def test_a_store_and_its_archive_keep_what_computed_each_score(tmp_path: Path) -> None:
    with Store(tmp_path, {"dtype": "float32"}) as store:
        for row in ROWS:
            store.add([row])
        assert list(store.rows()) == ROWS
        archive(store, tmp_path / "copy")
    keys = [(row.architecture.id, row.seed, row.draw, row.predictor) for row in ROWS]
    for folder in (tmp_path, tmp_path / "copy"):
        with opened(folder) as reader:
            assert list(reader.rows()) == ROWS
            assert [reader.find([key])[key].origin for key in keys] == [HERE, THERE, None, HERE]
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("SELECT count(*) FROM origin").fetchone() == (2,)
        assert connection.execute("SELECT origin FROM score ORDER BY draw").fetchall() == [
            (1,),
            (2,),
            (None,),
            (1,),
        ]
    connection.close()


def test_a_reader_sees_origins_that_are_written_meanwhile(tmp_path: Path) -> None:
    with Store(tmp_path, {"dtype": "float32"}) as writer:
        writer.add(ROWS[:1])
        with Store(tmp_path, None) as reader:
            assert list(reader.rows()) == ROWS[:1]
            writer.add(ROWS[1:])
            assert list(reader.rows()) == ROWS


def test_the_frame_points_to_a_row_for_each_origin() -> None:
    table = ScoreTable(ROWS, 10)
    assert table.frame["origin"].fillna(0).tolist() == [1, 2, 0, 1]
    assert table.origins.drop(columns="origin").to_dict(orient="records") == [asdict(HERE), asdict(THERE)]
    assert table.origins["origin"].tolist() == [1, 2]


def test_scores_that_come_from_workers_share_one_origin() -> None:
    one, other = (pickle.loads(pickle.dumps(Score(1.0, origin=HERE))) for _ in range(2))
    assert one.origin is other.origin is HERE


@pytest.mark.parametrize("document", [{}, asdict(HERE) | {"torch": 2}, asdict(HERE) | {"colour": "red"}, [1]])
def test_what_is_no_origin_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="is no origin of a score"):
        origin_of(document)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE origin SET document = replace(document, 'AVX2', 'AVX')", "in its table origin"),
        ("DELETE FROM origin WHERE number = 2", "what computed a score is missing"),
        ("UPDATE score SET origin = 1", "a score of resnet-[0-9a-f]+ is changed"),
    ],
)
def test_what_was_changed_is_refused(tmp_path: Path, statement: str, message: str) -> None:
    with Store(tmp_path, {"dtype": "float32"}) as store:
        store.add(ROWS)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute(statement)
    connection.close()
    with Store(tmp_path, None) as store, pytest.raises(Damaged, match=message):
        list(store.rows())


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A store of version 2, with one score."""
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    of_origins = ("origin INTEGER, ", _CHANGES[2].partition(";")[2])
    script = _CHANGES[0].replace(of_origins[0], "")
    kept = ROWS[2].architecture.id, 7, 2, "snip", 3.5, "ok", "", 0.0
    connection.executescript(script + "DROP TABLE origin; DELETE FROM tally WHERE counted = 'origin';")
    connection.execute("INSERT INTO architecture VALUES (?, ?)", (kept[0], ROWS[2].architecture.to_json()))
    connection.execute("INSERT INTO score VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*kept, check(*kept)))
    text = '"float32"'
    connection.execute("INSERT INTO configuration VALUES ('dtype', ?, ?)", (text, check("dtype", text)))
    connection.execute("PRAGMA user_version = 2")
    connection.commit()
    connection.close()
    return tmp_path


def test_a_store_of_version_2_is_read_and_left_as_it_is(second: Path) -> None:
    before = (second / FILE_NAME).read_bytes()
    with Store(second, None) as store:
        assert list(store.rows()) == ROWS[2:3] and store.configuration == {"dtype": "float32"}
    assert (second / FILE_NAME).read_bytes() == before


def test_a_store_of_version_2_is_brought_to_the_present_version_when_it_is_written_to(second: Path) -> None:
    for rows in (ROWS[:2], ROWS):
        with Store(second, {"dtype": "float32"}) as store:
            store.add(rows)
    with Store(second, None) as store:
        assert list(store.rows()) == ROWS and store.count() == 4
        missing = (ROWS[0].architecture.id, 7, 99, "snip")
        assert store.find([missing]) == {}, "its old row passes the check that looks for lost ones"


def test_an_origin_is_of_texts_alone() -> None:
    with pytest.raises(ValueError, match="is no origin of a score"):
        Origin(*"abcdefgh", batch=3)  # type: ignore[arg-type]
