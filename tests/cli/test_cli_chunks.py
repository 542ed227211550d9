"""`netlore score --chunk-size`: batches that do not fit in memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from netlore import cli

NETWORKS = """
import torch
from torch import nn

with torch.random.fork_rng():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Flatten(), nn.Linear(3072, 50), nn.ReLU(), nn.Linear(50, 10))
    normed = nn.Sequential(nn.Flatten(), nn.Linear(3072, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Linear(50, 10))
"""
BATCH = ("--data", "noise", "--batch-size", "8")
NORMED = (
    "on a batch of 8 cannot be evaluated in chunks of 3: the network's batch norms look at all images at once; "
    "use a batch of 3 images, or no chunks.\n"
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command runs in a folder that holds two networks, and leaves this process's memory alone."""
    monkeypatch.setattr(cli, "own_process", lambda: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "chunk_networks", raising=False)
    Path("chunk_networks.py").write_text(NETWORKS)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Runs `netlore score`: exit code, stdout, stderr."""

    def of(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main(["score", *BATCH, *map(str, words)])
        shown = capsys.readouterr()
        return caught.value.code, shown.out, shown.err

    return of


def test_a_module_has_the_same_scores_in_chunks(run) -> None:
    options = ("--module", "chunk_networks:plain", "--dtype", "float64", "--json")
    found = {}
    for chunk_size in (0, 3, 8):
        code, out, _ = run(*options, "--chunk-size", chunk_size)
        assert code == 0
        found[chunk_size] = {name: score["value"] for name, score in json.loads(out)["scores"].items()}
    assert found[3] == pytest.approx(found[0], rel=1e-10)
    assert found[8] == found[0]
    code, out, _ = run(*options)
    assert {name: score["value"] for name, score in json.loads(out)["scores"].items()} == found[0]


def test_a_module_with_batch_norms_is_refused_in_one_line(run) -> None:
    options = ("--module", "chunk_networks:normed", "--chunk-size", 3)
    assert run(*options, "--predictor", "fisher") == (2, "", f"netlore: module {options[1]}: fisher {NORMED}")
    assert run(*options, "--predictor", "synflow")[0] == 0
    assert run("--module", "chunk_networks:normed", "--predictor", "fisher")[0] == 0


def test_netlores_own_networks_are_refused_before_anything_is_written(run) -> None:
    options = ("--architecture", "baseline/resnet-20", "--chunk-size", 3, "--out", "out")
    assert run(*options, "--predictor", "synflow", "--predictor", "snip") == (2, "", f"netlore: snip {NORMED}")
    assert not Path("out").exists()


def test_folders_are_for_one_size_of_chunks(run) -> None:
    options = ("--networks", 2, "--predictor", "synflow", "--out", "out")
    assert run(*options)[0] == 0
    assert run(*options, "--chunk-size", 0)[0] == 0
    code, _, err = run(*options, "--chunk-size", 3)
    assert code == 2 and "chunk_size is 0 there and 3 here" in err


def test_chunks_without_images_are_refused(run) -> None:
    code, out, err = run("--predictor", "synflow", "--chunk-size", -1)
    assert (code, out) == (2, "")
    assert err.startswith("netlore: chunk_size = -1 is not allowed: ") and err.count("\n") == 1
