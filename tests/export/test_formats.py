"""What holds for every format."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from netlore.errors import InvalidInput, NetloreError, Unwritable
from netlore.export import FORMATS
from netlore.export.verify import check_agreement
from tests.export.cases import SMALL, trained
from tests.storage.limits import files_of_at_most

for package in ("onnx", "onnxruntime", "onnxscript", "safetensors"):
    pytest.importorskip(package, reason="the extras `onnx` and `train` are not installed")

FILES = {
    "onnx": ["network.onnx"],
    "safetensors": ["network.safetensors"],
    "python": ["network.pt", "network.py"],
}


@pytest.mark.parametrize("form", FORMATS)
def test_files_lie_in_a_folder_that_is_made_and_nothing_is_printed(form, tmp_path: Path, capfd):
    state = torch.get_rng_state()
    folder = tmp_path / "a" / "b"
    written = FORMATS[form](trained(), folder)
    assert sorted(path.name for path in written) == FILES[form]
    assert sorted(folder.iterdir()) == sorted(written), "nothing else is left behind"
    assert capfd.readouterr().out == ""
    assert torch.equal(torch.get_rng_state(), state), "the global generator is left alone"


@pytest.mark.parametrize("form", ["onnx", "python"])
def test_a_network_without_numbers_is_not_written(form, tmp_path: Path):
    network = trained()
    huge = torch.full_like(network.weights["0.weight"], torch.finfo(torch.float32).max)
    network = replace(network, weights={**network.weights, "0.weight": huge})
    with pytest.raises(InvalidInput, match="the network's logits on random images are not finite; train it again"):
        FORMATS[form](network, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_the_old_files(form, tmp_path: Path):
    for name in FILES[form]:
        (tmp_path / name).write_bytes(b"old")
    with files_of_at_most(1_000), pytest.raises(Unwritable, match=r"cannot be written \(File too large\)"):
        FORMATS[form](trained(), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(FILES[form], b"old")


@pytest.mark.parametrize("form", ["safetensors", "python"])
def test_the_same_network_gives_the_same_bytes(form, tmp_path: Path):
    network = trained(SMALL)
    # As a training may leave them: pixel by pixel in memory, parts of something larger, in another order.
    weights = {
        name: tensor.to(memory_format=torch.channels_last) if tensor.ndim == 4 else torch.stack([tensor] * 2)[1]
        for name, tensor in reversed(network.weights.items())
    }
    again = replace(network, weights=weights)
    first = [path.read_bytes() for path in FORMATS[form](network, tmp_path / "first")]
    assert first == [path.read_bytes() for path in FORMATS[form](again, tmp_path / "second")]


@pytest.mark.parametrize(
    ("form", "package", "message"),
    [
        (
            "onnx",
            "onnxscript",
            "format onnx needs the packages onnx, onnxruntime and onnxscript, but onnxscript is not installed; "
            "pip install 'netlore[onnx]'.",
        ),
        (
            "safetensors",
            "safetensors",
            "format safetensors needs the package safetensors, but safetensors is not installed; "
            "pip install 'netlore[train]'.",
        ),
    ],
)
def test_a_missing_package_is_one_line(form, package, message, tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InvalidInput) as caught:
        FORMATS[form](trained(), tmp_path)
    assert str(caught.value) == message
    assert not list(tmp_path.iterdir())


def test_formats_are_imported_without_the_packages_of_the_extras():
    names = ["onnx", "onnxruntime", "onnxscript", "safetensors", "lightning"]
    code = f"import sys; sys.modules.update(dict.fromkeys({names})); import netlore.export"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_logits_that_agree_pass():
    network = trained()
    module = network.module()
    check_agreement(network, "any", lambda given: module(given) * (1 + 1e-6), 1e-5)


def test_logits_that_differ_are_refused_with_the_difference():
    network = trained()
    module = network.module()
    with pytest.raises(
        NetloreError, match=r"format any: logits differ from torch's by 0\.25, allowed is 0\.0001;"
    ):
        # Small logits count as 1: the difference is absolute.
        check_agreement(network, "any", lambda given: module(given) + 0.25, 1e-4)


def test_a_file_that_says_nan_does_not_agree():
    with pytest.raises(NetloreError, match="format any: logits differ from torch's by nan"):
        check_agreement(trained(), "any", lambda given: torch.full((len(given), 4), torch.nan), 1e-4)
