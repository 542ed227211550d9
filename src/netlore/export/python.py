"""Python: one module to be read, which needs torch and nothing else, and its weights."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch
from torch import nn

from netlore.export.source import source_of
from netlore.export.trained_network import TrainedNetwork
from netlore.export.verify import check_agreement
from netlore.storage.atomic import make_folder, write_whole

FILE_NAME = "network.py"
WEIGHTS_NAME = "network.pt"
TOLERANCE = 1e-5


def write_python(network: TrainedNetwork, folder: Path) -> list[Path]:
    """Write a network as a Python module with a class `Network`, and its `state_dict` as `network.pt`.

    The same network gives the same bytes. What is written was run and agrees with the network within `TOLERANCE`.

    Raises:
        NetloreError: The module computes something else.
        Unwritable: There is no space or no permission.
    """
    source = source_of(network, WEIGHTS_NAME)
    state = network.module().state_dict()
    check_agreement(network, "python", _run(source, dict(state)), TOLERANCE)
    weights = io.BytesIO()
    torch.save(dict(state), weights)
    make_folder(folder)
    # The larger file first: where there is no space for it, the old pair stays.
    written = write_whole(folder / WEIGHTS_NAME, weights.getvalue())
    return [write_whole(folder / FILE_NAME, source.encode()), written]


def _run(source: str, state: dict[str, Any]) -> nn.Module:
    namespace: dict[str, Any] = {"__name__": "network"}
    exec(compile(source, FILE_NAME, "exec"), namespace)
    # Without initial weights: they would draw from the global generator.
    with torch.device("meta"):
        module: nn.Module = namespace["Network"]()
    module.load_state_dict(state, assign=True)
    return module.eval()
