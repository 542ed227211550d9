"""`netlore latency` as a user types it, and tables that other commands read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.storage.device_tables import read_device_table
from tests.cli.running import TINY, Run
from tests.experiments.documents import strictly
from tests.tables_in_use import no_table_in_use

SMALL = json.dumps(
    {"values": {f"{k}{i}": v for k, v in {"d": 1, "w": 4, "g": 2, "b": 1}.items() for i in (1, 2, 3)}}
)
TABLE = {"format": "netlore device table", "steps": {"linear": {"count": 0.25}, "convolution": {"count": 0.1}}}


__all__ = ["no_table_in_use"]


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is kept elsewhere."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_it_measures_networks_and_shows_what_a_table_predicts(run: Run) -> None:
    Path("table.json").write_text(json.dumps(TABLE))
    words = ("--runtime", "torch", "--rounds", "2", "--resolution", "16", "--device-table", "table.json")
    code, out, _ = run("latency", SMALL, *words, "--json")
    (found,) = strictly(out)
    assert code == 0 and found["low_ms"] <= found["median_ms"] <= found["high_ms"] and found["runs"] == 10
    assert found["predicted_latency"] >= 0.35
    code, out, _ = run("latency", SMALL, *words)
    assert code == 0 and "torch, 1 thread: median of all runs by the clock" in out


def test_it_makes_a_table_which_a_sample_keeps_to(run: Run) -> None:
    how = ("--runtime", "torch", "--networks", "20", "--held-out", "2", "--rounds", "1")
    code, out, _ = run("latency", "--table", "tables/mine.json", *how, "--flops", "0", "1M", "--resolution", "8")
    assert code == 0 and "Of 2 networks that it was not made of" in out and "Spearman" in out
    assert read_device_table(Path("tables/mine.json")).device["networks"] == 20
    asked = ("--budget", "latency=0:1e6", "--device-table", "tables/mine.json", *TINY)
    code, _, err = run("score", "--predictor", "synflow", *asked, "--out", "run")
    assert code == 0, err
    assert run("export", "run")[0] == 0
    assert "latency" in (Path("run") / "networks.csv").read_text().splitlines()[0].split(",")


def test_an_optimum_is_found_within_a_budget_of_latency(run: Run) -> None:
    Path("table.json").write_text(json.dumps(TABLE))
    within = ("--flops", "10e6", "11e6", "--budget", "latency=0:0.4", "--device-table", "table.json")
    code, out, err = run("optimum", *within, "--json")
    assert code == 0, err
    assert strictly(out)["optimum"]["latency"] == 0.35


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "latency is of networks that are named, or of a --table of a space; give one of them."),
        ((SMALL, "--table", "a.json"), "give one of them"),
        ((SMALL, "--runtime", "tflite"), "runtime 'tflite' is not known; choose one of onnxruntime, torch."),
        (
            (SMALL, "--flops", "0", "1M"),
            "--flops chooses networks of a table; name its file by --table, or leave it out.",
        ),
        (("nothing",), "architecture 'nothing' is not known"),
        ((SMALL, "--device-table", "a.json"), "there is no table of a device at a.json"),
        (("--table", "a.json", "--networks", "3"), "are too few"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run("latency", *words)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1
