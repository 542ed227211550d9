"""Runtimes: what runs a network for its latency, as it is used after training."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from types import MappingProxyType

import torch
from torch import Tensor, nn

from netlore.errors import UnknownName
from netlore.export.trained_network import with_plain_convolutions
from netlore.export.verify import require

Run = Callable[[], object]
"""One forward pass."""


def runner(module: nn.Module, images: Tensor, runtime: str, threads: int) -> Run:
    """What runs a module of our own on images, in evaluation mode and without gradients.

    Raises:
        UnknownName: There is no such runtime.
        InvalidInput: Its packages are not installed.
    """
    check_runtime(runtime)
    return RUNTIMES[runtime](with_plain_convolutions(module).eval(), images, threads)


def check_runtime(runtime: str) -> None:
    """Refuse, before anything is built, a runtime that is unknown or not installed."""
    if runtime not in RUNTIMES:
        raise UnknownName("runtime", runtime, list(RUNTIMES))
    if runtime == "onnxruntime":
        require("runtime onnxruntime", ("onnx", "onnxruntime"), "onnx")


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """Let torch use that number of threads, and keep no gradients."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(before)


def _torch(module: nn.Module, images: Tensor, threads: int) -> Run:
    return lambda: module(images)


def _onnxruntime(module: nn.Module, images: Tensor, threads: int) -> Run:
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3  # errors only
    content = as_onnx(module, images)
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    inputs = {session.get_inputs()[0].name: images.numpy()}
    return lambda: session.run(None, inputs)


def as_onnx(module: nn.Module, images: Tensor) -> bytes:
    """A module as an ONNX file for images of one shape."""
    file = io.BytesIO()
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        # The newer exporter, which writes files for others to keep, takes ten times as long for the same graph.
        torch.onnx.export(module, (images,), file, dynamo=False)  # type: ignore[arg-type]  # it writes there, too
    return file.getvalue()


RUNTIMES: Mapping[str, Callable[[nn.Module, Tensor, int], Run]] = MappingProxyType(
    {"onnxruntime": _onnxruntime, "torch": _torch}
)
"""By name: from a module, images and the number of threads to what runs it."""
