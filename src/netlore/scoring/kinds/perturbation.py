"""How far a small change of the images moves the features that a network pools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import Inputs, mapped
from netlore.scoring.kinds.view import View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.interception import Interception

_POOLS = {F.adaptive_avg_pool2d, F.avg_pool2d, torch.mean, Tensor.mean, torch.amax, Tensor.amax}
Variances = dict[int, tuple[tuple[Tensor, int], ...]]
_WITHOUT_BATCH = (
    *(nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, nn.LocalResponseNorm),
    *(nn.modules.instancenorm._InstanceNorm,),
)


@dataclass(frozen=True, eq=False)
class Perturbed:
    """The features f that a network pools, of images x and of x + amount * x', x' from N(0, 1).

    Attributes:
        distances: sum |f(x) - f(x + amount x')| of each image over channels and positions, float64 (N,).
        variances: For each batch norm that is called the variances of channels that it found, float64 (C,), with
            how many numbers each is of; those of x first, then as many of the changed images.
    """

    distances: Tensor
    variances: tuple[tuple[tuple[Tensor, int], ...], ...]


def perturbed(view: View, amount: float = 0.01) -> Kind[list[Perturbed]]:
    """How far a small change of the images moves the features before global pooling, see `Perturbed`; one for each
    draw.

    There is none where the scale of features is not that of batch norms: behind the last convolution comes no
    batch norm, other norms are called, or features are scaled by what was pooled before.

    Args:
        view: What the network is shown, with which weights; in training mode.
        amount: How much of other images is added.
    """
    return made(_perturbed, view, "two forward passes", amount=amount)


@torch.no_grad()
def _perturbed(own: OwnPass, view: View, amount: float) -> list[Perturbed]:
    """How far a small change of the images moves the features before global pooling."""
    found = []
    for number, draw in enumerate(view.drawn(own)):
        generator = torch.Generator().manual_seed(2**31 + number)

        def change(one: Tensor, generator: torch.Generator = generator) -> Tensor:
            noise = torch.randn(one.shape, generator=generator, dtype=torch.float32)
            return one + amount * noise.to(one) if one.is_floating_point() else one

        before, of_before = _pooled(own, draw.network, draw.inputs)
        after, of_after = _pooled(own, draw.network, mapped(draw.inputs, change))
        distances = (before.double() - after.double()).abs().flatten(1).sum(dim=1)
        found.append(Perturbed(distances, tuple((*of_before[one], *of_after[one]) for one in of_before)))
    return found


def _pooled(own: OwnPass, network: nn.Module, inputs: Inputs) -> tuple[Tensor, Variances]:
    """What is pooled, (N, C, H, W), and the variances that each batch norm found until then, by its identity.

    Raises:
        Degenerate: The network does not pool at the end, or features have another scale than that of batch norms.
    """
    watch = _Watch()
    hooks = [one.register_forward_pre_hook(watch.layer) for one in network.modules()]
    try:
        with watch:
            own.outputs(network, inputs)
    finally:
        for hook in hooks:
            hook.remove()
    if watch.feature is None:
        raise Degenerate("the network pools no features (N, C, H, W) over all positions")
    if watch.refused:
        raise Degenerate(watch.refused)
    return watch.feature, watch.until_then


class _Watch(Interception):
    """While active, keeps what is pooled last, and why that may have no scale that is known."""

    def __init__(self) -> None:
        super().__init__()
        self.variances: Variances = {}
        self.until_then: Variances = {}
        self.feature: Tensor | None = None
        self.refused = ""
        self.other = ""
        self.normalised = False

    def layer(self, module: nn.Module, given: tuple[Any, ...]) -> None:
        """Before a module is called."""
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            rows = given[0].transpose(0, 1).flatten(1).double()
            variance = rows.var(dim=1, correction=0)
            self.variances[id(module)] = (*self.variances.get(id(module), ()), (variance, rows.shape[1]))
            self.normalised = True
        elif isinstance(module, nn.modules.conv._ConvNd):
            self.normalised = False
        elif isinstance(module, _WITHOUT_BATCH):
            self.other = type(module).__name__

    def call(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function; if it pools all positions, keep what it was given."""
        result = func(*args, **kwargs)
        if func in _POOLS and args and _pools_all(args[0], result):
            again = self.feature is not None and self.feature[0, 0].numel() > 1
            self.feature, self.until_then = args[0].clone(), dict(self.variances)
            self.refused = self._reason(again)
        return result

    def _reason(self, again: bool) -> str:
        """Why features have another scale than that of batch norms; empty: they have not."""
        if self.other:
            return f"the scale of features is that of {self.other}, of which the score knows nothing"
        if again:
            return "features are scaled by what was pooled before, as in squeeze-and-excitation"
        if not self.normalised:
            return "no batch norm follows the last convolution, whose scale nothing takes out"
        return ""


def _pools_all(given: Any, result: Any) -> bool:
    """Whether maps (N, C, H, W) became a number for each channel."""
    if not (isinstance(given, Tensor) and isinstance(result, Tensor) and given.ndim == 4):
        return False
    return tuple(result.shape) in (tuple(given.shape[:2]), (*given.shape[:2], 1, 1))
