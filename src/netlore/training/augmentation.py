"""Images to network inputs, a whole batch at a time on the device that trains.

Random numbers are drawn on the CPU from the seed of the step alone, so that augmentation depends neither on the
device nor on what was drawn before: a training that goes on draws what an uninterrupted one would have drawn.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def draw_shifts(count: int, padding: int, mirror: bool, generator: torch.Generator) -> Tensor:
    """Draw offsets uniformly from all (2 * padding + 1)^2, and mirror each image with probability 1/2.

    Returns:
        Shape (3, N), int64: first row and first column of the crop in the padded image, 0..2 * padding, and 1 for
        images that are mirrored left to right, 0 for others.
    """
    offsets = torch.randint(2 * padding + 1, (2, count), generator=generator)
    coin = torch.randint(2, (1, count), generator=generator)
    return torch.cat((offsets, coin * mirror))


def normalised(pixels: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """(x / 255 - mean) / std channel by channel; float pixels are taken as they are, without the 255.

    Pixels (N, R, R, 3), uint8 or float32; mean and deviation (3,) on the scale [0, 1]; the result is float32.
    """
    scale = 255.0 if pixels.dtype == torch.uint8 else 1.0
    # One multiplication and one addition for each value, instead of three operations.
    return pixels.to(torch.float32).mul(1 / (scale * std)).sub_(mean / std)


def shifted(images: Tensor, padding: int, shifts: Tensor) -> Tensor:
    """Pad normalised images (N, R, R, 3) with zeros on each side, crop to the original size, and mirror.

    `shifts` are those of every image, as `draw_shifts` gives them.
    """
    count, resolution = images.shape[:2]
    padded = F.pad(images, (0, 0, padding, padding, padding, padding))
    steps = torch.arange(resolution, device=images.device)
    top, left, mirrored = shifts.to(images.device)[:, :, None]
    rows, columns = top + steps, left + torch.where(mirrored.bool(), steps.flip(0), steps)
    # Whole pixels are gathered from one flat list of them: three times as fast as three index arrays.
    side = padded.shape[1]
    images_at = torch.arange(count, device=images.device)[:, None, None] * side * side
    where = images_at + rows[:, :, None] * side + columns[:, None, :]
    return padded.reshape(-1, 3)[where.flatten()].view(count, resolution, resolution, 3)


def draw_mask(resolution: int, mixup: float, cutmix: float, rng: np.random.Generator) -> Tensor:
    """Draw which share of every pixel an image keeps when another one is mixed in.

    Where both alphas, `mixup` and `cutmix`, are above 0, a coin chooses. With a share s from Beta(alpha, alpha),
    mixup keeps s of every pixel; cutmix none inside of a square of 1 - s of the area around a uniformly drawn
    pixel, as far as it lies in the image, and all outside. The mean of the mask is the share of the label.

    Torchvision's `MixUp` and `CutMix` do the same, but draw from torch's global generator, which is not a function
    of the step, and which other threads move.

    Returns:
        Shape (R, R), float32.
    """
    is_mixup = mixup > 0 and (cutmix == 0 or rng.random() < 0.5)
    alpha = mixup if is_mixup else cutmix
    share = float(rng.beta(alpha, alpha))
    if is_mixup:
        return torch.full((resolution, resolution), share)
    half = int(resolution * (1 - share) ** 0.5 / 2)
    (top, left), mask = rng.integers(resolution, size=2).tolist(), torch.ones(resolution, resolution)
    mask[max(top - half, 0) : top + half, max(left - half, 0) : left + half] = 0
    return mask


def mixed(first: Tensor, second: Tensor, mask: Tensor) -> Tensor:
    """Images (N, R, R, 3) that have a share of each pixel from the first ones, the rest from the second ones."""
    return torch.lerp(second, first, mask.to(first.device)[:, :, None])


def as_input(images: Tensor, channels_last: bool) -> Tensor:
    """Shape (N, R, R, 3) to (N, 3, R, R); where pixels may lie one after the other nothing is moved."""
    seen = images.permute(0, 3, 1, 2)
    return seen if channels_last else seen.contiguous()
