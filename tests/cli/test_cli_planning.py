"""The command line before and without a run: what scoring would do, and how fast this machine does it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netlore.cli.application import app
from netlore.experiments import estimate as forecasting
from netlore.scoring.predictor import PREDICTORS
from tests.cli.running import Run, files
from tests.experiments.documents import strictly
from tests.refinement.cases import fickle

NOISE = ("--data", "noise", "--batch-size", "4")
BATCH = (*NOISE, "--flops", "1e6", "5e6")
TINY = (*BATCH, "--networks", "6")
DRY = ("score", *TINY, "--dry-run")


# score --dry-run


def test_a_dry_run_prints_passes_and_a_time_and_writes_nothing(run: Run, elsewhere: Path) -> None:
    code, out, err = run(*DRY, "--predictor", "snip", "--predictor", "grad_norm", "--predictor", "logdet")
    lines = out.splitlines()
    assert code == 0 and lines[0].strip() == "Passes for one network"
    assert "one forward pass over the batch" in out and "activation codes within the forward pass" in out
    assert any("grad_norm" in line and "nothing" in line for line in lines)
    assert lines[-1].endswith(" s for 6 networks on 1 worker (measured on 3 of them).")
    assert err.splitlines()[0] == "measured: 0 of 4 networks" and "measured: 4 of 4 networks" in err
    assert not list(elsewhere.iterdir())


def test_a_dry_run_s_json_is_one_document(run: Run, elsewhere: Path) -> None:
    code, out, err = run(*DRY, "--predictor", "all", "--workers", 2, "--json")
    found = strictly(out)
    assert code == 0 and list(found) == ["passes", "networks", "missing", "seconds", "measured_on"]
    assert len(found["passes"]) == 7 and found["passes"]["fisher"] == ["channel saliency within the backward pass"]
    assert (found["networks"], found["missing"], found["measured_on"]) == (6, 6, 3) and found["seconds"] > 0
    assert "measured: 4 of 4 networks" in err and not list(elsewhere.iterdir())


def test_a_dry_run_counts_what_the_folder_lacks(run: Run, elsewhere: Path) -> None:
    words = (*TINY, "--predictor", "synflow", "--out", "out")
    assert run("score", *words)[0] == 0
    before = files(elsewhere)
    code, out, err = run("score", *words, "--dry-run")
    assert code == 0 and err == ""
    assert out.splitlines()[-1] == "Nothing is left to score of 6 networks: the folder holds it all."
    code, out, err = run("score", *words, "--dry-run", "--seed", 1)
    assert code == 2 and out == "" and err.count("\n") == 1
    assert "out belongs to another configuration: seed is 0 there and 1 here" in err
    assert files(elsewhere) == before


def test_a_dry_run_of_named_architectures_and_of_a_module(run: Run, elsewhere: Path, monkeypatch) -> None:
    words = ("--architecture", "baseline/resnet-20", "--predictor", "synflow", "--json")
    assert strictly(run(*DRY, *words)[1])["networks"] == 1
    (elsewhere / "planned_model.py").write_text(
        "from torch import nn\nnet = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))\n"
    )
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "planned_model", raising=False)
    code, out, err = run("score", *NOISE, "--dry-run", "--module", "planned_model:net", "--predictor", "jacov")
    assert code == 0 and err == "" and "one backward pass (gradient of the sum of logits)" in out
    assert out.splitlines()[-1] == "It is one network; how long it takes shows when it is scored."
    code, out, _ = run("score", *NOISE, "--dry-run", "--module", "planned_model:net", "--json")
    assert strictly(out)["seconds"] is None and strictly(out)["networks"] == 1


# bench


def test_bench_prints_the_machine_and_a_row_for_each_way(run: Run, elsewhere: Path) -> None:
    code, out, err = run("bench", *TINY, "--predictor", "synflow", "--predictor", "logdet")
    lines = out.splitlines()
    assert code == 0 and "1 of " in lines[0] and "torch 2." in lines[0] and "python 3." in lines[0]
    assert lines[1] == "6 networks, 4 images of noise, float32 on cpu, 1 worker"
    assert "networks a second" in out and "median milliseconds a network" in out
    assert [line.split("│")[1].strip() for line in lines if line.startswith("│")][-1] == "all together"
    assert "synflow: 6 of 6 networks" in err and "all together: 6 of 6 networks" in err
    assert not list(elsewhere.iterdir())


def test_bench_json_is_one_document(run: Run) -> None:
    code, out, _ = run("bench", *TINY, "--predictor", "log_synflow", "--dtype", "float64", "--json")
    found = strictly(out)
    assert code == 0 and found["networks"] == 6 and found["failed"] == 0 and found["dtype"] == "float64"
    assert set(found["predictors"]) == {"log_synflow"}
    assert found["all_together"] == found["predictors"]["log_synflow"]


def test_bench_counts_scores_that_are_missing(run: Run, monkeypatch) -> None:
    monkeypatch.setitem(PREDICTORS._objects, "fickle", fickle)
    words = ("bench", *BATCH, "--networks", 12, "--predictor", "fickle")
    code, out, _ = run(*words)
    assert code == 3 and "missing:" in out and "degenerate, the sixth digit is unlucky" in out
    code, out, _ = run(*words, "--json")
    assert code == 3 and strictly(out)["failed"] > 0


# Both


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*DRY, "--predictor", "nope"), "predictor 'nope' is not known; choose one of"),
        ((*DRY, "--networks", 0), "networks = 0 is not allowed"),
        ((*DRY, "--device", "tpu"), "device 'tpu' cannot be used"),
        ((*DRY, "--workers", 0), "'--workers'"),
        (
            (*DRY, "--chunk-size", 2, "--predictor", "snip"),
            "snip on a batch of 4 cannot be evaluated in chunks of 2",
        ),
        ((*DRY, "--out", "notes.txt/run"), "output folder notes.txt/run cannot be used"),
        (("score", *NOISE, "--dry-run", "--module", "absent:net"), "module absent:net cannot be loaded"),
        (("score", *NOISE, "--dry-run", "--module", "a:b", "--architecture", "c"), "exclude each other"),
        (("score", *NOISE, "--module", "a:b", "--device", "tpu"), "device 'tpu' cannot be used"),
        (("bench", *TINY, "--predictor", "nope"), "predictor 'nope' is not known; choose one of"),
        (("bench", *TINY, "--networks", 0), "networks = 0 is not allowed"),
        (("bench", *TINY, "--device", "tpu"), "device 'tpu' cannot be used"),
        (("bench", *TINY, "--workers", 0), "'--workers'"),
        (("bench", *TINY, "--flops", 1, 2), "acceptance rate 0"),
        (("bench", *TINY, "--out", "out"), "No such option"),
    ],
    ids=lambda words: " ".join(map(str, words[:1] + words[-2:])) if isinstance(words, tuple) else "",
)
def test_bad_input_is_one_line_with_code_2_and_leaves_nothing(run: Run, elsewhere: Path, words, message) -> None:
    (elsewhere / "notes.txt").write_text("nothing to see")
    code, out, err = run(*words)
    assert code == 2 and out == ""
    assert err.startswith("netlore: ") and err.endswith("\n") and err.count("\n") == 1
    assert message in err and "Traceback" not in err
    assert list(files(elsewhere)) == ["notes.txt"]


@pytest.mark.parametrize(
    ("words", "home"), [(DRY, forecasting), (("bench", *TINY), forecasting)], ids=["dry run", "bench"]
)
def test_an_interruption_promises_nothing(run: Run, monkeypatch, words, home) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(home, "timed_run", stop)
    code, out, err = run(*words)
    assert code == 130 and out == ""
    assert err.splitlines()[-1] == "netlore: interrupted; this command keeps nothing, so start it again."


def test_the_help_names_both(run: Run) -> None:
    assert "bench" in [command.callback.__name__ for command in app.registered_commands]
    code, out, _ = run("score", "--help")
    assert code == 0 and "--dry-run" in out
