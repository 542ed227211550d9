"""A stored refinement is a record: written round by round, read as it is, gone on with bit for bit."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import netlore as nl
from netlore.analysis.bootstrap import monte_carlo_bootstrap
from netlore.errors import InvalidInput
from netlore.refinement import baselines, elite_refinement, paper_refinement, refine
from netlore.refinement.loop import SearchSettings
from netlore.refinement.methods import METHODS
from netlore.refinement.record import from_record, stored_refinements
from netlore.refinement.refine import replay, run_method
from netlore.refinement.result import Refinement
from netlore.storage.archive import archive, opened
from netlore.storage.score_store import Store
from tests.refinement.cases import SPACE, frames
from tests.refinement.landscape import SYNFLOW

EVERY = pytest.mark.parametrize("name", METHODS.names())
ASKED = SearchSettings(SPACE, SYNFLOW, 77, 60, 4, asked_seed=2)


@pytest.fixture(scope="module")
def task() -> nl.Task:
    return nl.task("noise", batch_size=4)


@pytest.fixture(scope="module")
def wholes(task: nl.Task) -> dict[str, Refinement]:
    """What every other way to the same refinements must agree with."""
    return {name: run_method(METHODS.get(name), ASKED, task) for name in METHODS.names()}


def assert_equal(one: Refinement, other: Refinement) -> None:
    """The same, bit for bit, but for times."""
    assert (one.predictor, one.seed, one.space) == (other.predictor, other.seed, other.space)
    assert (one.stopped_because, one.elites) == (other.stopped_because, other.elites)
    assert [(r.number, r.space, r.estimates, r.exhausted) for r in one.rounds] == [
        (r.number, r.space, r.estimates, r.exhausted) for r in other.rounds
    ]
    assert [list(r.estimates) for r in one.rounds] == [list(r.estimates) for r in other.rounds]
    assert [(t.num_classes, t.resolution, t.channels) for t in (r.table for r in one.rounds)] == [
        (t.num_classes, t.resolution, t.channels) for t in (r.table for r in other.rounds)
    ]
    assert all(left.equals(right) for left, right in zip(frames(one), frames(other), strict=True))


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on, drawing, fitting, scoring and loading data raise."""

    def raising(*_: Any, **__: Any) -> Any:
        raise AssertionError("a record is read, not made again")

    def seal() -> None:
        for module in (baselines, elite_refinement, paper_refinement):
            monkeypatch.setattr(module, "sample", raising)
        for name in ("neighbours", "candidates", "fit_surrogate", "blup"):
            monkeypatch.setattr(elite_refinement, name, raising)
        monkeypatch.setattr(paper_refinement, "exact_bootstrap", raising)
        monkeypatch.setattr(refine, "stored_scores", raising)
        monkeypatch.setattr("netlore.scoring.scorer.examine", raising)
        monkeypatch.setattr(importlib.import_module("netlore.data.task"), "load", raising)

    return seal


@EVERY
def test_a_store_and_an_archive_are_read_without_sampler_surrogate_predictor_or_data(
    name: str, task: nl.Task, wholes: dict[str, Refinement], tmp_path: Path, sealed: Callable[[], None]
) -> None:
    run_method(METHODS.get(name), ASKED, task, tmp_path / "run")
    with opened(tmp_path / "run") as reader:
        archive(reader, tmp_path / "kept")
    sealed()
    for folder in ("run", "kept"):
        with opened(tmp_path / folder) as reader:
            (found,) = stored_refinements(reader, name, "synflow")
            assert stored_refinements(reader, "another") == ()
        assert_equal(found, wholes[name])
    again = run_method(METHODS.get(name), ASKED, task, tmp_path / "run")
    assert_equal(again, wholes[name])


