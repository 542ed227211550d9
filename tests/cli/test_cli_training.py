"""`netlore train` as a command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

import netlore as nl
from netlore import cli
from netlore.training.checkpoints import CHECKPOINT
from netlore.training.records import RECORD

pytest.importorskip("lightning", reason="the extra `train` is not installed")

SMALL = nl.anynet_architecture((1, 1, 1), (4, 4, 8), (2, 2, 2), (1, 1, 1)).to_json()
QUICKLY = ["--data", "digits", "--recipe", "smoke", "--set", "batch_size=128"]


def run(*arguments: str, code: int = 0) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    assert ended.value.code == code


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "netlore", "train", SMALL, *QUICKLY, *arguments]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    from netlore.training.checkpoints import weights_of

    return weights_of(folder / "seed-0" / CHECKPOINT)


def test_one_document_with_what_was_asked_and_what_came_out(tmp_path: Path, capsys) -> None:
    given = ["baseline/resnet-20", "--data", "digits", "--recipe", "smoke", "--epochs", "1", "--seed", "0"]
    run("train", *given, "--out", str(tmp_path / "out"), "--json")
    document = json.loads(capsys.readouterr().out)
    cost = nl.complexity(nl.named("baseline/resnet-20"), num_classes=10, resolution=32)
    assert document["architecture"] == "baseline/resnet-20" and document["id"] == nl.named("baseline/resnet-20").id
    assert (document["data"], document["recipe"], document["epochs"]) == ("digits", "smoke", 1)
    assert (document["flops"], document["params"], document["activations"]) == tuple(cost.as_dict().values())
    assert 0 <= document["best_error"] == document["error"] <= 100
    assert document["seconds"] > 0 and document["changed"] == {"epochs": 1}
    assert all(Path(path).exists() for path in document["files"])


def test_a_network_that_does_not_learn_is_remarked_at_once_and_at_the_end(tmp_path: Path, capsys) -> None:
    given = ("train", SMALL, *QUICKLY, "--epochs", "1", "--set", "learning_rate=1e-9", "--out", str(tmp_path))
    run(*given)
    shown = capsys.readouterr()
    said = "the network does not learn: it takes all validation images for one class, with an error of"
    alternative = "the network does not learn: the training loss, "
    lines = [line for line in shown.err.splitlines() if said in line or alternative in line]
    assert len(lines) == 1 and "epoch 1, the network does not learn" in lines[0]
    assert shown.out.count("the network does not learn") == 1
    assert "balanced, %" in shown.out and "majority's, %" in shown.out
    run(*given, "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["not_learning"] and 85 < document["balanced_error"] < 95
    # Ten digits, nearly equally often.
    assert 88 < document["majority_error"] < 92


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that nothing interrupted."""
    out = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:  # before `elsewhere` sees to that
        patch.setattr(cli, "own_process", lambda: None)
        run("train", SMALL, *QUICKLY, "--epochs", "3", "--out", str(out))
    return out


