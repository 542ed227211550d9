"""Scores in pieces: the same rows as at once, and memory that does not grow with the networks."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import netlore as nl
from netlore.executors import InProcess
from netlore.scoring import kept
from netlore.scoring.draws import FirstDraws, Job, numbered
from netlore.scoring.kept import InMemory, StoredRows, kept_rows
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Settings, score_missing, score_networks, stored_table
from netlore.space.sampling import drawn
from netlore.storage.rounds import Key
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow
from tests.scoring.small import CHEAP, TINY

SPACE = nl.anynet(flops=(10e6, 50e6))


class Trivial:
    """Gives every predictor's score 1 without looking at a network."""

    def run(self, setup: object, jobs: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        return ((place, [Score(1.0) for _ in job.predictors]) for place, job in enumerate(jobs))

    def close(self) -> None:
        pass


class Counting:
    """Keeps only how many scores there were."""

    count = 0

    def find(self, keys: Iterable[Key]) -> dict[Key, Score]:
        return {}

    def add(self, rows: Iterable[ScoreRow]) -> None:
        self.count += len([*rows])


def most_memory(networks: int, settings: Settings) -> int:
    """The most bytes that scoring so many networks takes, sampling included."""
    counting = Counting()
    tracemalloc.start()
    try:
        score_missing(FirstDraws(drawn(SPACE, networks)), settings, Trivial(), counting)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert counting.count == networks


def test_the_driver_s_memory_does_not_grow_with_the_networks(task: nl.Task) -> None:
    settings = Settings(task, resolve("snip"))
    most_memory(10, settings)  # what is made once
    few, many = (most_memory(networks, settings) for networks in (1_000, 4_000))
    # A list of networks, their jobs, keys and rows takes 3,000 bytes each.
    assert (many - few) / 3_000 < 200


@pytest.mark.parametrize("piece", [1, 2, 100])
def test_the_size_of_pieces_changes_nothing(
    task: nl.Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    networks, settings = numbered([*TINY, TINY[0]]), Settings(task, resolve(CHEAP))
    expected = score_networks(networks, settings, InProcess())
    monkeypatch.setattr(kept, "PIECE", piece)
    with Store(tmp_path, {}) as store:
        score_missing(networks[1:3], settings, InProcess(), store)
        score_missing(networks, settings, InProcess(), store)
        table = stored_table(networks, settings, store)
    assert table.frame.drop(columns="seconds").equals(expected.frame.drop(columns="seconds"))


def test_rows_are_read_by_their_places(tmp_path: Path) -> None:
    networks, names = numbered(TINY), ("a", "b")
    rows = [
        ScoreRow(one.architecture, 0, one.draw, name, Score(float(place)))
        for place, one in enumerate(networks)
        for name in names
    ]
    with Store(tmp_path, {}) as store:
        store.add(reversed(rows))
    found = StoredRows(tmp_path, networks, 0, names)
    assert len(found) == 6 and [*found] == rows
    assert found[3] == rows[3] and found[-1] == rows[-1] and found[2:5] == rows[2:5] and found[9:] == []
    with pytest.raises(IndexError):
        found[6]


def test_a_score_that_is_not_kept_is_not_passed_over() -> None:
    with pytest.raises(KeyError):
        [*kept_rows(numbered(TINY), 0, ["a"], InMemory())]


def test_jobs_are_made_as_they_are_taken(task: nl.Task) -> None:
    taken: list[Job] = []

    class Stopping(InProcess):
        def run(self, setup: Callable[[], Any], jobs: Iterable[Any]) -> Iterator[tuple[int, Any]]:
            taken.append(next(iter(jobs)))
            return iter(())

    score_missing(FirstDraws(drawn(SPACE, 20)), Settings(task, resolve("snip")), Stopping(), InMemory())
    sizes = [nl.complexity(one, 10).activations for one in drawn(SPACE, 20)]
    assert nl.complexity(taken[0].network.architecture, 10).activations == max(sizes), "the largest comes first"
