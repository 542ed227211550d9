"""Looking up scores in a store: exactly those asked for, and each by way of the primary key."""

from __future__ import annotations

import itertools
import random
import sqlite3

import pytest

from netlore.space.families.anynet import anynet_architecture
from netlore.storage.score_store import FILE_NAME, Store
from netlore.storage.score_table import Score, ScoreRow

CONFIGURATION = {"dtype": "float32"}
ARCHITECTURES = [anynet_architecture((d, 1, 1), (8, w, 8), (1, 1, 1), (1, 1, 1)) for d in (1, 2) for w in (8, 16)]
SEEDS, DRAWS, PREDICTORS = (0, 1, 10), (0, 1, 11), ("grad_norm", "grasp", "snip")
COMBINATIONS = list(itertools.product(ARCHITECTURES, SEEDS, DRAWS, PREDICTORS))
ROWS = [
    ScoreRow(*combination, Score(float(number), seconds=number / 8))
    for number, combination in enumerate(COMBINATIONS)
]
FOUND = {(row.architecture.id, row.seed, row.draw, row.predictor): row.score for row in ROWS}


@pytest.fixture
def folder(tmp_path):
    """A folder with every combination of architectures, seeds, draws and predictors, added in no order."""
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(random.Random(0).sample(ROWS, len(ROWS)))
    return tmp_path


@pytest.mark.parametrize("asked", [*([key] for key in list(FOUND)[::7]), list(FOUND)[::5], list(FOUND)])
def test_what_is_asked_for_is_found_and_nothing_else(folder, asked):
    with Store(folder, None) as store:
        assert store.find(asked) == {key: FOUND[key] for key in asked}


@pytest.mark.parametrize(
    "absent",
    [
        ("anynet-0000000000000000", 0, 0, "snip"),
        (ARCHITECTURES[0].id, 2, 0, "snip"),
        (ARCHITECTURES[0].id, 0, 10, "snip"),
        (ARCHITECTURES[0].id, 0, 0, "fisher"),
        (ARCHITECTURES[0].id, 0, 0, "SNIP"),
        (ARCHITECTURES[0].id[:-1], 0, 0, "snip"),
    ],
)
def test_what_differs_in_one_part_of_the_key_is_not_found(folder, absent):
    present = (ARCHITECTURES[0].id, 0, 0, "snip")
    with Store(folder, None) as store:
        assert store.find([absent]) == {}
        assert store.find([absent, present]) == {present: FOUND[present]}


def test_a_key_may_be_asked_for_twice(folder):
    keys = list(FOUND)[:4]
    with Store(folder, None) as store:
        assert store.find([*keys, *keys[::-1], keys[0]]) == {key: FOUND[key] for key in keys}


def test_nothing_is_found_when_nothing_is_asked_for(folder):
    with Store(folder, None) as store:
        assert store.find([]) == {}
        assert store.find(iter(())) == {}


def test_the_look_up_goes_by_the_primary_key(folder, monkeypatch):
    statements: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    with Store(folder, None) as store:
        statements.clear()
        store.find(list(FOUND)[:3])
    monkeypatch.undo()
    connection = sqlite3.connect(folder / FILE_NAME)
    plans = [row[3] for statement in statements for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    connection.close()
    whole_key = "USING PRIMARY KEY (architecture=? AND seed=? AND draw=? AND predictor=?)"
    assert plans
    for plan in plans:
        assert plan.startswith("SEARCH") and plan.endswith(whole_key), plan
