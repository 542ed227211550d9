from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from netlore.export import write_safetensors
from netlore.networks import build
from netlore.space import families
from tests.export.cases import SMALL, images, logits_of, trained

pytest.importorskip("safetensors", reason="the extra `train` is not installed")
from safetensors import safe_open
from safetensors.torch import load_file


def test_weights_come_back_bit_for_bit(tmp_path: Path):
    network = trained(SMALL)
    (path,) = write_safetensors(network, tmp_path)
    loaded = load_file(path)
    assert set(loaded) == set(network.weights)
    for name, tensor in network.weights.items():
        assert loaded[name].dtype == tensor.dtype and torch.equal(loaded[name], tensor)


def test_the_file_alone_is_enough_to_build_the_network(tmp_path: Path):
    network = trained(SMALL)
    (path,) = write_safetensors(network, tmp_path)
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert metadata == {**network.metadata(), "format": "pt"}
    architecture = families.architecture(**json.loads(metadata["architecture"]))
    module = build(architecture, len(json.loads(metadata["class_names"])))
    module.load_state_dict(load_file(path))
    with torch.no_grad():
        assert torch.equal(module.eval()(images()), logits_of(network, images()))


def test_the_header_is_in_order_and_aligned(tmp_path: Path):
    (path,) = write_safetensors(trained(facts={"z": "ä", "a": "1"}), tmp_path)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    assert list(metadata) == sorted(metadata) and metadata["z"] == "ä"
    assert length % 8 == 0
