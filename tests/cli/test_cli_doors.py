"""What users bring to the command line by import path, and folders and services that get in the way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netlore.cli import compute, options
from netlore.experiments.config import BenchConfiguration, RefineConfiguration, ScoreConfiguration
from tests.cli.running import Run
from tests.experiments.documents import strictly

MINE = """
import netlore as nl

@nl.predictor("mine_of_doors", needs=nl.Evidence.LOSS_GRADIENT, source="none")
def score(probe):
    '''S = sum |dL/dtheta|.'''
    return sum(gradient.abs().sum() for gradient in probe.loss_gradient.values())

def space(num_classes, resolution):  # takes no budget
    return nl.anynet(num_classes, resolution)
"""
TINY = ("--data", "noise", "--batch-size", 4, "--flops", "1e6", "5e6", "--networks", 4)


def test_predictors_and_spaces_are_named_by_import_path(run: Run, elsewhere: Path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (elsewhere / "mine_of_doors.py").write_text(MINE)
    mine = ("--predictor", "mine_of_doors:score", "--space", "mine_of_doors:space")
    code, out, err = run("score", *TINY, *mine, "--out", "out", "--json")
    assert code == 0, err
    assert list(strictly(out)["predictors"]) == ["mine_of_doors"]
    record = strictly((elsewhere / "out" / "run.json").read_text())
    assert record["space"]["budget"] == {"flops": [1e6, 5e6]}, "a limit holds that the space does not take"
    code, out, err = run("refine", *TINY, *mine, "--round-limit", 1, "--json")
    assert code == 0, err
    assert (elsewhere / "runs" / "score-noise" / "refinement.json").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--predictor", "no_such_module:score"), "no_such_module"),
        (("--space", "no_such_module:space"), "no_such_module"),
        (("--space", "json:dumps"), "design space"),
        (("--executor", "no_such_executor"), "executor"),
    ],
)
def test_a_path_to_nothing_is_one_line(run: Run, elsewhere: Path, words: tuple[str, ...], message: str) -> None:
    code, out, err = run("score", *TINY, "--predictor", "synflow", *words, "--out", "out")
    assert (code, out) == (2, "")
    assert message in err and "Traceback" not in err


def test_a_closed_output_and_a_file_called_like_a_module_stop_nothing(tmp_path: Path) -> None:
    script = tmp_path / "bin" / "netlore"
    script.parent.mkdir()
    script.write_text("if __name__ == '__main__':\n    from netlore.cli import main\n    main()\n")
    (tmp_path / "random.py").write_text("draws = [4, 4, 4]\n")
    words = "score --networks 2 --predictor synflow --data noise --batch-size 2 --workers 2 --out out >&-"
    command = ["sh", "-c", f"{sys.executable} {script} {words}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out" / "scores.sqlite").is_file()


@pytest.mark.parametrize(
    ("command", "kind", "fixed"),
    [
        (compute.refine, RefineConfiguration, ()),
        (compute.score, ScoreConfiguration, ()),
        (
            compute.bench,
            BenchConfiguration,
            (
                "space",
                "space_options",
                "restrict",
                "params",
                "activations",
                "budget",
                "device_tables",
                "data_seed",
                "architectures",
                "chunk_size",
            ),
        ),
    ],
)
def test_every_value_of_a_configuration_has_its_option(command: Callable[..., None], kind, fixed) -> None:
    names = command.__annotations__
    assert all(name in names for name in kind.model_fields if name not in fixed)
    with pytest.raises(TypeError, match="no option is called"):
        options.configured(kind, {name: None for name in names if name != "seed"}, fixed)
