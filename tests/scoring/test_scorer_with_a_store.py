"""score() with a store: nothing is computed twice, nothing that was computed is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

import netlore as nl
from netlore.errors import DifferentConfiguration
from netlore.scoring import scorer
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Settings
from netlore.storage.score_store import Store
from tests.scoring.small import CHEAP, TINY, dislikes_depth, task

__all__ = ["task"]  # a fixture


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with each network that is really scored."""
    calls: list[int] = []
    examine = scorer.examine

    def counted(*arguments: object) -> object:
        calls.append(1)
        return examine(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(scorer, "examine", counted)
    return calls


def test_what_a_store_holds_is_not_computed_again(task: nl.Task, tmp_path: Path, examined: list[int]) -> None:
    first = nl.score(TINY[:2], CHEAP, task, store=tmp_path)
    assert len(examined) == 2
    again = nl.score(TINY[:2], CHEAP, task, store=tmp_path)
    assert len(examined) == 2
    assert again.frame.equals(first.frame)
    more = nl.score(TINY, CHEAP, task, store=str(tmp_path))
    assert len(examined) == 3
    assert more.frame.iloc[:6].equals(first.frame)
    assert len(nl.score(TINY, ("snip",), task, store=tmp_path).rows) == 3
    assert len(examined) == 3
    nl.score([TINY[0], TINY[0]], CHEAP, task, store=tmp_path)
    assert len(examined) == 4
    nl.score(TINY[:1], CHEAP, task, seed=1, store=tmp_path)
    assert len(examined) == 5


def test_an_open_store_may_be_given(task: nl.Task, tmp_path: Path) -> None:
    settings = Settings(task, resolve(CHEAP))
    with Store(tmp_path, settings.describe()) as store:
        table = nl.score(TINY[:2], CHEAP, task, store=store)
        assert len(list(store.rows())) == len(table.rows) == 6


def test_every_score_is_stored_the_moment_it_exists(task: nl.Task, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nl.score(TINY, CHEAP, task, store=tmp_path, progress=stop)
    with Store(tmp_path, None) as store:
        assert len(list(store.rows())) == 6
    assert len(nl.score(TINY, CHEAP, task, store=tmp_path).rows) == 9


@pytest.mark.parametrize("changed", ["batch", "precision"])
def test_a_store_of_another_configuration_is_refused(task: nl.Task, tmp_path: Path, changed: str) -> None:
    nl.score(TINY[:1], "log_synflow", task, store=tmp_path)
    with pytest.raises(DifferentConfiguration, match="choose another output folder or the same settings"):
        if changed == "batch":
            nl.score(TINY[:1], "log_synflow", nl.task("noise", batch_size=8, seed=1), store=tmp_path)
        else:
            nl.score(TINY[:1], "log_synflow", task, store=tmp_path, dtype="float64")


def test_failures_are_kept_in_the_store(task: nl.Task, tmp_path: Path, examined: list[int]) -> None:
    for _ in range(2):
        table = nl.score([TINY[2]], dislikes_depth, task, store=tmp_path)
        assert table.rows[0].score.status == "error"
    assert len(examined) == 1
