"""How the outputs for each image change with single numbers among the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.errors import Degenerate
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import Inputs, batch_size, mapped
from netlore.scoring.kinds.fast import fast_outputs
from netlore.scoring.kinds.view import AS_GIVEN, View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.derivatives import dual_level, make_dual, unpack_dual
from netlore.scoring.passes.linear_maps import wanted
from netlore.scoring.passes.operations import Operations

_Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d
_BatchNorm = nn.modules.batchnorm._BatchNorm


@dataclass(frozen=True, eq=False)
class Scalars:
    """What is known of the first entries of a network's parameter tensors.

    Attributes:
        jacobian: d(logit c of image n) / d(entry s), float64 (N, classes, entries).
        logits: Float64 (N, classes).
        tensors: How many parameter tensors the network has in all.
    """

    jacobian: Tensor
    logits: Tensor
    tensors: int


def first_entries(count: int, view: View = AS_GIVEN) -> Kind[list[Scalars]]:
    """Derivatives of each image's logits by the first entry of each of the first `count` parameter tensors.

    One backward pass for each class serves those of convolutions, linear layers and batch norms; each of the
    others takes a forward pass with a tangent. Images must not see each other: the view's mode should be
    `evaluation`.
    """
    passes = "one forward pass, and one backward pass for each class"
    return made(_first_entries, view, passes, count=count)


def _first_entries(own: OwnPass, view: View, count: int) -> list[Scalars]:
    """Derivatives of each image's logits by first entries of parameter tensors."""
    return [_found(own, draw.network, draw.inputs, count) for draw in view.drawn(own)]


def _found(own: OwnPass, network: nn.Module, inputs: Inputs, count: int) -> Scalars:
    parameters = dict(network.named_parameters())
    network.requires_grad_(False)
    chosen = {name: one.requires_grad_(True) for name, one in list(parameters.items())[:count]}
    watch = _Watch(network, chosen, batch_size(inputs))
    try:
        (logits, _), real = fast_outputs(own, network, inputs, marked=True)
    finally:
        watch.remove()
    if logits.ndim != 2:
        raise Degenerate(f"it looks at a logit for each class, and outputs have the shape {tuple(logits.shape)}")
    watch.rows = logits.new_zeros(logits.shape[1], len(logits), len(chosen), dtype=torch.float64)
    for watch.turn in range(logits.shape[1]):
        with wanted("inputs"):
            _ = torch.autograd.grad(logits[:, watch.turn].sum(), real, retain_graph=True, allow_unused=True)
    rows, watch.rows = watch.rows, None
    of_first: tuple[Tensor | None, ...] = torch.autograd.grad(
        logits[0, 0], [*real, *chosen.values()], allow_unused=True
    )
    if any(bool(one[1:].any()) for one in of_first[: len(real)] if one is not None):
        raise Degenerate("an image's logits depend on other images, so it has no derivatives of its own")
    for number, (name, gradient) in enumerate(zip(chosen, of_first[len(real) :], strict=True)):
        if gradient is None:
            continue
        # Not seen, as weights that no layer's own call multiplies with, or seen in other rows.
        same = torch.isclose(rows[0, 0, number], gradient.flatten()[0].double(), rtol=1e-3, atol=0.0)
        if number not in watch.seen or not bool(same):
            rows[:, :, number] = _tangent(own, network, inputs, name).T
    return Scalars(rows.transpose(0, 1), logits.detach().double(), len(parameters))


def _tangent(own: OwnPass, network: nn.Module, inputs: Inputs, name: str) -> Tensor:
    """The change of all logits with a parameter's first entry, (N, classes)."""
    parameter = network.get_parameter(name).detach()
    direction = torch.zeros_like(parameter)
    direction[(0,) * direction.ndim] = 1.0

    def call(*args: Any, **kwargs: Any) -> Any:
        return functional_call(network, {name: make_dual(parameter, direction)}, args, kwargs)

    plain = mapped(inputs, torch.Tensor.detach)
    with dual_level(), sdpa_kernel(SDPBackend.MATH), Operations():
        returned = (
            call(plain)
            if isinstance(plain, Tensor)
            else call(**plain)
            if isinstance(plain, dict)
            else call(*plain)
        )
        found, _ = own.objective.read(returned, batch_size(inputs))
        primal, tangent = unpack_dual(found)
    return torch.zeros_like(primal) if tangent is None else tangent.detach()


class _Watch:
    """Sees the calls of layers, and adds up in backward passes what their parameters' first entries do.

    Attributes:
        rows: Derivatives (classes, N, entries); None: nothing is added.
        turn: The class of the backward pass.
        seen: The entries whose layers were called.
    """

    def __init__(self, network: nn.Module, chosen: dict[str, Tensor], images: int) -> None:
        self._places = {id(one): number for number, one in enumerate(chosen.values())}
        self._images = images
        self.rows: Tensor | None = None
        self.turn = 0
        self.seen = set[int]()
        kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear, _BatchNorm)
        layers = [one for one in network.modules() if isinstance(one, kinds)]
        self._hooks = [one.register_forward_hook(self._see) for one in layers]

    def remove(self) -> None:
        """See no further calls."""
        for hook in self._hooks:
            hook.remove()

    def _see(self, layer: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        places = {name: self._places.get(id(layer._parameters.get(name))) for name in ("weight", "bias")}
        axis = -1 if isinstance(layer, nn.Linear) else 1
        if len(output) % self._images or not output.requires_grad or places == dict.fromkeys(places):
            return
        multiplied = _multiplied(layer, given[0].detach()) if places["weight"] is not None else None

        factors = {places["weight"]: multiplied, places["bias"]: 1.0}
        known = {place: factor for place, factor in factors.items() if place is not None and factor is not None}
        self.seen.update(known)

        def add(gradient: Tensor) -> None:
            if self.rows is None:
                return
            of_first = gradient.select(axis, 0)
            for place, factor in known.items():
                products = (of_first * factor).reshape(self._images, -1)
                self.rows[self.turn, :, place] += products.sum(dim=1, dtype=torch.float64)

        output.register_hook(add)  # type: ignore[no-untyped-call]


def _multiplied(layer: nn.Module, x: Tensor) -> Tensor | None:
    """What a layer's first weight is multiplied with, for each position of its first output; None: not known."""
    if isinstance(layer, nn.Linear):
        return x[..., 0].clone()
    if isinstance(layer, _BatchNorm):
        mean, variance = layer.running_mean, layer.running_var
        if layer.training or mean is None or variance is None:
            return None
        return (x[:, 0] - mean[0]) * (variance[0] + layer.eps).rsqrt()
    assert isinstance(layer, _Convolution)
    if isinstance(layer.padding, str) or layer.padding_mode != "zeros":
        return None
    x = x[:, 0]
    for axis, (size, stride, padding, dilation) in enumerate(
        zip(layer.kernel_size, layer.stride, layer.padding, layer.dilation, strict=True), start=1
    ):
        count = (x.shape[axis] + 2 * padding - dilation * (size - 1) - 1) // stride + 1
        behind = [0, 0] * (x.ndim - 1 - axis)
        x = F.pad(x, [*behind, padding, padding])
        x = x.narrow(axis, 0, (count - 1) * stride + 1)
        x = x[(slice(None),) * axis + (slice(None, None, stride),)]
    return x.clone()
