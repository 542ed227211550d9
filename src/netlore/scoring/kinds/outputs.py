"""What modules of a network return, seen as rows of channels, and covariances of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from netlore.scoring.inputs import tensors_of

Seen = Callable[[str, nn.Module, Tensor], None]
_AT_ONCE = 2**18
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

    def maps(self, output: Tensor) -> Tensor:
        """An output as maps (N, C, P) of positions, one of each image where it has none."""
        of_channels = output.movedim(self.axis(output), 1)
        return of_channels.reshape(*of_channels.shape[:2], -1)


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
    """sum_np left_nap right_nbp / (N P) of maps (N, A, P) and (N, B, P), float64 (A, B)."""
    total = left.new_zeros(left.shape[1], right.shape[1], dtype=torch.float64)
    for images in _some(left, right):
        total += _columns(left[images]) @ _columns(right[images]).T
    return total / (len(left) * left.shape[2])


def covariance(maps: Tensor) -> Tensor:
    """The covariance of channels over images and positions of maps (N, C, P), float64 (C, C); of more channels the
    matrix (N P, N P) that has the same eigenvalues but for zeros."""
    count = len(maps) * maps.shape[2]
    mean = (maps.sum(dim=2).sum(dim=0, dtype=torch.float64) / count).to(maps.dtype)[:, None]
    if count < maps.shape[1]:
        columns = _columns(maps) - mean
        return (columns.T @ columns).double() / count
    total = maps.new_zeros(maps.shape[1], maps.shape[1], dtype=torch.float64)
    for images in _some(maps):
        columns = _columns(maps[images]) - mean
        total += columns @ columns.T
    return total / count


def _some(*maps: Tensor) -> Iterator[slice]:
    """Images, as many at a time as a processor's cache holds."""
    size = max(1, _AT_ONCE // max(one[0].numel() for one in maps))
    yield from (slice(start, start + size) for start in range(0, len(maps[0]), size))


def _columns(maps: Tensor) -> Tensor:
    """(N, C, P) to (C, N P), without a copy where channels lie side by side."""
    if maps.stride(1) == 1:
        return maps.transpose(1, 2).reshape(-1, maps.shape[1]).T
    return maps.transpose(0, 1).reshape(maps.shape[1], -1)
