"""Plan to module: a fold, the counterpart of the one in `space.complexity`."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from netlore.errors import InvalidInput
from netlore.networks.initialisation import initialise
from netlore.networks.layers import Classifier, Convolution, GlobalPool, Residual
from netlore.networks.module_family import build_module
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import check_size
from netlore.space.family import has_plans
from netlore.space.outline import flattened
from netlore.space.plan import Layer, Plan, Size, Sum


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


def build_plan(plan: Plan, seed: int = 0) -> nn.Sequential:
    """Build and initialise the network of a plan of integers, unless it is too large to be built."""
    check_size(plan)
    network = nn.Sequential(*_modules(plan)).float()  # whatever the process's default precision is
    initialise(network, plan, seed)
    return network


def _modules(plan: Plan) -> Iterator[nn.Module]:
    # No Sequential for a convolution with its batch norm and ReLU: it would only lengthen parameter names.
    for part in flattened([plan]):
        if isinstance(part, Sum):
            yield Residual(nn.Sequential(*_modules(part.branch)), nn.Sequential(*_modules(part.shortcut)))
        else:
            yield _layer(part)


def _layer(layer: Layer) -> nn.Module:
    w_in, w_out = _integer(layer.w_in), _integer(layer.w_out)
    match layer.kind:
        case "convolution":
            groups, padding = _integer(layer.groups), layer.kernel // 2
            return Convolution(w_in, w_out, layer.kernel, layer.stride, padding, groups=groups, bias=False)
        case "batch_norm":
            return nn.BatchNorm2d(w_out)
        case "relu":
            return nn.ReLU(inplace=True)
        case "global_pool":
            return GlobalPool()
        case "linear":
            return Classifier(w_in, w_out)


def _integer(size: Size) -> int:
    if isinstance(size, int):
        return size
    raise InvalidInput(f"the plan's size {size!r} describes many networks; build them one at a time.")
