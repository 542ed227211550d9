"""Plan to module: a fold, the counterpart of the one in `space.complexity`."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.networks.initialisation import initialise
from netlore.networks.layers import Cell, Gated, Joined, Residual, layer_module
from netlore.networks.module_family import build_module
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import check_size
from netlore.space.family import has_plans
from netlore.space.outline import flattened
from netlore.space.plan import Graph, Join, Layer, Plan, Product, Sum


@validated
def build(
    architecture: Architecture, num_classes: int, seed: int = 0, channels: int = 3, resolution: int = 32
) -> nn.Module:
    """Build and initialise the network of an architecture, in float32 on the CPU.

    Args:
        architecture: The description.
        num_classes: Outputs of the classifier.
        seed: Decides every weight, together with the architecture; see `initialise`.
        channels: Channels of the input images.
        resolution: Side of the input images R, which only families of torch modules may depend on.

    Returns:
        A module from (N, channels, R, R) to logits (N, num_classes), in training mode.

    Raises:
        InvalidArchitecture: The values do not describe a network of the family.
        InvalidInput: No classes or no channels, or a network that is too large to be built.
    """
    families.check(architecture)
    for name, value in (("num_classes", num_classes), ("channels", channels)):
        if value < 1:
            raise InvalidInput(f"{name} = {value} is not positive; choose 1 or more.")
    if not has_plans(architecture.family):
        sizes = (num_classes, resolution, channels)
        return build_module(architecture.family, architecture.values, *sizes, seed)
    plan = families.plan_of(architecture.family, architecture.values, num_classes, channels)
    return build_plan(plan, seed)


@validated
def build_plan(plan: Plan, seed: int = 0) -> nn.Sequential:
    """Build and initialise the network of a plan of integers, unless it is too large to be built."""
    check_size(plan)
    network = nn.Sequential(*_modules(plan)).float()  # whatever the process's default precision is
    initialise(network, plan, seed)
    return network


def _modules(plan: Plan) -> Iterator[nn.Module]:
    # No Sequential for a convolution with its batch norm and ReLU: it would only lengthen parameter names.
    before: Plan | None = None
    for part in flattened([plan]):
        match part:
            case Layer():
                yield layer_module(part, in_place=_is_its_own(before))
            case Sum(branch, shortcut):
                yield Residual(_sequence(branch), _sequence(shortcut))
            case Product(branch, gate):
                yield Gated(_sequence(branch), _sequence(gate))
            case Join(joined):
                yield Joined(_sequence(inside) for inside in joined)
            case Graph(nodes):
                yield Cell([[(source, _sequence(inside)) for source, inside in incoming] for incoming in nodes])
        before = part


def _sequence(plan: Plan) -> nn.Sequential:
    return nn.Sequential(*_modules(plan))


def _is_its_own(before: Plan | None) -> bool:
    """Whether nobody else reads the output of the part before, backward passes included, so that a ReLU may
    overwrite it; what a path begins with belongs to others."""
    if isinstance(before, Layer):
        return before.kind in ("convolution", "batch_norm")
    return isinstance(before, Sum | Product | Join)
