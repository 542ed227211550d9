"""A fingerprint changes with what a definition computes, and with nothing else."""

from __future__ import annotations

import functools
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netlore as nl
from netlore.scoring.fingerprint import fingerprint
from netlore.scoring.predictor import PREDICTORS, Predictor
from tests.scoring.cases import NAMES

MODULE = '''
import math
import torch
import netlore as nl

FACTOR = 2.0
TABLE = {"a": [1, 2], "b": torch.ones(2)}

class Weighting:
    power = 2
    def __call__(self, x):
        return x ** self.power

def inner(x):
    return FACTOR * x

def scaled(x):
    """A helper."""
    return inner(x) + TABLE["a"][0]

@nl.predictor("ours", needs=nl.Evidence.SYNAPTIC_FLOW, source="test")
def ours(probe, weighting=Weighting()):
    """S."""
    return weighting(scaled(probe.log_synaptic_flow)) + math.pi
'''


def of_source(folder: Path, source: str) -> str:
    """The fingerprint of `ours` in a module of that source."""
    path = folder / "own_module.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("own_module", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: str = module.ours.fingerprint
    return found


@pytest.fixture
def original(tmp_path_factory: pytest.TempPathFactory) -> str:
    return of_source(tmp_path_factory.mktemp("original"), MODULE)


def test_it_is_the_same_in_another_process(tmp_path: Path, original: str) -> None:
    (tmp_path / "own_module.py").write_text(MODULE, encoding="utf-8")
    question = "import own_module; print(own_module.ours.fingerprint)"
    done = subprocess.run(
        [sys.executable, "-c", question], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == original


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("+ math.pi", "- math.pi"),
        ("inner(x) +", "inner(x) *"),
        ("FACTOR * x", "FACTOR + x"),
        ("FACTOR = 2.0", "FACTOR = 2.5"),
        ("[1, 2]", "[3, 2]"),
        ("torch.ones(2)", "torch.zeros(2)"),
        ("power = 2", "power = 3"),
        ("x ** self.power", "x * self.power"),
        ("math.pi", "math.e"),
    ],
)
def test_a_change_anywhere_in_the_module_that_matters_is_seen(
    tmp_path: Path, original: str, old: str, new: str
) -> None:
    assert MODULE.count(old) == 1
    assert of_source(tmp_path, MODULE.replace(old, new)) != original


@pytest.mark.parametrize(
    ("old", "new"),
    [("S.", "S, in other words."), ("def inner", "# a remark\n\n\ndef inner"), ("A helper.", "Helps."), ("", "")],
)
def test_what_changes_no_score_changes_no_fingerprint(tmp_path: Path, original: str, old: str, new: str) -> None:
    assert of_source(tmp_path, MODULE.replace(old, new, 1)) == original


def formula(value: Any) -> Any:
    """A function that closes over a value."""
    return lambda probe: torch.as_tensor(value)


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, 2), ("a", "b"), ((1,), [1]), ({1}, {2}), (np.ones(3), np.ones(2)), (torch.float32, torch.float64)],
)
def test_values_that_a_function_closes_over_count(left: Any, right: Any) -> None:
    assert fingerprint(formula(left)) == fingerprint(formula(left)) != fingerprint(formula(right))


def test_arguments_of_a_partial_count() -> None:
    one, two = functools.partial(formula, 1), functools.partial(formula, 2)
    assert fingerprint(one) != fingerprint(two) != fingerprint(formula)


def test_without_its_source_the_instructions_count() -> None:
    def made(source: str) -> Any:
        scope: dict[str, Any] = {}
        exec(source, scope)
        return scope["f"]

    assert fingerprint(made("def f(x): return x + 1")) == fingerprint(made("def f(x):\n    return x + 1"))
    assert fingerprint(made("def f(x): return x + 1")) != fingerprint(made("def f(x): return x + 2"))


def test_functions_that_call_each_other_end() -> None:
    def even(n: int) -> bool:
        return n == 0 or odd(n - 1)

    def odd(n: int) -> bool:
        return n != 0 and even(n - 1)

    assert fingerprint(even) != fingerprint(odd)


@pytest.mark.parametrize("name", NAMES)
def test_built_in_predictors_declare_their_version(name: str) -> None:
    assert PREDICTORS.get(name).fingerprint == "version 1"


def test_a_declared_version_is_what_counts() -> None:
    def made(version: int | None, factor: float) -> Predictor:
        make = nl.predictor("ours", needs=nl.Evidence.SYNAPTIC_FLOW, source="test", version=version)
        return make(lambda probe: factor * probe.log_synaptic_flow)

    assert made(3, 1.0).fingerprint == made(3, 2.0).fingerprint == "version 3"
    assert made(None, 1.0).fingerprint != made(None, 2.0).fingerprint
    assert made(3, 1.0).direction == "higher is better"
