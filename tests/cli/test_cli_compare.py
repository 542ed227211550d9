"""`netlore compare` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlore.scoring.predictor import PREDICTORS
from tests.cli.running import SHORT, Run, refined_in
from tests.experiments.documents import strictly
from tests.refinement.cases import fickle


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished refinement with memory."""
    return refined_in(tmp_path_factory.mktemp("cli") / "remembered", (*SHORT, "--method", "memory"))


def test_compare_prints_sentences_tables_and_the_files(run: Run, made: Path, remembered: Path) -> None:
    code, out, err = run("compare", made, remembered, "--out", "side")
    assert code == 0 and out.startswith("synflow on noise: refinement with memory has the highest")
    assert out.splitlines()[-4:] == [
        "Wrote:",
        "  side/compare.html",
        "  side/figures/ (3 files)",
        "  side/tables/ (16 files)",
    ]
    assert "compare: 1 of 1 figures" in err
    assert Path("side/compare.html").is_file()


def test_compare_json_is_one_document(run: Run, made: Path, remembered: Path) -> None:
    code, out, _ = run("compare", made, remembered, "--out", "side", "--json")
    found = strictly(out)
    assert code == 0 and set(found) == {"sentences", "tables", "files"}
    assert [row["Method"] for row in found["tables"]["methods"]] == [
        "the paper's refinement",
        "refinement with memory",
    ]
    assert all(Path(path).is_file() for path in found["files"])


def test_compare_again_scores_the_elites_and_goes_on(run: Run, made: Path, remembered: Path) -> None:
    words = ("compare", made, remembered, "--again", "2", "--workers", "2", "--out", "side")
    code, out, err = run(*words)
    assert code == 0 and out.startswith("synflow on noise: refinement with memory has the highest median rescored")
    assert "rescored elite score" in out and "  side/again/synflow-noise/scores.sqlite" in out
    assert "again synflow-noise: 0 of " in err and "compare: 1 of 1 figures" in err
    # On a terminal the means of single best architectures make room for the fresh scores.
    assert "best mean" not in " ".join(out.split())
    code, _, err = run(*words, "--json")
    total = err.split("again synflow-noise: ")[1].split()[0]
    assert code == 0 and f"again synflow-noise: {total} of {total} networks" in err
    code, out, _ = run("compare", made, remembered, "side/again/synflow-noise", "--out", "same")
    assert code == 0 and "rescored elite score" in out
    assert Path("same/compare.html").read_bytes() == Path("side/compare.html").read_bytes()


@pytest.mark.usefixtures("without_report")
def test_fresh_scores_that_are_missing_are_listed_and_the_code_is_3(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PREDICTORS._objects, "fickle", fickle)
    run("refine", *SHORT, "--predictor", "fickle", "--replicates", "2", "--out", "runs")
    code, out, _ = run("compare", "runs", "--again", "3", "--out", "side")
    assert code == 3 and "scores are missing:" in out and "degenerate, the sixth digit is unlucky" in out
    assert Path("side/compare.html").is_file()
    code, out, _ = run("compare", "runs", "--again", "3", "--out", "side", "--json")
    assert code == 3 and strictly(out)["tables"]["methods"]


def test_bad_input_is_one_line_with_code_2_and_leaves_nothing(run: Run, made: Path, remembered: Path) -> None:
    for words, message in (
        ((made,), "holds the only refinement of synflow on noise, and a comparison needs two"),
        ((made, made), "is named twice"),
        ((made, "nowhere"), "so it is not a run; name a run's folder"),
        ((made, remembered, "--again-batches", "2"), "--again-batches says on what --again scores"),
        ((made, remembered, "--again", "-1"), "again = -1 is not positive; choose 1 or more, or leave it out"),
    ):
        code, out, err = run("compare", *words, "--out", "side")
        assert code == 2 and out == "" and err.count("\n") == 1 and message in err
        assert not Path("side").exists()
    code, _, err = run("compare", made)
    assert code == 2 and "--out" in err


def test_a_report_of_two_methods_says_what_compares_them(run: Run, made: Path, remembered: Path) -> None:
    code, _, err = run("report", made, remembered, "--out", "side")
    assert code == 2 and "put them side by side with `netlore compare`" in err
