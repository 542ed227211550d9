"""score() with a store: nothing is computed twice, nothing that was computed is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import netlore as nl
from netlore.errors import DifferentConfiguration, DifferentPredictor, InvalidInput
from netlore.networks import devices
from netlore.scoring import scorer, settings
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import Settings
from netlore.storage.score_store import Store
from tests.scoring.small import CHEAP, TINY, dislikes_depth


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


def test_another_version_of_netlore_goes_on_with_a_store(
    task: nl.Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Definitions decide what fits together, not names of versions: those of two commits always differ."""
    monkeypatch.setattr(settings, "_origin", settings._origin.__wrapped__)  # which remembers
    seen = ("0.2.0.dev12+gabc1234.d20261201", "0.2.0")
    for networks, version in enumerate(seen, start=1):
        monkeypatch.setattr(devices, "__version__", version)
        table = nl.score(TINY[:networks], CHEAP, task, store=tmp_path)
    assert list(table.origins["netlore"]) == [*seen]


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


def predictor_that_gives(value: float) -> nl.Predictor:
    return nl.predictor("own", needs=nl.Evidence(), source="here")(lambda probe: torch.tensor(value))


def test_a_changed_formula_does_not_get_the_scores_of_the_old_one(task: nl.Task, tmp_path: Path) -> None:
    nl.score(TINY[:1], predictor_that_gives(1.0), task, store=tmp_path)
    assert nl.score(TINY[:1], predictor_that_gives(1.0), task, store=tmp_path).wide["own"].tolist() == [1.0]
    with pytest.raises(DifferentPredictor, match="holds scores of another definition of own"):
        nl.score(TINY[:1], predictor_that_gives(2.0), task, store=tmp_path)
    with Store(tmp_path, None) as store:
        assert store.predictors()["own"].transform == "log"


def test_numpys_integers_give_the_same_scores_with_a_store(tmp_path: Path) -> None:
    task = nl.task("noise", batch_size=np.int64(4), seed=np.int64(1))
    plain = nl.score(TINY[:1], "log_synflow", task, seed=np.int64(7))
    for _ in range(2):
        kept = nl.score(TINY[:1], "log_synflow", task, seed=np.int64(7), store=tmp_path)
        assert kept.wide.equals(plain.wide)


def test_a_seed_of_more_than_63_bits_is_refused_before_anything_is_made(task: nl.Task, tmp_path: Path) -> None:
    assert nl.score(TINY[:1], "log_synflow", task, seed=2**64).frame["seed"].tolist() == [2**64]
    with pytest.raises(InvalidInput, match=r"seed = 9223372036854775808 cannot be stored; choose one from 0"):
        nl.score(TINY[:1], "log_synflow", task, seed=2**63, store=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert len(nl.score(TINY[:1], "log_synflow", task, seed=2**63 - 1, store=tmp_path / "run").rows) == 1
