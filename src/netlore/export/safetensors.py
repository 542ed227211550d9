"""safetensors: the weights alone, in a file that cannot run code, with all that is needed to build the network."""

from __future__ import annotations

import json
from pathlib import Path

from netlore.arguments import validated
from netlore.export.trained_network import TrainedNetwork
from netlore.export.verify import require
from netlore.storage.atomic import make_folder, write_whole

FILE_NAME = "network.safetensors"
# Bytes in which the header's length is written, and of which its length is a multiple.
_WORD = 8


@validated
def write_safetensors(network: TrainedNetwork, folder: Path) -> list[Path]:
    """Write a network's `state_dict` as safetensors, with its metadata in the header; always the same bytes."""
    require("format safetensors", ("safetensors",), "train")
    from safetensors.torch import save

    # `format` says to other readers that tensors are laid out as torch's.
    content = save(network.module().state_dict(), metadata={**network.metadata(), "format": "pt"})
    return [write_whole(make_folder(folder) / FILE_NAME, _in_order(content))]


def _in_order(content: bytes) -> bytes:
    """The file with its metadata sorted by name: safetensors writes it in an order that changes every time."""
    length = int.from_bytes(content[:_WORD], "little")
    header = json.loads(content[_WORD : _WORD + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    encoded = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    encoded += b" " * (-len(encoded) % _WORD)
    return len(encoded).to_bytes(_WORD, "little") + encoded + content[_WORD + length :]
