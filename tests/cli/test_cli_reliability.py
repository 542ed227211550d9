"""`netlore reliability` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlore.report.reliability import write
from tests.cli.running import Run
from tests.experiments.documents import strictly

WORDS = ("reliability", "--data", "noise", "--predictor", "synflow", "--networks", "10", "--flops", "1M", "5M")
FEW = ("--factor", "batches", "--batches", "2", "--batch-size", "2")


@pytest.fixture(autouse=True)
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take seconds; tests/experiments draws them."""
    monkeypatch.setattr(write, "reliability_figures", lambda run: [])


def test_reliability_prints_what_it_found_and_wrote_and_report_does_so_again(run: Run) -> None:
    code, out, err = run(*WORDS, *FEW)
    assert code == 0
    assert out.startswith("synflow: 0% of the variance of its ranks is noise (batches 0%); one score says")
    assert "batch-1: 10 of 10 networks" in err
    page = Path("runs/reliability-noise/reliability.html")
    assert f"  {page}" in out
    before = page.read_bytes()
    page.unlink()
    code, out, _ = run("report", "runs/reliability-noise", "--json")
    assert code == 0 and str(page) in strictly(out)["files"] and page.read_bytes() == before


def test_reliability_json_is_one_document(run: Run) -> None:
    code, out, _ = run(*WORDS, *FEW, "--json", "--out", "runs/other")
    found = strictly(out)
    assert code == 0 and found["conditions"] == ["usual", "batch-1"]
    assert found["predictors"]["synflow"]["noise"] == 0 and found["predictors"]["synflow"]["ceiling"] == 1
    assert all(Path(path).is_file() for path in found["files"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--factor", "colour"), "factor 'colour' is not known; choose from weights, batches"),
        (("--draws", "0"), "draws = 0 is not allowed"),
        (("--batch-sizes", "0"), "is not allowed"),
        (("--benchmark", "none"), "benchmark 'none' is not known"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run(*WORDS, *words)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1
    assert not Path("runs").exists()
