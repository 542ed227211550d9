"""What modules of a network return, seen as rows of channels, and covariances of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from netlore.scoring.inputs import tensors_of

Seen = Callable[[str, nn.Module, Tensor], None]
_AT_ONCE = 2**21
"""Numbers whose products are summed in the precision of the pass; sums of these are float64."""


class Channels:
    """Along which axis outputs have their channels: of maps (N, C, H, W) the first after the images, of tokens
    (N, T, C) the last, and where layers of the network return maps (N, H, W, C), the last as well.

    It goes by how many channels the layer returned that was called last: a convolution, linear layer or norm.
    """

    def __init__(self, network: nn.Module) -> None:
        self.latest = 0
        self.hooks = [one.register_forward_hook(self._note) for one in network.modules() if _width(one)]

    def _note(self, module: nn.Module, given: Any, returned: Any) -> None:
        self.latest = _width(module)

    def axis(self, output: Tensor) -> int:
        """Of the channels of an output with two axes or more."""
        last = output.ndim - 1
        likely = (last, 1) if output.ndim == 3 else (1, last)
        return next((axis for axis in likely if output.shape[axis] == self.latest), likely[0])

    def rows(self, output: Tensor) -> Tensor:
        """An output as rows of channels, a row for each image and position, (rows, C)."""
        by_position = output.movedim(self.axis(output), -1)
        return by_position.reshape(-1, by_position.shape[-1])


def _width(module: nn.Module) -> int:
    """How many channels a layer returns; 0 of what is none."""
    for name in ("out_channels", "out_features", "num_features", "num_channels"):
        if isinstance(found := getattr(module, name, None), int):
            return found
    shape = getattr(module, "normalized_shape", None)
    return int(shape[-1]) if shape else 0


@contextmanager
def seeing(network: nn.Module, wanted: Callable[[nn.Module], bool], see: Seen) -> Iterator[Channels]:
    """Inside, `see` is called with the name of each wanted module, itself and the first tensor that it returns,
    whenever it returns one with rows; hooks are gone afterwards.
    """
    channels = Channels(network)

    def hook(name: str) -> Any:
        def look(module: nn.Module, given: Any, returned: Any) -> None:
            found = next(tensors_of(returned), None)
            if found is not None and found.ndim > 1 and found.is_floating_point():
                see(name, module, found.detach())

        return look

    hooks = [one.register_forward_hook(hook(name)) for name, one in network.named_modules() if wanted(one)]
    try:
        yield channels
    finally:
        for one in (*hooks, *channels.hooks):
            one.remove()


def mean_product(left: Tensor, right: Tensor) -> Tensor:
    """left^T right / rows of two matrices with equal rows, float64; products of some rows at a time are summed."""
    size = max(1, _AT_ONCE // max(left.shape[1], right.shape[1], 1))
    total = left.new_zeros(left.shape[1], right.shape[1], dtype=torch.float64)
    for start in range(0, len(left), size):
        total += left[start : start + size].T @ right[start : start + size]
    return total / len(left)


def centred(rows: Tensor) -> Tensor:
    """Rows less their mean, which is formed in float64."""
    return rows - rows.mean(dim=0, dtype=torch.float64).to(rows.dtype)


def covariance(rows: Tensor) -> Tensor:
    """The covariance of channels over rows (rows, C), float64; of fewer rows than channels the matrix (rows, rows)
    that has the same eigenvalues but for zeros.
    """
    found = centred(rows)
    if len(found) < found.shape[1]:
        return mean_product(found.T, found.T) * found.shape[1] / len(found)
    return mean_product(found, found)