@pytest.mark.parametrize("when", ["in the middle", "after an epoch"])
def test_killed_and_gone_on_with_it_ends_with_the_same_weights(when: str, whole: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    arguments = ["--epochs", "3", "--out", str(parts)]
    started = subprocess.Popen(command(*arguments), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    sign = parts / "seed-0" / (RECORD if when == "after an epoch" else "logs/version_0/hparams.yaml")
    end = time.monotonic() + 60
    while not sign.exists() and started.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    os.kill(started.pid, signal.SIGKILL)
    assert started.wait() == -signal.SIGKILL
    run("train", SMALL, *QUICKLY, *arguments)
    found, expected = weights(parts), weights(whole)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    records = [json.loads((where / "seed-0" / RECORD).read_text()) for where in (whole, parts)]
    losses = [[one["loss"] for one in record["epochs"]] for record in records]
    assert losses[0] == losses[1] and len(losses[0]) == 3


def test_interrupted_it_says_so_and_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    started = subprocess.Popen(command("--epochs", "50", "--out", str(out)), stderr=subprocess.PIPE, text=True)
    record = out / "seed-0" / RECORD
    end = time.monotonic() + 60
    while not record.exists() and time.monotonic() < end:
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    _, printed = started.communicate(timeout=60)
    assert started.returncode == 130
    assert printed.splitlines()[-1].startswith("netlore: interrupted; everything so far is kept")
    assert "Traceback" not in printed


def test_replicates_are_seeds_that_count_up_and_can_be_added(tmp_path: Path, capsys) -> None:
    given = ["train", SMALL, *QUICKLY, "--epochs", "1", "--seed", "3", "--out", str(tmp_path), "--json"]
    run(*given)
    alone = json.loads(capsys.readouterr().out)
    run(*given, "--replicates", "2")
    both = json.loads(capsys.readouterr().out)
    assert [one["seed"] for one in both["replicates"]] == [3, 4]
    assert both["error"] == alone["error"] == both["replicates"][0]["error"]
    errors = [one["error"] for one in both["replicates"]]
    assert both["errors"]["mean"] == pytest.approx(sum(errors) / 2)
    assert both["errors"]["stdev"] == pytest.approx(abs(errors[0] - errors[1]) / 2**0.5)


def test_the_network_of_a_refinement_is_trained(tmp_path: Path, capsys) -> None:
    refined = tmp_path / "refined"
    run(
        *("refine", "--data", "digits", "--batch-size", "8", "--networks", "8", "--round-limit", "1"),
        *("--out", str(refined), "--json"),
    )
    capsys.readouterr()
    run("train", str(refined), "--recipe", "smoke", "--epochs", "1", "--out", str(tmp_path / "out"), "--json")
    document = json.loads(capsys.readouterr().out)
    picked = json.loads((refined / "architecture.json").read_text())
    assert document["values"] == picked["values"] and document["data"] == "digits"
    assert document["architecture"] == document["id"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["baseline/resnet-21"], "architecture 'baseline/resnet-21' is not known"),
        (["baseline/resnet-20", "--recipe", "slow"], "recipe 'slow' is not known"),
        (["baseline/resnet-20", "--set", "epoch=3"], "recipe key 'epoch' is not known"),
        (["baseline/resnet-20", "--set", "batch_size=0"], "batch_size = 0 is not allowed"),
        (["baseline/resnet-20", "--data", "letters"], "letters"),
        (["baseline/resnet-20", "--data", "digits", "--device", "abacus"], "device 'abacus' cannot be used"),
        (["baseline/resnet-20", "--data", "digits", "--devices", "5"], "cannot be shared equally by 5 devices"),
        (
            ["baseline/resnet-20", "--data", "digits", "--replicates", "0"],
            "replicates = 0 is not between",
        ),
        (["baseline/resnet-20", "--data", "digits", "--seed", "-1"], "seed = -1 is not allowed"),
    ],
)
def test_bad_input_is_one_line_and_code_2(arguments: list[str], said: str, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    run("train", *arguments, "--out", str(out), code=2)
    shown = capsys.readouterr()
    assert said in shown.err and shown.err.count("\n") == 1 and shown.out == ""
    assert not out.exists()


def test_a_folder_of_another_training_or_another_command_is_refused(tmp_path: Path, capsys) -> None:
    run("train", SMALL, *QUICKLY, "--epochs", "1", "--out", str(tmp_path))
    capsys.readouterr()
    run("train", SMALL, *QUICKLY, "--epochs", "2", "--out", str(tmp_path), code=2)
    assert "epochs is 1 there and 2 here" in capsys.readouterr().err
    run("train", str(tmp_path), *QUICKLY, code=2)
    assert "holds a training; run its own command again" in capsys.readouterr().err
    (tmp_path / "run.json").write_text('{"command": "refine"}')
    run("train", SMALL, *QUICKLY, "--epochs", "1", "--out", str(tmp_path), code=2)
    assert "holds a refine run; choose another output folder" in capsys.readouterr().err


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['lightning'] = None\n"
        "import importlib.util as u; f = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'lightning' else f(name, *more)\n"
        "from netlore import cli; cli.main(sys.argv[1:])"
    )
    arguments = ["train", SMALL, *QUICKLY, "--out", str(tmp_path / "out")]
    ended = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and ended.stdout == ""
    assert "lightning is not installed; pip install 'netlore[train]'." in ended.stderr
    assert ended.stderr.count("\n") == 1
