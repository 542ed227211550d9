"""Packages of other people, installed by pip into a fresh environment, and found by their entry points.

The environment sees the packages that the tests run with, so nothing is downloaded: pip builds and installs
netlore and those below this folder, each of which brings something that netlore does not have.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGES = sorted(path.parent for path in HERE.glob("*/pyproject.toml"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """An environment in which netlore and all packages of this folder are installed; runs a command in it."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)

    def run(*words, **more):
        return subprocess.run(
            [python, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=240, **more
        )

    site = run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").stdout.strip()
    # Appended to the path, so that what is installed here comes first.
    Path(site, "parent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    # Building writes into a source tree; copies keep this one as it is, and two test processes apart.
    netlore = folder / "sources" / "netlore"
    shutil.copytree(ROOT / "src", netlore / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, netlore)
    sources = [str(netlore)]
    for package in PACKAGES:
        sources.append(str(shutil.copytree(package, folder / "sources" / package.name)))
    # An old setuptools that a new environment may come with would build nothing without more packages.
    run("-m", "pip", "uninstall", "--quiet", "--yes", "setuptools")
    made = run("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", *sources)
    assert made.returncode == 0, made.stderr
    return run


def printed(made):
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def refused(made):
    assert made.returncode == 2, made.stderr
    assert "Traceback" not in made.stderr
    return made.stderr


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("predictors", "ratio"),
        ("data", "stripes"),
        ("spaces", "small_resnets"),
        ("methods", "hillclimb"),
        ("executors", "threads"),
        ("measures", "weighted_layers"),
        ("transforms", "signed_root"),
    ],
)
def test_what_a_package_brings_is_listed(installed, kind, name):
    listed = printed(installed("-m", "netlore", "list", kind, "--json"))
    assert name in {entry["name"] for entry in listed}


def test_evidence_space_data_and_measure_of_packages_are_scored_together(installed):
    words = "-m netlore score --predictor ratio --predictor snip --data stripes --space small_resnets --networks 3"
    more = "--batch-size 8 --flops 0 inf --budget weighted_layers=5:30 --workers 2 --out scored --json"
    scored = printed(installed(*words.split(), *more.split()))
    assert scored["failed"] == 0
    table = "import pandas as pd; print(pd.read_csv('scored/networks.csv').to_json(orient='records'))"
    printed(installed("-m", "netlore", "export", "scored", "--format", "csv", "--json"))
    rows = json.loads(installed("-c", table).stdout)
    assert len(rows) == 3
    assert all(5 <= row["weighted_layers"] <= 30 and row["ratio"] is not None for row in rows)


def test_a_refinement_by_a_method_and_an_executor_of_packages(installed):
    words = "-m netlore refine --predictor snip --method hillclimb --executor threads --networks 4 --batch-size 8"
    refined = printed(installed(*words.split(), *["--round-limit", "3", "--out", "climbed", "--json"]))
    assert refined["method"] == "hillclimb" and refined["rounds"] == 3


def test_a_run_is_reported_without_the_packages(installed, tmp_path):
    """A colleague who has none of them reads the run: what a report needs is in the record."""
    words = "-m netlore refine --predictor ratio --method hillclimb --networks 4 --batch-size 8 --round-limit 2"
    made = installed(*words.split(), *["--out", "sent"])
    assert made.returncode in (0, 3), made.stderr  # a network may have no score on eight images
    gone = "import importlib.metadata as m; print(*(d.metadata['Name'] for d in m.distributions()))"
    assert "netlore-hillclimb" in installed("-c", gone).stdout
    folder = installed("-c", "import os; print(os.getcwd())").stdout.strip()
    made = subprocess.run(
        [sys.executable, "-m", "netlore", "report", f"{folder}/sent", "--out", str(tmp_path / "report"), "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "report" / "report.html").is_file()


def test_a_broken_package_is_named_and_stops_nothing(installed):
    """Runs last: it takes the module of one package away."""
    where = installed("-c", "import netlore_evidence; print(netlore_evidence.__file__)").stdout.strip()
    module = Path(where)
    content = module.read_bytes()
    module.unlink()
    try:
        made = installed("-m", "netlore", "list", "predictors", "--json")
        assert {entry["name"] for entry in printed(made)} >= {"synflow", "snip"}
        assert "ratio" in made.stderr and "netlore-evidence" in made.stderr and "Traceback" not in made.stderr
        assert "ratio" in refused(installed("-m", "netlore", "score", "--predictor", "ratio", "--dry-run"))
    finally:
        module.write_bytes(content)
