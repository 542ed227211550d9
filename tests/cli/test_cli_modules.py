"""`netlore score --module`: every option works or is refused, and what modules print stays out of the results."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.running import NOISE, Run
from tests.experiments.documents import strictly

PRINTING = """
from torch import nn
print("importing")

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        print("building")
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(3072, width), nn.ReLU(), nn.Linear(width, 10))

    def forward(self, x):
        print("forward")
        return self.layers(x)
"""


@pytest.fixture(autouse=True)
def printing(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of modules in the folder that commands run in."""
    (elsewhere / "printing.py").write_text(PRINTING)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "printing", raising=False)


WORDS = ("score", *NOISE, "--predictor", "snip", "--module", "printing:Net")


def test_what_a_module_prints_stays_out_of_the_document(run: Run) -> None:
    code, out, err = run(*WORDS, "--json")
    assert code == 0 and strictly(out)["module"] == "printing:Net"
    assert all(words in err for words in ("importing", "building", "forward"))
    assert not Path("runs").exists()


def test_seeds_draws_arguments_and_folders(run: Run) -> None:
    words = (*WORDS, "--arg", "width=4", "--networks", "2", "--json")
    found = strictly(run(*words)[1])
    scores = [one["scores"]["snip"]["value"] for one in found["modules"]]
    assert [(one["module"], one["draw"]) for one in found["modules"]] == [
        ("printing:Net(width=4)", 0),
        ("printing:Net(width=4)", 1),
    ]
    code, out, _ = run(*words, "--out", "kept", "--workers", "2")
    kept = strictly(out)
    assert code == 0 and [one["scores"]["snip"]["value"] for one in kept["modules"]] == scores
    assert [Path(name).name for name in kept["files"]] == ["scores.sqlite", "run.json"]
    other = strictly(run(*words, "--seed", "1")[1])
    assert not {one["scores"]["snip"]["value"] for one in other["modules"]} & set(scores)
    code, out, _ = run("analyze", "kept", "--json")
    assert code == 0 and [row["Draw"] for row in strictly(out)["tables"]["modules"]] == [0, 1]
    code, out, _ = run(*words[:-1], "--out", "kept", "--dry-run")
    assert code == 0 and out.splitlines()[-1] == "There are 2 networks, 0 to score; how long they take shows then."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flops", "1e6", "2e6"), "--flops chooses architectures of a design space, not modules"),
        (("--space", "anynet"), "--space chooses architectures"),
        (("--budget", "params=0:1e5"), "--budget chooses architectures"),
        (("--arg", "width"), "--arg width is no NAME=VALUE"),
        (("--arg", "width=1", "--arg", "width=2"), "--arg width=2 is no NAME=VALUE, or its name came before"),
        (("--module", "printing:Net"), "name one twice"),
        (("--networks", "0"), "networks = 0"),
    ],
)
def test_what_says_nothing_of_modules_is_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*WORDS, *words)
    assert code == 2 and out == "" and said in err.splitlines()[-1]


def test_arguments_need_a_module(run: Run) -> None:
    assert run("score", *NOISE, "--arg", "a=1")[0] == 2
