"""Activation codes that are kept, one bit a ReLU, until those of all images are there."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from netlore.scoring.passes.relu_codes import ActivationCodes

_BLOCK = 2**22
"""Codes are unpacked so many at a time, one byte each."""


class PackedCodes(ActivationCodes):
    """While active, keeps the code of every ReLU of the images, for `joined`.

    Args:
        images: Number of images, n.
        counted: For each ReLU call, in order, whether its output has a row per image. That its length is n proves
            nothing, since a chunk may be as long as anything else.

    Attributes:
        images: n.
        lengths: First dimension of every call's output, 0 for a scalar.
        calls: Of each counted call, the packed codes, shape (n, units / 8) rounded up, and the number of units.
    """

    def __init__(self, images: int, counted: Sequence[bool]) -> None:
        super().__init__(images)
        self.lengths: list[int] = []
        self.calls: list[tuple[Tensor, int]] = []
        self.images = images
        self._counted = counted

    def add(self, output: Tensor) -> None:
        """Keep which units of a rectifier's output are on, shape (n, ...), if the call counts."""
        call = len(self.lengths)
        self.lengths.append(len(output) if output.ndim else 0)
        if call < len(self._counted) and self._counted[call] and self.lengths[-1] == self.images:
            # In the order of the indices, which memory layouts of different chunks may not share.
            codes = (output > 0).reshape(self.images, -1)
            self.calls.append((packed(codes), codes.shape[1]))
            self.length += codes.shape[1]

    def kernel(self) -> Tensor:
        """Agreements for each pair of these images, float64 (n, n)."""
        return joined([self]).kernel()


def joined(chunks: Sequence[PackedCodes]) -> ActivationCodes:
    """The codes of the images of all chunks, in order; the chunks have the same calls with the same units."""
    codes = ActivationCodes(sum(chunk.images for chunk in chunks))
    for of_call in zip(*(chunk.calls for chunk in chunks), strict=True):
        together = torch.cat([bits for bits, _ in of_call])
        units = of_call[0][1]
        step = max(1, _BLOCK // (8 * len(together)))
        for start in range(0, together.shape[1], step):
            codes.add(unpacked(together[:, start : start + step])[:, : units - 8 * start])
    return codes


def packed(codes: Tensor) -> Tensor:
    """Eight codes a byte, the first in the lowest bit: bool (n, units) to uint8 (n, units / 8), rounded up."""
    n, units = codes.shape
    bits = torch.zeros((n, -(-units // 8)), dtype=torch.uint8, device=codes.device)
    for bit in range(8):
        every_eighth = codes[:, bit::8].to(torch.uint8)
        bits[:, : every_eighth.shape[1]] |= every_eighth << bit
    return bits


def unpacked(bits: Tensor) -> Tensor:
    """The reverse of `packed`: uint8 (n, bytes) to bool (n, 8 bytes)."""
    shifts = torch.arange(8, dtype=torch.uint8, device=bits.device)
    return ((bits[:, :, None] >> shifts) & 1).bool().flatten(1)
