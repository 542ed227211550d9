"""A trained network in a form that works without netlore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netlore.export.onnx import write_onnx
from netlore.export.python import write_python
from netlore.export.safetensors import write_safetensors
from netlore.export.trained_network import TrainedNetwork

FORMATS: dict[str, Callable[[TrainedNetwork, Path], list[Path]]] = {
    "onnx": write_onnx,
    "safetensors": write_safetensors,
    "python": write_python,
}
"""How a trained network is written into a folder, by format; each returns the files that it wrote."""

__all__ = ["FORMATS", "TrainedNetwork", "write_onnx", "write_python", "write_safetensors"]
