"""The examples run as they are and print something."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
EXPECTED = {
    "design_space.py": ("901,115,488 within 10-50 MFLOPs", "at most 20,000 parameters"),
    "benchmark_spaces.py": ("computes #+#+(0)@nor_conv_3x3", "2 of its operations", "199,040,872 multiply-adds"),
    "own_space.py": ("4,896 architectures; one of them: d ", "act", "logdet"),
    "own_vision_transformers.py": ("1,536 architectures, about ", "mlp_ratio", "token", "snip"),
    "own_predictor.py": ("code_distance", "d1: 1 to 16 narrowed to"),
    "parts_of_a_batch.py": ("agreement", "2 forward passes and 2 backward passes"),
    "refine.py": ("principles: d1 = ", "160 networks scored", "for example: d "),
    "principles_that_repeat.py": ("paper: ", "memory: ", "of its grid; mean ln S of the twelve best"),
    "own_study.py": ("synflow and logdet", "Wrote", "report.html"),
    "score_modules.py": ("half as wide", "squeezenet", "params", "jacov"),
    "score_any_module.py": ("two blocks", "logdet", "synflow"),
    "validate.py": ("after 200 epochs", "kendall_low", "layers", "synflow prefers |", "ms on a phone"),
    "optuna_objective.py": ("of 200 trials are networks within the budget", "best: ln S = ", "b3 "),
    "huggingface_data.py": ("32 images of 4 classes", "synflow", "jacov"),
    "design.py": ("1,438 images to learn from", "Predictor ", ": error ", "a pass takes "),
    "train.py": ("picked: d ", "epoch 6: loss", "wrote network.py", "wrote network.pt"),
}
EXTRAS = {"optuna_objective.py": ("optuna", "optuna"), "huggingface_data.py": ("datasets", "huggingface")}
"""The package that an example imports, and the extra that brings it."""


def test_every_example_is_run() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_prints_what_it_is_about(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if name in EXTRAS:
        package, extra = EXTRAS[name]
        pytest.importorskip(package, reason=f"{name} needs the extra {extra}")
    # In this process: each would wait for torch again.
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    shown = capsys.readouterr()
    assert all(words in shown.out for words in EXPECTED[name])
    assert shown.err == ""
