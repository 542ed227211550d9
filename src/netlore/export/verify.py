"""Does a file compute what the network computes? Asked before the file is written."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from netlore.errors import InvalidInput, NetloreError
from netlore.export.trained_network import TrainedNetwork

# One image and several: a batch size that was frozen into a file shows.
_BATCH_SIZES = (1, 5)


def check_agreement(
    network: TrainedNetwork, form: str, logits: Callable[[Tensor], Tensor], tolerance: float
) -> None:
    """Compare logits on random images with those of the network's module, float32 on the CPU.

    Args:
        network: The network.
        form: Name of the format, for the message.
        logits: What the file computes, from images (N, 3, R, R) to (N, classes).
        tolerance: Largest absolute difference allowed, relative to max(1, largest absolute logit).

    Raises:
        InvalidInput: The network's own logits are not finite.
        NetloreError: They differ by more, or are not numbers.
    """
    module = network.module()
    generator = torch.Generator().manual_seed(0)
    for size in _BATCH_SIZES:
        images = torch.randn(size, 3, network.resolution, network.resolution, generator=generator)
        with torch.no_grad():
            expected, found = module(images), logits(images)
        if not expected.isfinite().all():
            raise InvalidInput(
                "the network's logits on random images are not finite; train it again, at a lower learning rate."
            )
        difference = float((found - expected).abs().max()) / max(1.0, float(expected.abs().max()))
        if not difference <= tolerance:  # so that nan is found, too
            raise NetloreError(
                f"format {form}: logits differ from torch's by {difference:.3g}, allowed is {tolerance:g}; "
                f"nothing is written, choose another format."
            )
