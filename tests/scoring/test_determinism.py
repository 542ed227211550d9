"""Equal seeds and settings give equal bits, whatever surrounds the run; see docs/determinism.md."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch

import netlore as nl
from netlore.storage.score_table import ScoreRow

SPACE = nl.anynet(flops=(1e6, 5e6))
NAMES = ("synflow", "jacov", "grasp", "zen", "logdet")
"""Weights, a batch, second derivatives, random inputs, and a determinant."""


def bits(table: nl.ScoreTable) -> list[tuple[object, ...]]:
    """Everything about the rows of a table but the time that they took."""
    return [
        (row.architecture.id, row.seed, row.draw, row.predictor, row.score.status, row.score.reason, exact(row))
        for row in table.rows
    ]


def exact(row: ScoreRow) -> str:
    """A score to the last bit."""
    return "" if row.score.value is None else row.score.value.hex()


def everything() -> str:
    """A batch, a sample, its scores, and a refinement, as text."""
    task = nl.task("cifar10", batch_size=8, seed=3)
    table = nl.score(nl.sample(SPACE, 3, seed=5), NAMES, task, seed=7)
    found = nl.refine(SPACE, "synflow", task, networks=6, seed=1, round_limit=2)
    return repr((task.digest, bits(table), found.principles, found.cardinalities))


@pytest.fixture(scope="module")
def task() -> nl.Task:
    return nl.task("cifar10", batch_size=8)


def scored(task: nl.Task, seed: int = 7, **settings: object) -> list[tuple[object, ...]]:
    return bits(nl.score(nl.sample(SPACE, 4, seed=5), NAMES, task, seed, **settings))  # type: ignore[arg-type]


OTHERWISE = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu", "OMP_NUM_THREADS": "3"}


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (["-O"], {"PYTHONHASHSEED": "1", **OTHERWISE}),
        ([], {"PYTHONHASHSEED": "4294967295", "PYTHONUTF8": "0", "LC_ALL": "C", "MKL_NUM_THREADS": "2"}),
    ],
    ids=["-O, hash seed, locale, time zone, threads", "another hash seed, no UTF-8"],
)
def test_surroundings_of_the_process_change_nothing(
    tmp_path: Path, options: list[str], environment: dict[str, str]
) -> None:
    roots = (Path(nl.__file__).parents[1], Path(__file__).parents[2])
    surroundings = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(map(str, roots))}
    command = [sys.executable, *options, "-c", f"from {__name__} import everything; print(everything())"]
    found = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=False)
    assert found.stdout.strip() == everything(), found.stderr[-2_000:]


@pytest.mark.parametrize("seed", [2**63 - 1, 2**64 + 5, 10**30])
def test_seeds_of_any_size_are_seeds(task: nl.Task, seed: int) -> None:
    first = [nl.score(nl.sample(SPACE, 1, seed=seed), ("snip", "zen"), task, seed) for _ in range(2)]
    assert bits(first[0]) == bits(first[1])
    other = nl.score(nl.sample(SPACE, 1, seed=seed), ("snip", "zen"), task, seed + 1)
    assert all(one != two for one, two in zip(bits(first[0]), bits(other), strict=True))


@pytest.mark.parametrize("kind", [np.int64, np.uint8])
def test_integers_of_numpy_are_the_same_seeds(kind: type[np.integer]) -> None:
    known = nl.task("cifar10", batch_size=8, seed=7)
    assert nl.task("cifar10", batch_size=8, seed=kind(7)).digest == known.digest
    assert nl.sample(SPACE, 3, seed=kind(7)) == nl.sample(SPACE, 3, seed=7)
    assert scored(known, kind(7)) == scored(known, 7)


def test_workers_and_an_interruption_change_nothing(task: nl.Task, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    expected = scored(task)
    with pytest.raises(KeyboardInterrupt):
        scored(task, store=tmp_path, progress=interrupt)
    assert scored(task, store=tmp_path, workers=2) == expected
    assert scored(task, store=tmp_path) == expected


def test_threads_of_torch_change_nothing(task: nl.Task) -> None:
    before, expected = torch.get_num_threads(), scored(task)
    try:
        torch.set_num_threads(3)
        assert scored(task) == expected and torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_threads_of_python_and_global_random_numbers_change_nothing(task: nl.Task) -> None:
    expected = scored(task)
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002 # the global state that others use
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(scored, [task, task])] == [expected, expected]


def test_the_order_and_the_company_of_networks_and_predictors_change_nothing(task: nl.Task) -> None:
    drawn = nl.sample(SPACE, 4, seed=5)
    alone = [bits(nl.score([one], name, task, 7)) for one in drawn for name in NAMES]
    assert [row for rows in alone for row in rows] == scored(task)
    backwards = bits(nl.score(drawn[::-1], NAMES[::-1], task, 7))
    assert sorted(backwards, key=repr) == sorted(scored(task), key=repr)


def test_each_score_says_what_computed_it(task: nl.Task, tmp_path: Path) -> None:
    drawn = nl.sample(SPACE, 2, seed=5)
    table = nl.score(drawn, ("snip", "synflow"), task, 7, tmp_path)
    (row,) = table.origins.to_dict(orient="records")
    assert set(table.frame["origin"]) == {row.pop("origin")} == {1}
    assert [row[name] for name in ("netlore", "torch", "numpy")] == [*map(version, ("netlore", "torch", "numpy"))]
    assert (row["device"], row["dtype"], row["batch"]) == ("cpu", "float32", task.digest)
    assert row["capability"] == torch.backends.cpu.get_cpu_capability()
    double = nl.score(drawn, "snip", task, 7, dtype="float64")
    assert double.origins["dtype"].tolist() == ["float64"]
    again = nl.score(drawn, ("snip", "synflow"), task, 7, tmp_path)
    assert again.origins.equals(table.origins)
