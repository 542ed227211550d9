from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch

from netlore.export import TrainedNetwork, write_onnx
from netlore.space.named import named
from tests.export.cases import SMALL, images, logits_of, trained

onnx = pytest.importorskip("onnx", reason="the extra `onnx` is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
pytest.importorskip("onnxscript", reason="the extra `onnx` is not installed")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = write_onnx(trained(SMALL), tmp_path_factory.mktemp("onnx"))
    return path


def check(network: TrainedNetwork, path: Path) -> None:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for count in (1, 2, 7):
        given = images(count, network.resolution)
        (found,) = session.run(["logits"], {"images": given.numpy()})
        expected = logits_of(network, given)
        assert found.shape == expected.shape
        torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-4, atol=1e-4)


def test_onnxruntime_computes_what_torch_computes(written: Path):
    check(trained(SMALL), written)


def test_a_deep_network_is_written_too(tmp_path: Path):
    network = trained(named("paper/cifar10/synflow"), 10)
    (path,) = write_onnx(network, tmp_path)
    check(network, path)


def test_the_model_is_valid_and_says_what_it_takes_and_gives(written: Path):
    model = onnx.load(written, load_external_data=False)
    onnx.checker.check_model(model, full_check=True)
    shapes = {
        value.name: [size.dim_param or size.dim_value for size in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {"images": ["batch", 3, 12, 12], "logits": ["batch", 4]}
    assert not any(tensor.external_data for tensor in model.graph.initializer), "the weights are inside"


def test_the_model_has_one_operation_a_convolution(written: Path):
    kinds = [node.op_type for node in onnx.load(written).graph.node]
    assert kinds.count("Conv") == sum(tensor.ndim == 4 for tensor in trained(SMALL).weights.values())
    assert set(kinds) == {"Conv", "Relu", "Add", "ReduceMean", "Gemm"}, "no batch norm, no picking of pixels"


def test_metadata_are_the_models(written: Path):
    metadata = {entry.key: entry.value for entry in onnx.load(written).metadata_props}
    assert metadata == trained(SMALL).metadata()
    assert json.loads(metadata["class_names"]) == ["class 0", "class 1", "class 2", "class 3"]


def test_no_path_of_this_machine_is_in_the_file(written: Path):
    assert not re.search(rb"\.py\b|site-packages", written.read_bytes())
