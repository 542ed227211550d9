from __future__ import annotations

import json

import pytest
import torch

from netlore.errors import InvalidInput
from netlore.export import FORMATS
from netlore.export.trained_network import with_plain_convolutions
from netlore.networks.layers import Convolution
from tests.export.cases import SMALL, TINY, images, logits_of, trained


def test_the_module_has_the_weights_and_is_in_evaluation_mode():
    network = trained(SMALL)
    module = network.module()
    state = module.state_dict()
    assert list(state) == list(network.weights)
    assert all(torch.equal(state[name], tensor) for name, tensor in network.weights.items())
    assert not any(layer.training for layer in module.modules())


def test_changing_the_module_leaves_the_weights():
    network = trained()
    before = network.weights["0.weight"].clone()
    with torch.no_grad():
        network.module()[0].weight.zero_()
    assert torch.equal(network.weights["0.weight"], before) and before.abs().max() > 0


def test_weights_of_another_network_are_refused():
    for network in (trained(TINY, weights=trained(SMALL).weights), trained(weights=trained(classes=5).weights)):
        with pytest.raises(InvalidInput, match=rf"the weights do not fit {TINY.id} with 4 classes; give"):
            network.module()


def test_weights_that_are_no_numbers_are_refused():
    for value in (float("nan"), float("inf")):
        weights = {name: tensor.clone() for name, tensor in trained().weights.items()}
        next(iter(weights.values())).view(-1)[3] = value
        with pytest.raises(InvalidInput, match=r"weights must be finite, but 0\.weight is not; train"):
            trained(weights=weights)


def test_metadata_is_text_that_can_be_read_back():
    network = trained(facts={"data": "broken\udcff", "resolution": "of a fact"}, class_names=("ä", '"', ",", ""))
    metadata = network.metadata()
    assert json.loads(metadata["architecture"]) == {"family": "resnet", "values": TINY.values}
    assert tuple(json.loads(metadata["class_names"])) == network.class_names
    assert (json.loads(metadata["mean"]), json.loads(metadata["std"])) == (list(network.mean), list(network.std))
    assert metadata["resolution"] == "12", "what is needed comes before a fact of the same name"
    assert metadata["data"] == "broken\\udcff"


def test_plain_convolutions_compute_the_same_and_keep_names():
    network = trained(SMALL)
    plain = with_plain_convolutions(network.module())
    assert not any(isinstance(layer, Convolution) for layer in plain.modules())
    assert list(plain.state_dict()) == list(network.weights)
    with torch.no_grad():
        torch.testing.assert_close(plain(images()), logits_of(network, images()), rtol=1e-5, atol=1e-5)


def test_every_format_is_listed():
    assert list(FORMATS) == ["onnx", "safetensors", "python"]
