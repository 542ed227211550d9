"""Damaged files: either the same scores and records, or one line that refuses them; never fewer."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from netlore.errors import NetloreError
from netlore.space.families.anynet import anynet
from netlore.space.sampling import sample
from netlore.storage import archive_writing as archives
from netlore.storage.archive import archive, opened
from netlore.storage.rounds import PredictorRecord, RefinementRecord, RoundRecord
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow

SPACE = anynet(flops=(10e6, 50e6))
CONFIGURATION = {"command": "refine", "data": "noise", "batch": "0f3a", "seed": 3}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with 400 scores of two rounds, and its archive in the folder `copy`."""
    folder = tmp_path_factory.mktemp("run")
    drawn = sample(SPACE, 200, seed=1)
    with Store(folder, CONFIGURATION) as store:
        store.define({"snip": PredictorRecord("1", "log", "ln S")})
        rounds = []
        for number in (1, 2):
            asked = tuple((one, 0) for one in drawn[100 * number - 100 : 100 * number])
            for name in ("snip", "jacov"):
                store.add(ScoreRow(one, 3, 0, name, Score(1.0 / (7 + i))) for i, (one, _) in enumerate(asked))
            rounds.append(RoundRecord(number, SPACE.to_document(), asked, {"d1": (1, 2, 3)}, False))
        store.record(RefinementRecord("paper", "snip", 3, 100, SPACE.to_document(), tuple(rounds), "cycle"))
    with opened(folder) as reader:
        archive(reader, folder / "copy")
    return folder


def contents(folder: Path) -> object:
    """Everything that is read from a folder."""
    with opened(folder) as reader:
        rows = list(reader.rows())
        keys = [(row.architecture.id, row.seed, row.draw, row.predictor) for row in rows]
        return rows, reader.find([*keys, keys[0]]), reader.configuration, reader.refinements(), reader.predictors()


def look_up(folder: Path, keys: list) -> object:
    with opened(folder) as reader:
        return reader.find(keys)


def damaged(content: bytes, seed: int) -> bytes:
    """A few flipped bytes, zeros, or a shorter file."""
    rng, changed = random.Random(seed), bytearray(content)
    kind = rng.choice(["flip", "flip", "flip", "bit", "zeros", "short"])
    start = rng.randrange(len(changed))
    if kind == "short":
        return bytes(changed[:start])
    for place in range(start, min(len(changed), start + rng.choice([1, 1, 1, 2, 8, 300]))):
        changed[place] = {"flip": rng.randrange(256), "bit": changed[place] ^ 1 << rng.randrange(8), "zeros": 0}[
            kind
        ]
    return bytes(changed)


@pytest.mark.parametrize("name", ["scores.sqlite", "archive.parquet"])
def test_whatever_is_changed_the_same_is_read_or_nothing(run: Path, tmp_path: Path, name: str) -> None:
    source = run / name if name == "scores.sqlite" else run / "copy" / name
    expected, content = contents(source.parent), source.read_bytes()
    keys = list(expected[1])
    refused = 0
    for seed in range(400):
        (tmp_path / name).write_bytes(damaged(content, seed))
        for read, wanted in ((contents, expected), (lambda folder: look_up(folder, keys), expected[1])):
            try:
                found = read(tmp_path)
            except NetloreError as error:
                refused += 1
                assert "\n" not in str(error) and len(str(error)) < 1_000, seed
            else:
                assert found == wanted, f"seed {seed}"
    assert refused > 100


def test_a_damaged_store_is_not_written_to(run: Path, tmp_path: Path) -> None:
    content = (run / "scores.sqlite").read_bytes()
    drawn = sample(SPACE, 5, seed=9)
    rows = [ScoreRow(one, 3, 0, "snip", Score(2.0)) for one in drawn]
    keys = [(row.architecture.id, 3, 0, "snip") for row in rows]
    for seed in range(100):
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / "scores.sqlite").write_bytes(damaged(content, 1_000 + seed))
        try:
            with Store(folder, CONFIGURATION) as store:
                store.find(keys)
                store.add(rows)
                found = store.find(keys)
        except NetloreError as error:
            assert "\n" not in str(error), seed
        else:
            assert len(found) == 5
        shutil.rmtree(folder)


def edited(run: Path, folder: Path, *statements: str) -> Path:
    """A copy of the store in which something was changed through SQL."""
    shutil.copy(run / "scores.sqlite", folder)
    with sqlite3.connect(folder / "scores.sqlite") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return folder


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE score SET score = 'text' WHERE predictor = 'snip'", "a score of anynet-[0-9a-f]+ is changed"),
        ("UPDATE score SET score = score * 2 WHERE predictor = 'snip'", "a score of anynet-[0-9a-f]+ is changed"),
        ("UPDATE configuration SET document = '{'", "in its table configuration something is changed or missing"),
        ("UPDATE configuration SET document = '\"0000\"' WHERE name = 'batch'", "in its table configuration"),
        ("UPDATE round SET document = replace(document, 'false', 'true')", "in its table round something is"),
        ("UPDATE architecture SET json = replace(json, '1', '2')", "architecture anynet-[0-9a-f]+ is changed"),
        ("DELETE FROM architecture", "architecture anynet-[0-9a-f]+ is changed"),
        ("DELETE FROM tally WHERE counted = 'score'", "0 scores are there, not -1"),
        ("UPDATE tally SET rows = 9 WHERE counted = 'predictor'", "in its table predictor"),
        ("UPDATE predictor SET document = '{}'", "in its table predictor"),
    ],
)
def test_what_was_changed_is_refused_in_one_line(run: Path, tmp_path: Path, statement: str, message: str) -> None:
    edited(run, tmp_path, statement)
    with pytest.raises(NetloreError, match=rf"is damaged \({message}") as caught:
        contents(tmp_path)
    assert str(caught.value).endswith("restore it from a copy or choose another folder.")


