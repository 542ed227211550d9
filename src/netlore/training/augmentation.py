"""Images to network inputs, a whole batch at a time on the device that trains.

Random numbers are drawn on the CPU from the seed of the step alone, so that augmentation depends neither on the
device nor on what was drawn before: a training that goes on draws what an uninterrupted one would have drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Shifts:
    """What happens to each image of a batch.

    Attributes:
        top: First row of the crop in the padded image, 0..2 * padding, shape (N,), int64.
        left: First column, likewise.
        mirrored: Whether it is mirrored left to right, shape (N,), bool.
    """

    top: Tensor
    left: Tensor
    mirrored: Tensor

    def part(self, which: slice) -> Shifts:
        """Those of some of the images."""
        return Shifts(self.top[which], self.left[which], self.mirrored[which])


def draw_shifts(count: int, padding: int, mirror: bool, generator: torch.Generator) -> Shifts:
    """Draw offsets uniformly from all (2 * padding + 1)^2, and mirror each image with probability 1/2."""
    offsets = torch.randint(2 * padding + 1, (2, count), generator=generator)
    coin = torch.randint(2, (count,), generator=generator).bool()
    return Shifts(offsets[0], offsets[1], coin if mirror else torch.zeros(count, dtype=torch.bool))


def normalised(pixels: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """(x / 255 - mean) / std channel by channel; float pixels are taken as they are, without the 255.

    Args:
        pixels: Shape (N, R, R, 3), uint8 or float32.
        mean: Shape (3,), on the scale [0, 1].
        std: Shape (3,), likewise.

    Returns:
        Shape (N, R, R, 3), float32.
    """
    scale = 255.0 if pixels.dtype == torch.uint8 else 1.0
    # One multiplication and one addition for each value, instead of three operations.
    return pixels.to(torch.float32).mul(1 / (scale * std)).sub_(mean / std)


def shifted(images: Tensor, padding: int, shifts: Shifts) -> Tensor:
    """Pad with zeros, crop to the original size, mirror.

    Args:
        images: Normalised, shape (N, R, R, 3).
        padding: Pixels on each side.
        shifts: Of every image.

    Returns:
        Shape (N, R, R, 3).
    """
    count, resolution = images.shape[:2]
    padded = F.pad(images, (0, 0, padding, padding, padding, padding))
    steps = torch.arange(resolution, device=images.device)
    top, left, mirrored = (part.to(images.device) for part in (shifts.top, shifts.left, shifts.mirrored))
    rows = top[:, None] + steps
    columns = left[:, None] + torch.where(mirrored[:, None], steps.flip(0), steps)
    # Whole pixels are gathered from one flat list of them: three times as fast as three index arrays.
    side = padded.shape[1]
    images_at = torch.arange(count, device=images.device)[:, None, None] * side * side
    where = images_at + rows[:, :, None] * side + columns[:, None, :]
    return padded.reshape(-1, 3)[where.flatten()].view(count, resolution, resolution, 3)


def as_input(images: Tensor, channels_last: bool) -> Tensor:
    """Shape (N, R, R, 3) to (N, 3, R, R); where pixels may lie one after the other nothing is moved."""
    seen = images.permute(0, 3, 1, 2)
    return seen if channels_last else seen.contiguous()
