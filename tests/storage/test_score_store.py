from __future__ import annotations

import sqlite3

import pytest

from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.space.families.anynet import anynet_architecture
from netlore.space.named import named
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow

CONFIGURATION = {"data": {"name": "cifar10", "digest": "ab12"}, "dtype": "float32", "batch": [64, 32]}
DEEP, SHALLOW = named("paper/cifar10/synflow"), named("baseline/resnet-20")
ROWS = [
    ScoreRow(DEEP, 0, 0, "snip", Score(2.5, seconds=0.25)),
    ScoreRow(DEEP, 0, 0, "grasp", Score(None, "nonfinite", "the formula gave nan", 1.5)),
    ScoreRow(DEEP, 0, 1, "snip", Score(-1e-300)),
    ScoreRow(SHALLOW, 3, 0, "jacov", Score(None, "degenerate", "two images have the same gradient")),
]


def key(row: ScoreRow) -> tuple[str, int, int, str]:
    return row.architecture.id, row.seed, row.draw, row.predictor


def test_what_was_added_is_found_again(tmp_path):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS)
        asked = [*map(key, ROWS), (DEEP.id, 1, 0, "snip"), ("anynet-0", 0, 0, "snip")]
        assert store.find(asked) == {key(row): row.score for row in ROWS}
        assert store.find([]) == {}


def test_rows_come_back_whole_and_in_an_order_of_their_own(tmp_path):
    with Store(tmp_path / "one", CONFIGURATION) as one, Store(tmp_path / "two", CONFIGURATION) as two:
        one.add(ROWS)
        for row in reversed(ROWS):
            two.add([row])
        assert list(one.rows()) == list(two.rows()) == sorted(ROWS, key=key)


def test_the_scores_of_an_architecture_share_it_when_they_are_read(tmp_path):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS)
        assert len({id(row.architecture) for row in list(store.rows())}) == 2


def test_a_score_that_is_there_is_left_as_it_is(tmp_path):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS)
        store.add([ScoreRow(DEEP, 0, 0, "snip", Score(99.0))])
        assert store.find([key(ROWS[0])]) == {key(ROWS[0]): Score(2.5, seconds=0.25)}


def test_all_rows_of_a_call_are_kept_or_none(tmp_path):
    broken = ScoreRow(DEEP, 0, 2**70, "snip", Score(1.0))
    with Store(tmp_path, CONFIGURATION) as store:
        with pytest.raises(OverflowError):
            store.add([ROWS[0], broken])
        assert list(store.rows()) == []
        store.add(ROWS)
        assert len(list(store.rows())) == len(ROWS)


def test_the_same_configuration_resumes(tmp_path):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS[:2])
    # Tuples become lists in JSON; the order of the facts means nothing.
    again = {
        name: tuple(value) if isinstance(value, list) else value for name, value in reversed(CONFIGURATION.items())
    }
    with Store(tmp_path, again) as store:
        store.add(ROWS[2:])
        assert len(list(store.rows())) == len(ROWS)
        assert store.configuration == CONFIGURATION


@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        ({"dtype": "float64"}, 'dtype is "float32" there and "float64" here'),
        ({"device": "cuda"}, 'device is null there and "cuda" here'),
        (
            {"dtype": "float64", "batch": 1},
            'batch is [64, 32] there and 1 here; dtype is "float32" there and "float64"',
        ),
    ],
)
def test_another_configuration_is_refused_with_the_difference(tmp_path, changes, difference):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS)
    with pytest.raises(DifferentConfiguration) as caught:
        Store(tmp_path, CONFIGURATION | changes)
    assert f"{tmp_path} belongs to another configuration: {difference}" in str(caught.value)
    assert "choose another output folder or the same settings." in str(caught.value)
    with Store(tmp_path, CONFIGURATION) as store:
        assert store.configuration == CONFIGURATION and len(list(store.rows())) == len(ROWS)


def test_a_second_writer_is_refused_until_the_first_has_closed(tmp_path):
    with Store(tmp_path, CONFIGURATION):
        with pytest.raises(InvalidInput) as caught:
            Store(tmp_path, CONFIGURATION)
        assert str(caught.value) == (
            f"another process is writing to {tmp_path}; wait for it or choose another output folder."
        )
    Store(tmp_path, CONFIGURATION).close()


def test_readers_see_what_was_written_so_far(tmp_path):
    with Store(tmp_path, CONFIGURATION) as writer:
        writer.add(ROWS[:1])
        with Store(tmp_path, None) as reader:
            assert list(reader.rows()) == ROWS[:1] and reader.configuration == CONFIGURATION
            writer.add(ROWS[1:])
            assert len(list(reader.rows())) == len(ROWS)
    with Store(tmp_path, None) as reader:
        assert len(list(reader.rows())) == len(ROWS)


def test_readers_do_not_write(tmp_path):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS[:1])
    with Store(tmp_path, None) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.add(ROWS)


def test_closing_twice_does_not_free_what_the_next_writer_holds(tmp_path):
    store = Store(tmp_path, CONFIGURATION)
    store.close()
    with Store(tmp_path, CONFIGURATION):
        store.close()
        with pytest.raises(InvalidInput, match="another process is writing"):
            Store(tmp_path, CONFIGURATION)
    Store(tmp_path, CONFIGURATION).close()


def test_a_folder_may_have_a_name_that_needs_quoting(tmp_path):
    folder = tmp_path / "50% of ?all# runs"
    with Store(folder, CONFIGURATION) as store:
        store.add(ROWS)
    with Store(folder, None) as reader:
        assert len(list(reader.rows())) == len(ROWS)


def test_a_thousand_scores_are_found_one_by_one(tmp_path):
    architecture = anynet_architecture((1, 1, 1), (8, 8, 8), (1, 1, 1), (1, 1, 1))
    rows = [ScoreRow(architecture, 0, draw, "snip", Score(float(draw))) for draw in range(1_000)]
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(rows)
        assert store.find(map(key, rows)) == {key(row): row.score for row in rows}
