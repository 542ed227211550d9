"""FLOPs, parameters and activations of a network: a fold over its plan.

The convention is pycls's and the one behind the paper's Table II:

- FLOPs are multiply-adds of convolutions and of the classifier; its bias counts (`w * n + n`), batch norm,
  ReLU and pooling count zero;
- parameters are weights, two per batch-norm channel, and the classifier's bias;
- activations are the outputs of convolutions and of the classifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Sum

MEASURES = ("flops", "params", "activations")

LABELS = {"flops": "FLOPs", "params": "parameters", "activations": "activations"}
"""What every measure is called, and counted in, wherever a reader meets it."""


@dataclass(frozen=True, eq=False)
class Complexity:
    """The three measures of one network (integers) or of many (integer arrays of one shape)."""

    flops: Size
    params: Size
    activations: Size

    def __add__(self, other: Complexity) -> Complexity:
        return Complexity(
            self.flops + other.flops, self.params + other.params, self.activations + other.activations
        )

    def __eq__(self, other: object) -> bool:
        """Equality of integers; complexities of many networks are compared measure by measure instead."""
        return isinstance(other, Complexity) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash(tuple(self.as_dict().values()))

    def times(self, count: Size) -> Complexity:
        """The complexity of `count` such parts."""
        return Complexity(self.flops * count, self.params * count, self.activations * count)

    def as_dict(self) -> dict[str, Size]:
        """The measures by name, in the order of `MEASURES`."""
        return {"flops": self.flops, "params": self.params, "activations": self.activations}


NOTHING = Complexity(0, 0, 0)


def complexity(
    architecture: Architecture, num_classes: int, resolution: int = 32, channels: int = 3
) -> Complexity:
    """Exact complexity of an architecture; no network is built.

    Args:
        architecture: The description.
        num_classes: Outputs of the classifier.
        resolution: Side of the square input images, in pixels.
        channels: Channels of the input images.

    Returns:
        Integers: multiply-adds, parameters, activations, for one image.

    Raises:
        InvalidArchitecture: The values do not describe a network of the family.

    >>> from netlore.space.named import named
    >>> complexity(named("baseline/resnet-20"), num_classes=10)
    Complexity(flops=40813194, params=272474, activations=200714)
    """
    families.check(architecture)
    return complexity_of_values(architecture.family, architecture.values, num_classes, resolution, channels)


def complexity_of_values(
    family: str, values: Mapping[str, Size], num_classes: int, resolution: int = 32, channels: int = 3
) -> Complexity:
    """Complexity of hyperparameter values that are known to be valid; values may be arrays of one shape."""
    return complexity_of_plan(families.get(family).plan(values, num_classes, channels), resolution)


def complexity_of_plan(plan: Plan, resolution: int) -> Complexity:
    """Complexity of a plan for square images of that resolution."""
    return _fold(plan, resolution)[0]


def _fold(plan: Plan, resolution: int) -> tuple[Complexity, int]:
    """The complexity of a part and the resolution it hands on."""
    match plan:
        case Layer():
            return _layer(plan, resolution)
        case Chain(parts):
            total = NOTHING
            for part in parts:
                inside, resolution = _fold(part, resolution)
                total = total + inside
            return total, resolution
        case Sum(branch, shortcut):
            inside, after = _fold(branch, resolution)
            return inside + _fold(shortcut, resolution)[0], after
        case Repeat(part, times):
            inside, after = _fold(part, resolution)
            return inside.times(times), after


def _layer(layer: Layer, resolution: int) -> tuple[Complexity, int]:
    match layer.kind:
        case "convolution":
            after = -(-resolution // layer.stride)
            weights = layer.kernel**2 * layer.w_in * layer.w_out // layer.groups
            positions = after**2
            return Complexity(weights * positions, weights, layer.w_out * positions), after
        case "batch_norm":
            return Complexity(0, 2 * layer.w_out, 0), resolution
        case "linear":
            weights = layer.w_in * layer.w_out + layer.w_out
            return Complexity(weights, weights, layer.w_out), 1
        case "global_pool":
            return NOTHING, 1
        case "relu":
            return NOTHING, resolution
