from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

import netlore as nl
from netlore.errors import InvalidInput, UnknownName
from netlore.export import verify
from netlore.latency.runtimes import RUNTIMES, check_runtime, runner, torch_threads
from netlore.networks import build

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|"


@pytest.mark.parametrize("space", [nl.nats_topology, nl.transnas_micro, nl.mnasnet])
def test_all_runtimes_compute_the_network(space):
    pytest.importorskip("onnxruntime")
    one, images = nl.sample(space(), 1)[0], torch.randn(2, 3, 32, 32)
    module = build(one, 10)
    with torch_threads(1):
        expected = build(one, 10).eval()(images)
        for name in RUNTIMES:
            found = runner(module, images, name, 1)()
            logits = torch.from_numpy(found[0]) if name == "onnxruntime" else found
            assert torch.allclose(logits, expected, atol=1e-4)


def test_threads_are_given_back():
    before = torch.get_num_threads()
    with torch_threads(before + 1):
        assert torch.get_num_threads() == before + 1 and torch.is_inference_mode_enabled()
    assert torch.get_num_threads() == before and not torch.is_inference_mode_enabled()


def test_a_runtime_that_is_not_there_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UnknownName, match="runtime 'tflite' is not known; choose one of onnxruntime, torch"):
        check_runtime("tflite")
    monkeypatch.setattr(verify, "find_spec", lambda name: None if name == "onnxruntime" else find_spec(name))
    with pytest.raises(InvalidInput) as caught:
        nl.measure_latency(nl.named("baseline/resnet-20"))
    assert str(caught.value) == (
        "runtime onnxruntime needs the packages onnx and onnxruntime, but onnxruntime is not installed; "
        "pip install 'netlore[onnx]'."
    )
    check_runtime("torch")
