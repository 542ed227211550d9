"""A trained network, and what one must know to use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from netlore.data.image_set import check_statistics
from netlore.errors import InvalidInput
from netlore.networks import build
from netlore.networks.layers import Convolution
from netlore.space.architecture import Architecture


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network with its weights, and what one must know to use it; weights that are not finite, and
    statistics that normalise nothing, are refused.

    Attributes:
        weights: The `state_dict` of its module, float32 on the CPU.
        class_names: What its outputs mean, in their order.
        resolution: Side of the images that it was trained on, in pixels.
        mean: Of each channel of the pixels, scaled to [0, 1]; subtracted from an image before the network sees it.
        std: Standard deviation of each channel; what is left is divided by it.
        facts: Anything else that a reader should find in the file, such as its name, data and error.
    """

    architecture: Architecture
    weights: Mapping[str, Tensor]
    class_names: tuple[str, ...]
    resolution: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    facts: Mapping[str, str]

    def __post_init__(self) -> None:
        check_statistics(self.mean, self.std)
        for name, value in self.weights.items():
            if not torch.isfinite(value).all():
                raise InvalidInput(
                    f"weights must be finite, but {name} is not; train the network again, at a lower rate."
                )

    @property
    def num_classes(self) -> int:
        """Outputs of its classifier."""
        return len(self.class_names)

    def module(self) -> nn.Module:
        """The module, in evaluation mode on the CPU: from normalised images (N, 3, R, R) to logits."""
        module = build(self.architecture, self.num_classes, resolution=self.resolution)
        try:
            module.load_state_dict(self.weights)
        except (RuntimeError, TypeError, AttributeError):
            raise InvalidInput(
                f"the weights do not fit {self.architecture.id} with {self.num_classes} classes; "
                f"give those of the same architecture and data."
            ) from None
        return module.eval()

    def metadata(self) -> dict[str, str]:
        """The facts, and what one must know to use the network, as text that any file can hold.

        `architecture`, `class_names`, `mean` and `std` are JSON, `resolution` is a whole number.
        """
        return {
            # A name taken from a path may hold bytes that are no text.
            **{name: value.encode(errors="backslashreplace").decode() for name, value in self.facts.items()},
            "architecture": self.architecture.to_json(),
            "class_names": json.dumps(self.class_names),
            "mean": json.dumps(self.mean),
            "std": json.dumps(self.std),
            "resolution": str(self.resolution),
        }


def with_plain_convolutions(module: nn.Module) -> nn.Module:
    """Make netlore's convolutions torch's own, in place; returns the module.

    `Convolution` picks pixels before it convolves them, which matters to gradients only, and which exporters would
    write down as an operation of its own.
    """
    for layer in module.modules():
        if isinstance(layer, Convolution):
            layer.__class__ = nn.Conv2d  # type: ignore[assignment]  # it has the same attributes
    return module
