"""Checks before a file is written: packages that it needs are there, and it computes what the network computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

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

    `logits` is what the file computes, from images (N, 3, R, R) to (N, classes). Refused is an absolute difference
    above the tolerance, relative to max(1, largest absolute logit), and what is not finite.
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


def require(what: str, packages: Sequence[str], extra: str) -> None:
    """Refuse a format or a runtime unless the packages that it needs, which an extra installs, are there."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        needed = f"packages {_listed(packages)}" if len(packages) > 1 else f"package {packages[0]}"
        raise InvalidInput(
            f"{what} needs the {needed}, but {_listed(missing)} {'are' if len(missing) > 1 else 'is'} not "
            f"installed; pip install 'netlore[{extra}]'."
        )


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
