"""Packages of tests/plugins, really installed by pip into a folder that a process imports from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(folder: Path, *packages: str) -> dict[str, str]:
    """The environment of a process that finds these packages installed in the folder."""
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    for package in packages:
        source = shutil.copytree(ROOT / "tests" / "plugins" / package, folder / f"{package}-source")
        command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder / "installed")]
        subprocess.run([*command, str(source)], check=True, cwd=folder, capture_output=True, timeout=120)
    path = os.pathsep.join([str(folder / "installed"), str(ROOT / "src")])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}


def output(script: str, folder: Path, environment: dict[str, str]) -> str:
    """What a script prints in that environment."""
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=180)
    assert found.returncode == 0, found.stderr
    return found.stdout
