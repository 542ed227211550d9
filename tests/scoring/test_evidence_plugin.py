"""A package with a predictor on evidence of its own, and a transform: found by entry points, used like ours."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "plugins" / "netlore_evidence"

USE = """
import netlore as nl
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.transforms import TRANSFORMS
from netlore.testing import check_predictor

if __name__ == "__main__":
    ratio = PREDICTORS.get("ratio")
    check_predictor(ratio)
    assert TRANSFORMS.get(ratio.transform).apply([-4.0, 9.0]).tolist() == [-2.0, 3.0]
    task = nl.task("noise", batch_size=4)
    networks = nl.sample(nl.anynet(flops=(1e6, 2e6)), 3)
    one = nl.score(networks, ("ratio", "snip"), task)
    assert not one.failures
    assert nl.score(networks, "ratio", task).wide["ratio"].equals(one.wide["ratio"])
    assert nl.score(networks, ("ratio", "snip"), task, workers=2).wide.equals(one.wide)
    print("used")
"""


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that finds the package as if it were installed."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = tmp_path / "netlore_evidence-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1\n")
    groups = project["entry-points"].items()
    lines = [line for name, points in groups for line in (f"[{name}]", *(f"{k} = {v}" for k, v in points.items()))]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    here = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(PACKAGE), here])}


def test_its_module_is_short() -> None:
    assert len((PACKAGE / "netlore_evidence.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_it_is_used_like_a_predictor_of_ours(installed: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(USE)
    done = subprocess.run(
        [sys.executable, "use.py"], cwd=tmp_path, env=installed, capture_output=True, text=True, timeout=240
    )
    assert (done.stdout, done.returncode) == ("used\n", 0), done.stderr
    words = [
        "score",
        "--networks",
        "2",
        "--predictor",
        "ratio",
        "--data",
        "noise",
        "--batch-size",
        "4",
        "--out",
        "run",
    ]
    command = [sys.executable, "-m", "netlore", *words]
    done = subprocess.run(command, cwd=tmp_path, env=installed, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0 and "ratio" in done.stdout, done.stderr
