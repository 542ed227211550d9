"""A design space of a user's own module, given by its import path, from the command line to the report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from netlore.space.design_space import SPACES

# No segments, more than ten million architectures, and a budget: such a space cannot be counted.
MODULE = """
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, uniform


def space(num_classes=10, resolution=32, flops=None):
    parts = [uniform(f"d{i}", 1, 110) for i in (1, 2, 3)] + [choice(f"w{i}", (2, 4)) for i in (1, 2, 3)]
    parts += [choice("b", (1,)), choice("c", (1,))]
    made = DesignSpace("resnext", tuple(parts), num_classes, resolution)
    return made.within({"flops": flops} if flops else {})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spaces_of_mine.py").write_text(MODULE)
    return tmp_path


def test_what_cannot_be_counted_is_refined_and_reported(folder):
    arguments = ["--space", "spaces_of_mine:space", "--flops", "0", "4e6", "--predictor", "synflow"]
    sizes = ["--networks", "3", "--batch-size", "10", "--round-limit", "1", "--out", "run", "--json"]
    command = [sys.executable, "-m", "netlore", "refine", *arguments, *sizes]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["cardinalities"][0] == 10_648_000
    (low, high), *_ = json.loads((folder / "run" / "refinement.json").read_text())["intervals_within_budget"]
    assert 0 < low < found["cardinalities_within_budget"][0] < high < 10_648_000
    assert (folder / "run" / "report.html").is_file()


def test_a_space_is_found_by_its_import_path(folder, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    assert SPACES.get("spaces_of_mine:space")(flops=(0, 1e6)).cardinality == 10_648_000