class Stop:
    """A progress callback that interrupts after a number of networks."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, round_number: int, done: int, total: int) -> None:
        self.left -= bool(done)
        if self.left == 0:
            raise KeyboardInterrupt


@EVERY
@pytest.mark.parametrize("after", [70, 120])
def test_an_interrupted_run_has_its_complete_rounds_and_goes_on_bit_for_bit(
    name: str, after: int, task: nl.Task, wholes: dict[str, Refinement], tmp_path: Path
) -> None:
    method, whole = METHODS.get(name), wholes[name]
    with pytest.raises(KeyboardInterrupt):
        run_method(method, ASKED, task, tmp_path, progress=Stop(after))
    with opened(tmp_path) as reader:
        (begun,) = stored_refinements(reader)
    assert begun.stopped_because == "unfinished" and 1 <= len(begun.rounds) < len(whole.rounds)
    assert [one.estimates for one in begun.rounds] == [one.estimates for one in whole.rounds][: len(begun.rounds)]
    if method.has_elites:
        assert begun.elites, "of the last complete round"
    reported: list[tuple[int, int, int]] = []
    assert_equal(run_method(method, ASKED, task, tmp_path, progress=lambda *t: reported.append(t)), whole)
    assert [t for t in reported if t[0] <= len(begun.rounds)] == [
        (one.number, len(one.table.rows), len(one.table.rows)) for one in begun.rounds
    ]


@EVERY
def test_complete_rounds_are_not_drawn_again(
    name: str, task: nl.Task, wholes: dict[str, Refinement], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = METHODS.get(name)
    run_method(method, replace(ASKED, round_limit=2), task, tmp_path)
    asked: list[int] = []

    def watched(settings: SearchSettings) -> Any:
        search = method.search(settings)
        ask = search.ask
        monkeypatch.setattr(search, "ask", lambda number: (asked.append(number), ask(number))[1])
        return search

    assert_equal(run_method(replace(method, search=watched), ASKED, task, tmp_path), wholes[name])
    assert asked == list(range(3, len(wholes[name].rounds) + 1))


def test_a_lower_limit_of_rounds_gives_what_it_would_have_given(task: nl.Task, tmp_path: Path) -> None:
    method, short = METHODS.get("memory"), replace(ASKED, round_limit=2)
    run_method(method, ASKED, task, tmp_path)
    found = run_method(method, short, task, tmp_path)
    assert_equal(found, run_method(method, short, task))
    with opened(tmp_path) as reader:
        assert_equal(stored_refinements(reader)[0], found)


@pytest.mark.parametrize(
    "other",
    [
        {"networks": 30},
        {"space": SPACE.restrict({"d1": (1, 3)})},
        {"options": {"bootstrap": partial(monte_carlo_bootstrap, seed=5)}},
        {"options": {"bootstrap": lambda *given: monte_carlo_bootstrap(*given)}},
    ],
)
def test_one_that_asks_for_something_else_takes_the_place_of_the_other(
    other: dict[str, Any], task: nl.Task, tmp_path: Path
) -> None:
    method, changed = METHODS.get("paper"), replace(ASKED, **other)
    run_method(method, ASKED, task, tmp_path)
    found = run_method(method, changed, task, tmp_path)
    assert_equal(found, run_method(method, changed, task))
    with opened(tmp_path) as reader:
        assert_equal(stored_refinements(reader)[0], found)


@EVERY
def test_scores_without_rounds_are_replayed_once_and_then_carry_them(
    name: str, task: nl.Task, wholes: dict[str, Refinement], tmp_path: Path, sealed: Callable[[], None]
) -> None:
    method = METHODS.get(name)
    run_method(method, ASKED, task, tmp_path / "run")
    with opened(tmp_path / "run") as reader, Store(tmp_path / "old", reader.configuration) as old:
        old.add(reader.rows())
        assert old.refinements() == []
        found = replay(method, ASKED, task, old)
        assert found is not None
        sealed()
        assert_equal(found, wholes[name])
        assert_equal(stored_refinements(old)[0], wholes[name])


def test_a_replay_that_ends_early_is_recorded_as_unfinished(task: nl.Task, tmp_path: Path) -> None:
    method = METHODS.get("random")
    run_method(method, replace(ASKED, round_limit=2), task, tmp_path / "run")
    with opened(tmp_path / "run") as reader, Store(tmp_path / "old", reader.configuration) as old:
        old.add(reader.rows())
        found = replay(method, ASKED, task, old)
        assert found is not None and found.stopped_because == "unfinished" and len(found.rounds) == 2
        assert_equal(stored_refinements(old)[0], found)


def test_a_replay_of_less_than_a_round_is_none(task: nl.Task, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_method(METHODS.get("paper"), ASKED, task, tmp_path, progress=Stop(59))
    with opened(tmp_path) as reader, Store(tmp_path / "old", reader.configuration) as old:
        assert stored_refinements(reader) == ()
        old.add(reader.rows())
        assert replay(METHODS.get("paper"), ASKED, task, old) is None


@pytest.mark.parametrize("seed", ["2", -1, 1.5, True, None])
def test_a_seed_that_nobody_asked_for_is_refused(task: nl.Task, tmp_path: Path, seed: object) -> None:
    run_method(METHODS.get("paper"), replace(ASKED, round_limit=1), task, tmp_path)
    with opened(tmp_path) as reader:
        (record,) = reader.refinements()
        assert from_record(record, reader).seed == 2
        with pytest.raises(InvalidInput, match="restore the folder"):
            from_record(replace(record, space={**record.space, "asked_seed": seed}), reader)


def test_a_record_that_lacks_scores_is_refused(task: nl.Task, tmp_path: Path) -> None:
    run_method(METHODS.get("paper"), replace(ASKED, round_limit=1), task, tmp_path / "run")
    with opened(tmp_path / "run") as reader, Store(tmp_path / "part", reader.configuration) as part:
        record = reader.refinements()[0]
        part.add(list(reader.rows())[1:])
        part.record(record)
        with pytest.raises(InvalidInput, match="round 1 of paper with seed 2 lacks 1 of its 60 scores"):
            stored_refinements(part)
        part.record(replace(record, rounds=(replace(record.rounds[0], space={"grids": {"d1": []}}),)))
        part.add(reader.rows())
        with pytest.raises(InvalidInput, match="the record of round 1 is damaged"):
            stored_refinements(part)