def test_a_row_that_was_taken_out_unseen_is_missed(run: Path, tmp_path: Path) -> None:
    edited(run, tmp_path, "DROP TRIGGER score_removed", "DELETE FROM score WHERE score > 0.14")
    with Store(tmp_path, None) as store:
        count = len(store.find([]))
        with pytest.raises(NetloreError, match=r"39[0-9] scores are there, not 400"):
            list(store.rows())
        with pytest.raises(NetloreError, match=r"39[0-9] scores are there, not 400"):
            store.count()
        with pytest.raises(NetloreError, match="scores are changed or missing"):
            store.find([("anynet-0000000000000000", 0, 0, "snip")])
    assert count == 0


def test_a_column_of_somebody_else_does_no_harm(run: Path, tmp_path: Path) -> None:
    edited(run, tmp_path, "ALTER TABLE score ADD COLUMN remark TEXT")
    assert contents(tmp_path) == contents(run)
    with Store(tmp_path, CONFIGURATION) as store:
        store.add([ScoreRow(sample(SPACE, 1, seed=5)[0], 3, 0, "snip", Score(1.0))])
        assert store.count() == 401


@pytest.mark.parametrize("table", ["score", "round", "tally", "configuration", "architecture"])
def test_a_table_that_is_missing_is_named_so(run: Path, tmp_path: Path, table: str) -> None:
    edited(run, tmp_path, f"DROP TABLE {table}")
    for configuration in (None, CONFIGURATION):
        with pytest.raises(NetloreError, match="is not a score store"):
            Store(tmp_path, configuration)


def changed_archive(run: Path, folder: Path, change, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive that is whole, but whose table or facts somebody made otherwise."""
    with opened(run) as reader, monkeypatch.context() as patched:
        change(patched, archives)
        content = archives.encoded(reader)
    (folder / "archive.parquet").write_bytes(content)
    return folder


def frame_with(edit) -> object:
    def change(patched: pytest.MonkeyPatch, module) -> None:
        completed = module.Shape.completed
        patched.setattr(module.Shape, "completed", lambda *given: edit(completed(*given)))

    return change


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda frame: frame.assign(score="x"), "is no score"),
        (lambda frame: frame.assign(score=float("inf")), "is no score"),
        (lambda frame: frame.assign(status="fine"), "is no score"),
        (lambda frame: frame.assign(seconds=1), "is no score"),
        (lambda frame: frame.assign(reason=3), "is no score"),
        (lambda frame: frame.assign(seed="0"), "is no network and predictor"),
        (lambda frame: frame.assign(seed=True), "is no network and predictor"),
        (lambda frame: frame.assign(draw=None), "is no network and predictor"),
        (lambda frame: frame.assign(family=3), "is no network and predictor"),
        (lambda frame: frame.assign(family="wizard"), "family 'wizard' is not known"),
        (lambda frame: frame.assign(d1="two"), "d1 = 'two' is not a whole number"),
        (lambda frame: frame.assign(d1=0), "d1"),
        (lambda frame: frame.assign(seed=-1), "seed = -1 cannot be stored"),
        (lambda frame: frame.drop(columns="draw"), "its columns are "),
        (lambda frame: frame.drop(columns="d1"), "lacks d1"),
        (lambda frame: frame.assign(song="la"), "does not know song"),
        (lambda frame: frame.assign(predictor="snip", draw=0), "a score is there twice"),
    ],
)
def test_an_archive_that_somebody_made_otherwise_is_refused_in_one_line(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit, message: str
) -> None:
    changed_archive(run, tmp_path, frame_with(edit), monkeypatch)
    with pytest.raises(NetloreError, match=re.escape(message)) as caught:
        contents(tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ({"refinements": [{}]}, "'rounds'"),
        ({"refinements": {"a": 1}}, "is no archive of scores"),
        ({"refinements": [{"rounds": [{"networks": [[0, 10**12]]}]}]}, "Field required"),
        ({"refinements": [{"rounds": [{"networks": [[-5]]}]}]}, "is no archive of scores"),
        ({"predictors": {"snip": {"fingerprint": 3}}}, "should be a valid string"),
        ({"predictors": [1]}, "is no archive of scores"),
        ([], "is no archive of scores"),
    ],
)
def test_records_of_another_form_are_refused_in_one_line(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: object, message: str
) -> None:
    def change(patched: pytest.MonkeyPatch, module) -> None:
        patched.setattr(module, "to_json", lambda value: to_json(value if "batch" in value else records))

    to_json = archives.to_json
    changed_archive(run, tmp_path, change, monkeypatch)
    with pytest.raises(NetloreError, match=re.escape(message)) as caught:
        contents(tmp_path)
    assert str(tmp_path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_later_archive_is_refused(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed_archive(run, tmp_path, lambda patched, module: patched.setattr(module, "SCHEMA", 4), monkeypatch)
    with pytest.raises(NetloreError, match="it has schema 4, and this version reads up to 3; update netlore"):
        contents(tmp_path)
