"""`netlore validate` as a user types it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from netlore.report.validation import write
from netlore.report.validation.figures import validation_figures
from tests.cli.running import Run
from tests.experiments.documents import strictly
from tests.validation.tables import NAME, registered, written

WORDS = ("validate", "--benchmark", NAME, "--data", "noise", "--predictor", "synflow", "--batch-size", "4")


@pytest.fixture(autouse=True)
def benchmark() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture(autouse=True)
def one_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take seconds; tests/report looks at all of them."""
    monkeypatch.setattr(write, "validation_figures", lambda data: validation_figures(data)[:1])


def test_validate_prints_what_it_found_and_wrote_and_report_does_so_again(run: Run) -> None:
    code, out, err = run(*WORDS, "--networks", "6")
    assert code == 0 and out.startswith("Accuracy: Tiny-Bench, noise, test accuracy after 9 epochs.")
    assert "Of all predictors, synflow ranks networks best" in out and "What a quantity would choose" in out
    assert "scores: 6 of 6 networks" in err and "report: 1 of 1 figures" in err
    folder = Path(f"runs/validate-{NAME}-noise")
    assert f"  {folder}/validation.html" in out and (folder / "networks.parquet").is_file()
    page = (folder / "validation.html").read_bytes()
    (folder / "validation.html").unlink()
    code, out, _ = run("report", folder)
    assert code == 0 and (folder / "validation.html").read_bytes() == page


def test_validate_json_is_one_document_also_of_a_table_of_ones_own(run: Run) -> None:
    written(Path("own.csv"))
    own = ("--accuracies", "own.csv", "--architecture-column", "net", "--accuracy-column", "acc")
    code, out, _ = run("validate", *own, *WORDS[3:], "--networks", "4", "--out", "own", "--json")
    found = strictly(out)
    assert code == 0 and found["benchmark"] == "own.csv" and found["networks"] == 4
    assert all(Path(path).is_file() for path in found["files"])
    code, out, _ = run("validate", *own, "--scores", "own", "--out", "joined", "--json")
    assert code == 0 and strictly(out)["quantities"]["synflow"] == found["quantities"]["synflow"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--benchmark", "none"), "benchmark 'none' is not known; choose one of nas-bench-201"),
        (("--data", "mnist"), "data set of tiny-bench 'mnist' is not known; choose one of more-noise, noise."),
        (("--draws", "0"), "draws = 0 is not allowed"),
        (("--errors",), "--errors is about a table of your own, and none is given; add --accuracies FILE."),
        (("--scores", "runs/none"), "runs/none"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run(*WORDS, *words)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1
    assert not Path("runs").exists()


def test_benchmarks_are_listed(run: Run) -> None:
    code, out, _ = run("list", "benchmarks", "--json")
    assert code == 0 and {"name": NAME, "title": "Tiny-Bench", "data": "noise more-noise"} in strictly(out)
