"""TorchScript: one file that torch runs without any Python class, from C++ too."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path

import torch
from torch.jit import ScriptModule

from netlore.export.trained_network import TrainedNetwork, with_plain_convolutions
from netlore.export.verify import check_agreement
from netlore.storage.atomic import make_folder, write_whole

FILE_NAME = "network.torchscript"
METADATA_NAME = "metadata.json"
TOLERANCE = 1e-5


def write_torchscript(network: TrainedNetwork, folder: Path) -> list[Path]:
    """Write a network as TorchScript, from normalised images (N, 3, R, R) to logits (N, classes), with any N.

    Its metadata is a JSON object in the extra file `metadata.json`. What is written was loaded again and agrees
    with the network within `TOLERANCE`.

    Raises:
        NetloreError: What was loaded computes something else.
        Unwritable: There is no space or no permission.
    """
    module = with_plain_convolutions(network.module())
    metadata = json.dumps(network.metadata(), sort_keys=True)
    buffer = io.BytesIO()
    # That TorchScript is deprecated is for whoever chooses a format to know (docs/takeaway.md); torch says it in
    # every line below.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        images = torch.zeros(2, 3, network.resolution, network.resolution)
        traced = torch.jit.trace(module, images, check_trace=False)  # type: ignore[no-untyped-call]
        torch.jit.save(traced, buffer, _extra_files={METADATA_NAME: metadata})
        content = buffer.getvalue()
        loaded: ScriptModule = torch.jit.load(io.BytesIO(content))  # type: ignore[no-untyped-call]
        check_agreement(network, "torchscript", loaded, TOLERANCE)
    return [write_whole(make_folder(folder) / FILE_NAME, content)]
