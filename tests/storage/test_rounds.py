"""Rounds, refinements and predictors are read as they were written, from a store and from its archive."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from netlore.errors import Damaged, DifferentPredictor, InvalidInput
from netlore.space.families.anynet import anynet
from netlore.space.sampling import sample
from netlore.storage.archive import archive, opened
from netlore.storage.rounds import PredictorRecord, RefinementRecord, RoundRecord
from netlore.storage.score_store import FILE_NAME, Store
from netlore.storage.score_table import Score, ScoreRow

CONFIGURATION = {"dtype": "float32"}
SPACE = anynet(flops=(10e6, 50e6))
SNIP = PredictorRecord("1:ab", "log", "ln S", source="Lee et al. 2019", summary="Sensitivity.")
DRAWN = sample(SPACE, 20, seed=0)


def round_record(number: int, start: int, draw: int = 0) -> RoundRecord:
    """A round of five networks."""
    estimates = {"d1": (1, 2, np.int64(3)), "flops": (10**7, 2 * 10**7, 5 * 10**7)}
    networks = tuple((one, draw) for one in DRAWN[start : start + 5])
    return RoundRecord(number, SPACE.to_document(), networks, estimates, exhausted=number == 2)


ROUNDS = (round_record(1, 0), round_record(2, 5), round_record(3, 0, draw=1))
KEY = ("memory", "snip", 7)
ASKED = RefinementRecord(*KEY, 5, {**SPACE.to_document(), "budget": {"flops": [10e6, 50e6]}})


def fill(store: Store) -> RefinementRecord:
    """Add three rounds with their scores, as a refinement does; the record that is expected of them."""
    store.define({"snip": SNIP})
    for found in ROUNDS:
        store.add(ScoreRow(one, 7, draw, "snip", Score(float(i))) for i, (one, draw) in enumerate(found.networks))
        begun = dataclasses.replace(ASKED, rounds=ROUNDS[: found.number], elites=tuple(DRAWN[:2]))
        if begun.rounds not in [one.rounds[: found.number] for one in store.refinements()]:
            store.record(begun)
    ended = dataclasses.replace(ASKED, rounds=ROUNDS, stopped_because="plateau", elites=tuple(DRAWN[1:3]))
    store.record(ended)
    return ended


def test_a_refinement_is_read_as_it_was_recorded(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        expected = fill(store)
        assert store.refinements() == [expected]
    with Store(tmp_path, None) as store:
        assert store.refinements() == [expected] and store.predictors() == {"snip": SNIP}


def test_an_archive_holds_the_records_and_reads_them_without_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        expected = fill(store)
        # Rows of another predictor and of no round.
        store.add(ScoreRow(one, 7, 0, name, Score(0.5)) for one in DRAWN for name in ("jacov", "snip"))
        rows = list(store.rows())
    with opened(tmp_path) as reader:
        archive(reader, tmp_path / "copy")
    with opened(tmp_path / "copy") as reader:
        archive(reader, tmp_path / "copy-of-copy")
    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: pytest.fail("SQLite is used"))
    for name in ("copy", "copy-of-copy"):
        with opened(tmp_path / name) as reader:
            assert reader.refinements() == [expected] and reader.predictors() == {"snip": SNIP}
            assert list(reader.rows()) == rows and reader.count() == len(rows)
            assert reader.configuration == CONFIGURATION
            key = (rows[3].architecture.id, 7, rows[3].draw, rows[3].predictor)
            assert reader.find([key, ("anynet-0", 7, 0, "snip")]) == {key: rows[3].score}


def test_networks_of_two_refinements_are_in_an_archive_once(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        one = fill(store)
        mixed = dataclasses.replace(ROUNDS[0], networks=(*ROUNDS[1].networks[::-1], *ROUNDS[0].networks[1:3]))
        other = RefinementRecord("random", "snip", 7, 5, one.space, (mixed,))
        store.record(other)
        count = store.count()
        assert store.refinements() == [one, other]
    with opened(tmp_path) as reader:
        archive(reader, tmp_path / "copy")
    with opened(tmp_path / "copy") as reader:
        assert reader.refinements() == [one, other] and reader.count() == count


def test_rounds_without_scores_are_not_archived(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        store.record(dataclasses.replace(ASKED, rounds=ROUNDS[:1]))
        store.add([ScoreRow(DRAWN[0], 7, 0, "snip", Score(1.0))])
    message = "scores of the run's rounds are missing; run its command again"
    with opened(tmp_path) as reader, pytest.raises(InvalidInput, match=message):
        archive(reader, tmp_path / "copy")


def test_the_same_refinement_again_changes_nothing(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        fill(store)
    before = (tmp_path / FILE_NAME).read_bytes()
    with Store(tmp_path, CONFIGURATION) as store:
        fill(store)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_another_round_takes_the_place_of_those_that_followed(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        expected = fill(store)
        rounds = (ROUNDS[0], round_record(2, 10))
        other = dataclasses.replace(expected, rounds=rounds, stopped_because=None, elites=tuple(DRAWN[3:4]))
        store.record(other)
        assert store.refinements() == [other]


def test_a_lower_limit_of_rounds_forgets_those_beyond(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        fill(store)
        short = dataclasses.replace(ASKED, rounds=ROUNDS[:1], stopped_because="round limit")
        store.record(short)
        assert store.refinements() == [short]


@pytest.mark.parametrize(("networks", "space"), [(6, SPACE), (5, anynet())])
def test_a_refinement_that_asks_for_something_else_begins_again(tmp_path: Path, networks, space) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        fill(store)
        store.record(RefinementRecord(*KEY, networks, space.to_document()))
        assert [(one.networks, one.rounds) for one in store.refinements()] == [(networks, ())]


def test_rounds_have_no_gaps(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the rounds of memory with seed 7 are not numbered 1, 2"):
        dataclasses.replace(ASKED, rounds=ROUNDS[1:])
    with Store(tmp_path, CONFIGURATION) as store:
        fill(store)
        with store._writing():
            store._connection.execute("DELETE FROM round WHERE number = 2")
        with pytest.raises(Damaged, match="the rounds of memory with seed 7 are not numbered 1, 2"):
            store.refinements()


def test_a_predictor_of_another_definition_is_refused(tmp_path: Path) -> None:
    changed = dataclasses.replace(SNIP, fingerprint="1:cd")
    with Store(tmp_path, CONFIGURATION) as store:
        store.define({"snip": changed})  # gives no score, so it may still change
        fill(store)
    with Store(tmp_path, CONFIGURATION) as store, pytest.raises(DifferentPredictor) as caught:
        store.define({"snip": changed})
    assert str(caught.value) == (
        f"{tmp_path} holds scores of another definition of snip (fingerprint 1:ab there, 1:cd here); choose "
        f"another output folder, or give the new definition a name of its own."
    )
    with Store(tmp_path, None) as store, pytest.raises(DifferentPredictor):
        store.define({"jacov": SNIP, "snip": changed})


# The tables of stores before there was a version, with one score.
FIRST_SCHEMA = """
CREATE TABLE configuration (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE architecture (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE score (
    architecture TEXT NOT NULL REFERENCES architecture (id), seed INTEGER NOT NULL, draw INTEGER NOT NULL,
    predictor TEXT NOT NULL, score REAL, status TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (architecture, seed, draw, predictor)
) WITHOUT ROWID;
INSERT INTO configuration VALUES ('dtype', '"float32"');
"""
OLD_ROW = ScoreRow(DRAWN[0], 7, 0, "snip", Score(2.0, seconds=0.5))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a store of version 1."""
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(FIRST_SCHEMA)
    connection.execute("INSERT INTO architecture VALUES (?, ?)", (DRAWN[0].id, DRAWN[0].to_json()))
    connection.execute("INSERT INTO score VALUES (?, 7, 0, 'snip', 2.0, 'ok', '', 0.5)", (DRAWN[0].id,))
    connection.commit()
    connection.close()
    return tmp_path


def version(folder: Path) -> int:
    connection = sqlite3.connect(folder / FILE_NAME)
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return found


def test_a_store_of_version_1_is_read_and_left_as_it_is(old: Path) -> None:
    before = (old / FILE_NAME).read_bytes()
    with Store(old, None) as store:
        assert list(store.rows()) == [OLD_ROW] and store.count() == 1
        assert store.configuration == CONFIGURATION
        assert store.refinements() == [] and store.predictors() == {}
    assert (old / FILE_NAME).read_bytes() == before


def test_an_earlier_version_is_read_where_it_lies_by_its_primary_key(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(old, None) as store:
        asked: list[str] = []
        store._connection.set_trace_callback(asked.append)
        key = (DRAWN[0].id, 7, 0, "snip")
        assert store.find([key]) == {key: OLD_ROW.score} and store.find([(DRAWN[0].id, 7, 1, "snip")]) == {}
        plans = [row[3] for row in store._connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}")]
        kept = store._connection.execute("SELECT type FROM temp.sqlite_master WHERE name = 'score'").fetchall()
    whole_key = "USING PRIMARY KEY (architecture=? AND seed=? AND draw=? AND predictor=?)"
    assert len(plans) == 1 and plans[0].startswith("SEARCH") and plans[0].endswith(whole_key)
    assert kept == [("view",)], "no copy"


def test_a_store_of_version_1_is_brought_to_the_present_version_when_it_is_written_to(old: Path) -> None:
    with Store(old, CONFIGURATION) as store:
        assert list(store.rows()) == [OLD_ROW]
        expected = fill(store)  # its score of that network and predictor is kept
    assert version(old) == 3
    with Store(old, None) as store:
        assert store.refinements() == [expected] and OLD_ROW in list(store.rows())
        assert store.predictors() == {"snip": SNIP}


def test_a_store_of_version_1_takes_the_present_definitions_as_its_own(old: Path) -> None:
    with Store(old, CONFIGURATION) as store:
        store.define({"snip": SNIP, "jacov": SNIP})
    with Store(old, None) as store:
        assert store.predictors() == {"snip": SNIP}, "of jacov there is no score"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE configuration SET value = '{'", "Expecting property name"),
        ("UPDATE configuration SET value = x'ff'", "codec can't decode"),
        ("UPDATE score SET score = 'text'", "is no score"),
        ("UPDATE score SET seconds = 'long'", "is no score"),
        ("UPDATE score SET status = 'fine'", "is no score"),
        ("UPDATE architecture SET json = '{}'", "architecture anynet-[0-9a-f]+ is changed"),
        ("DELETE FROM architecture", "architecture anynet-[0-9a-f]+ is changed"),
    ],
)
def test_a_fault_in_a_store_of_version_1_is_said_in_one_line(old: Path, statement: str, message: str) -> None:
    connection = sqlite3.connect(old / FILE_NAME)
    connection.execute(statement)
    connection.commit()
    connection.close()
    for configuration in (None, CONFIGURATION):
        with pytest.raises(Damaged, match=message), Store(old, configuration) as store:
            assert store.configuration == CONFIGURATION
            list(store.rows())


def test_a_migration_that_fails_leaves_the_store_as_it_was(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netlore.storage.schema._CHANGES", {1: "CREATE TABLE tally (counted); nonsense;"})
    with pytest.raises(InvalidInput, match="cannot be used"):
        Store(old, CONFIGURATION)
    assert version(old) == 0
    with sqlite3.connect(old / FILE_NAME) as connection:
        assert connection.execute("SELECT value FROM configuration").fetchall() == [('"float32"',)]
    connection.close()


@pytest.mark.parametrize("configuration", [None, CONFIGURATION])
def test_a_later_version_is_refused_and_left_as_it_is(tmp_path: Path, configuration) -> None:
    Store(tmp_path, CONFIGURATION).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 4")
    connection.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(InvalidInput) as caught:
        Store(tmp_path, configuration)
    assert str(caught.value) == (
        f"{tmp_path / FILE_NAME} has schema 4, and this version reads schemas up to 3; update netlore, or name "
        f"another folder."
    )
    assert (tmp_path / FILE_NAME).read_bytes() == before
