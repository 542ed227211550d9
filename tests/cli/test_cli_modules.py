"""`netlore score --module`: every option works or is refused, and what modules print stays out of the results."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netlore.scoring.predictor import PAPER
from tests.cli.running import NOISE, Run
from tests.experiments.documents import strictly

PRINTING = """
from torch import nn
print("importing")

def smoothed(output, labels):
    return nn.functional.cross_entropy(output, labels, label_smoothing=0.5)

def hard(returned):
    return returned["hard"]

five = 5

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.easy, self.hard = nn.Linear(3072, 10), nn.Linear(3072, 10)

    def forward(self, x):
        return {"easy": self.easy(x.flatten(1)), "hard": self.hard(x.flatten(1))}

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
    assert code == 0 and out.splitlines()[-1] == "Nothing is left to score of 2 networks: the folder holds it all."


def test_losses_and_outputs_by_name_and_by_path(run: Run) -> None:
    words = ("score", *NOISE, "--predictor", "snip", "--module", "printing:Two")

    def value(*more: str) -> float:
        found: float = strictly(run(*words, "--json", *more)[1])["scores"]["snip"]["value"]
        return found

    by_name = value("--output", "hard")
    assert by_name == value("--output", "printing:hard", "--out", "kept") != value("--output", "easy")
    smoothed = ("--output", "hard", "--loss", "printing:smoothed")
    assert by_name != value(*smoothed) == value(*smoothed, "--workers", "2")
    code, out, _ = run(*words, *smoothed, "--dry-run")
    assert code == 0 and "loss: printing:smoothed; output: hard." in out.splitlines()
    code, out, err = run(*words, *smoothed, "--out", "kept")
    assert code == 2 and 'loss is "cross_entropy" there and "printing:smoothed" here' in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "the network returned dict for 8 images"),
        (("--output", "harder"), "returns no output 'harder', but easy, hard; name one of them."),
        (("--output", "hard", "--loss", "l1"), "loss 'l1' is not known; choose one of cross_entropy, mse,"),
        (("--output", "hard", "--loss", "printing:five"), "loss printing:five is of the type int, not a function"),
        (("--output", "printing:absent"), "output printing:absent cannot be loaded (AttributeError"),
        (
            ("--output", "hard", "--loss", "mse"),
            "and mse compares them entry by entry; give targets of that shape.",
        ),
    ],
)
def test_losses_and_outputs_that_do_not_fit(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run("score", *NOISE, "--predictor", "snip", "--module", "printing:Two", *words)
    assert code == 2 and out == "" and said in err.splitlines()[-1]


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


@pytest.mark.parametrize("words", [("--arg", "a=1"), ("--loss", "mse"), ("--output", "logits")])
def test_some_options_need_a_module(run: Run, words: tuple[str, str]) -> None:
    code, _, err = run("score", *NOISE, *words)
    assert code == 2 and err == f"netlore: {words[0]} is for modules, and none is named; name one by --module.\n"


def test_of_many_predictors_each_has_a_row_so_that_the_table_can_be_read(run: Run) -> None:
    names = (*PAPER, "params", "flops", "layers", "l2_norm", "plain", "zico", "log_synflow")
    words = [word for name in names for word in ("--predictor", name)]
    code, out, err = run("score", *NOISE, "--module", "printing:Net", "--networks", 2, *words)
    assert code == 0, err
    rows = [line.strip("\N{BOX DRAWINGS LIGHT VERTICAL} ").split(" ")[0] for line in out.splitlines()]
    assert {*names} <= {*rows} and "printing:Net 0" in out and "printing:Net 1" in out
