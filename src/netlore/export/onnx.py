"""ONNX: one file with the weights inside, for any of its runtimes."""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from netlore.arguments import validated
from netlore.export.trained_network import TrainedNetwork, with_plain_convolutions
from netlore.export.verify import check_agreement, require
from netlore.storage.atomic import make_folder, write_whole

if TYPE_CHECKING:
    from onnx import ModelProto

FILE_NAME = "network.onnx"
TOLERANCE = 1e-4


def check_installed() -> None:
    """Refuse, before anything is trained for it, to write files without the packages that it takes."""
    require("format onnx", ("onnx", "onnxruntime", "onnxscript"), "onnx")


@validated
def write_onnx(network: TrainedNetwork, folder: Path) -> list[Path]:
    """Write a network as ONNX, from `images` (N, 3, R, R), normalised, to `logits` (N, classes), with any N.

    Batch norms are folded into convolutions. The network's metadata is the model's. What is written was run by
    onnxruntime and agrees with torch within `TOLERANCE`; otherwise nothing is written.
    """
    check_installed()
    model = _exported(network)
    _strip(model)
    for key, value in sorted(network.metadata().items()):
        model.metadata_props.add(key=key, value=value)
    content = model.SerializeToString(deterministic=True)
    check_agreement(network, "onnx", _Runtime(content), TOLERANCE)
    return [write_whole(make_folder(folder) / FILE_NAME, content)]


def _exported(network: TrainedNetwork) -> ModelProto:
    module = with_plain_convolutions(network.module())
    # Two images: of one, the exporter would take the size for a constant.
    images = torch.zeros(2, 3, network.resolution, network.resolution)
    # Standard output belongs to results.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            (images,),
            dynamo=True,
            optimize=True,
            verbose=False,
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
        )
    assert program is not None  # the exporter in use returns one; torch's annotation allows for another
    model: ModelProto = program.model_proto
    return model


def _strip(model: ModelProto) -> None:
    """Forget which line of which file each operation came from: it fills the file with paths of this machine."""
    graph = model.graph
    for part in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("metadata_props")


class _Runtime:
    """The file as onnxruntime computes it, on one thread."""

    def __init__(self, content: bytes) -> None:
        import onnxruntime  # type: ignore[import-untyped]

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def __call__(self, images: Tensor) -> Tensor:
        return torch.from_numpy(self._session.run(["logits"], {"images": images.numpy()})[0])
