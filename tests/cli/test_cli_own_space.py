"""A space of the user's own, from the command line to an ONNX file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.running import NOISE, TINY, Run, files

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "own_space.py"
HOW = ("--space", "own_space:make_space", *NOISE, "--networks", "6", "--flops", "1e5", "3e6")


@pytest.fixture(autouse=True)
def example(elsewhere: Path) -> None:
    shutil.copy(EXAMPLE, elsewhere)


@pytest.mark.usefixtures("without_report")
def test_a_space_of_ones_own_is_refined_picked_trained_and_exported(run: Run, elsewhere: Path) -> None:
    code, out, _ = run("refine", "--predictor", "synflow", "--round-limit", "2", *HOW, "--out", "own", "--json")
    principles = json.loads(out)["principles"]
    assert code == 0 and set(principles["act"]) <= {"relu", "silu", "hardswish"} and len(principles["d1"]) == 2
    code, out, _ = run("pick", "own", "--networks", "3")
    assert code == 0 and "own_space:network" in out and "act" in out
    code, _, err = run(
        "train", "own", "--data", "digits", "--recipe", "smoke", "--epochs", "1", "--out", "trained"
    )
    assert code == 0, err
    code, out, err = run("export", "trained", "--format", "onnx")
    assert code == 0 and (elsewhere / "trained" / "network.onnx").stat().st_size > 10_000, err
    code, _, err = run("export", "trained", "--format", "python")
    assert code == 2 and "makes torch modules, which have no plan" in err


def test_a_changed_function_does_not_go_on_in_the_folder_of_another(run: Run, elsewhere: Path) -> None:
    asked = ("score", "--predictor", "synflow", *HOW, "--networks", "2", "--out", "own")
    assert run(*asked)[0] == 0 and run(*asked)[0] == 0
    text = (elsewhere / "own_space.py").read_text()
    (elsewhere / "other_space.py").write_text(text.replace("expansion * w_in", "2 * expansion * w_in"))
    before = files(elsewhere / "own")
    code, _, err = run(*asked, "--space", "other_space:make_space")
    assert code == 2 and "definition is" in err and files(elsewhere / "own") == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--space-option", "width=3"), "unexpected keyword argument 'width'"),
        (("--space-option", "width"), "--space-option width is no NAME=VALUE"),
        (("--space", "own_space:no"), "design space 'own_space:no' cannot be loaded"),
        (("--space", "own_space:network"), "cannot be made"),
        (("--module", "own_space:network", "--space-option", "width=3"), "--space-option chooses architectures"),
    ],
)
def test_what_makes_no_space_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    asked = ["score", *(() if "--module" in words else HOW), *words, "--out", "own"]
    code, _, err = run(*asked)
    assert code == 2 and message in err and err.strip().count("\n") == 0
    assert not Path("own").exists()


def test_a_hyperparameter_is_kept_in_a_part_of_the_space(run: Run) -> None:
    kept = ("--restrict", "d1=1:2", "--restrict", "w3=64", "--predictor", "synflow", *TINY)
    code, _, err = run("score", *kept, "--out", "part")
    assert code == 0, err
    assert run("export", "part")[0] == 0
    table = pd.read_csv("part/networks.csv")
    assert table["d1"].max() <= 2 and set(table["w3"]) == {64} and table["w2"].nunique() > 1
    assert run("score", "--predictor", "synflow", *TINY, "--out", "part")[0] == 2
    for words, said in (
        (("--restrict", "z9=1:2"), "z9 is no hyperparameter"),
        (("--restrict", "d1"), "--restrict d1 is no NAME=VALUE"),
        (("--restrict", "d1=99:100"), "d1"),
        (("--restrict", "d1=a,b"), "d1"),
    ):
        code, _, err = run("score", *words, *TINY, "--out", "none")
        assert code == 2 and said in err.splitlines()[-1], (words, err)
