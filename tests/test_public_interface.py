"""The names that everybody may rely on, and what they mean."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import netlore as nl
from netlore.experiments import doctor


def test_counting_and_describing() -> None:
    space = nl.anynet(num_classes=10, flops=(10e6, 50e6))
    assert space.cardinality == 10_077_696_000
    assert space.cardinality_within_budget == 901_115_488
    a = nl.anynet_architecture(
        depths=(15, 16, 16), widths=(8, 16, 64), group_widths=(8, 16, 16), bottleneck_ratios=(1, 1, 1)
    )
    assert list(a.values) == [f"{letter}{i}" for letter in "dwgb" for i in (1, 2, 3)]
    assert list(a.values.values()) == [15, 16, 16, 8, 16, 64, 8, 16, 16, 1, 1, 1]
    measured = nl.complexity(a, num_classes=10, resolution=32)
    # The paper's Table II.
    assert (measured.flops, measured.params, measured.activations) == (43_090_570, 344_138, 868_362)
    net = nl.build(a, num_classes=10, seed=0)
    assert isinstance(net, nn.Module) and sum(p.numel() for p in net.parameters()) == 344_138
    drawn = nl.sample(space, 100, seed=0)
    assert len(set(drawn)) == 100 and all(isinstance(one, nl.Architecture) for one in drawn)


def test_any_module_is_scored() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 10))
    images, labels = torch.randn(8, 3, 8, 8, generator=torch.Generator().manual_seed(0)), torch.arange(8)
    found = nl.probe(net, images, labels, predictors=("snip", "logdet"))
    assert list(found) == ["snip", "logdet"]
    for score in found.values():
        assert isinstance(score, nl.Score) and score.status == "ok" and float(score) == score.value


def test_scoring_and_refining() -> None:
    task = nl.task("cifar10", batch_size=8, seed=0)
    assert isinstance(task, nl.Task) and task.num_classes == 10
    architectures = nl.sample(nl.anynet(flops=(1e6, 5e6)), 3, seed=0)
    table = nl.score(architectures, ("snip", "grasp"), task, seed=0, store=None, workers=1)
    assert isinstance(table, nl.ScoreTable)
    columns = ["architecture", "draw", "predictor", "score", "status", "reason", "seconds"]
    assert len(table.frame) == 6 and set(columns) <= set(table.frame.columns)
    assert list(table.frame["architecture"]) == [a.id for a in architectures for _ in range(2)]
    letters = [f"{letter}{i}" for letter in "dwgb" for i in (1, 2, 3)]
    wanted = [*letters, "flops", "params", "activations", "snip", "grasp"]
    assert len(table.wide) == 3 and set(wanted) <= set(table.wide.columns)

    space = nl.anynet(flops=(1e6, 5e6))
    r = nl.refine(space, "synflow", task, networks=6, seed=0, store=None, workers=1, round_limit=2)
    assert isinstance(r, nl.Refinement) and list(r.principles) == letters
    low, high = r.principles["d1"]
    assert 1 <= low <= high <= 16
    assert len(r.rounds) <= 2 and isinstance(r.stopped_because, str)
    assert r.cardinalities[0] == 10_077_696_000 and len(r.cardinalities) == len(r.rounds) + 1
    for other in (nl.refine_with_memory, nl.random_search, nl.regularised_evolution, nl.nsga2):
        one = other(space, "synflow", task, networks=6, seed=0, store=None, workers=1, round_limit=1)
        assert isinstance(one, nl.Refinement) and one.stopped_because == "round limit"
        # All begin with the networks of the paper's method.
        assert list(one.rounds[0].frame["architecture"]) == list(r.rounds[0].frame["architecture"])


@pytest.mark.parametrize("name", nl.__all__)
def test_every_public_name_is_there_and_has_a_docstring(name: str) -> None:
    found = getattr(nl, name)
    assert name in dir(nl)
    # A dataclass without a docstring gets one from its fields: `Name(field: type)`.
    assert isinstance(found, str) or not (found.__doc__ or f"{name}(").startswith(f"{name}(")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'netlore' has no attribute 'refined'"):
        nl.refined  # noqa: B018


def test_type_checkers_see_the_same_names_at_the_same_places() -> None:
    tree = ast.parse(Path(nl.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    seen = {}
    for node in tree.body:
        # `from x import y as y`: the form that a strict type checker takes for a re-export.
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            assert node.module and alias.asname == alias.name
            assert getattr(nl, alias.name) is getattr(importlib.import_module(node.module), alias.name)
            seen[alias.name] = node.module
    assert sorted(seen) == sorted(set(nl.__all__) - {"__version__"})


def test_importing_netlore_imports_nothing_that_takes_time() -> None:
    question = (
        "import sys, netlore; print({'torch', 'numpy', 'pandas', 'typer'} & set(sys.modules), netlore.__version__)"
    )
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert answer.stdout == f"set() {nl.__version__}\n" and answer.stderr == ""


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["train", "--help"], ["list", "families"]])
def test_help_and_lists_do_not_wait_for_torch(words: list[str]) -> None:
    code = (
        "import atexit, sys; from netlore.cli import main\n"
        f"atexit.register(lambda: print('torch' in sys.modules)); main({words})"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.endswith("False\n") and answer.stderr == ""


def test_the_version_is_that_of_the_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert nl.__version__ == importlib.metadata.version("netlore")

    def none(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    # A source tree on the path, never installed, works as well.
    monkeypatch.setattr(importlib.metadata, "version", none)
    monkeypatch.setattr(doctor, "requires", none)
    assert nl.__version__ == "0+unknown"
    assert any(one.what == "devices" for one in doctor.findings(Path()))
