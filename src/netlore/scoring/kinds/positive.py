"""The network of absolute values: what synaptic flow and its relatives differentiate."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import mapped, tensors_of
from netlore.scoring.kinds.attention import projections_of
from netlore.scoring.kinds.view import View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.derivatives import gradients_of
from netlore.scoring.passes.layers import Layers, layers_of
from netlore.scoring.passes.synaptic_flow import WithoutNorms

ONES = View(inputs="ones", images=1)
"""One image of ones."""


@dataclass(frozen=True, eq=False)
class Flow:
    """What flows through one weight of the network of absolute values.

    Attributes:
        weight: |W|, float64.
        gradient: dR/d|W|, R the sum of the outputs; zero if it takes no part.
        is_projection: Whether it makes queries, keys or values of attention.
        gives_output: Whether the network's output is what the weight's layer returns.
    """

    weight: Tensor
    gradient: Tensor
    is_projection: bool
    gives_output: bool


def positive_flow(norms: bool, view: View = ONES) -> Kind[list[dict[str, Flow]]]:
    """A `Flow` for each weight that predictors look at, by its parameter's name; a mapping for each draw.

    Parameters and buffers are replaced by their absolute values, and all is float64.

    Args:
        norms: Whether normalisations stay as they are; else they return their input.
        view: What the network is shown, with which weights before they are replaced.
    """
    shown = view.conditions
    conditions = replace(
        shown,
        weights=f"absolute values of those {shown.weights}",
        mode=f"{shown.mode}, in float64{'' if norms else ', without normalisations'}",
    )
    passes = "one forward pass and one backward pass in float64"
    return made(_positive_flow, view, passes, conditions=conditions, norms=norms)


def _positive_flow(own: OwnPass, view: View, norms: bool) -> list[dict[str, Flow]]:
    """|W| and dR/d|W| of the network of absolute values."""
    found = []
    for draw in view.drawn(own):
        network = _positive(draw.network)
        layers = layers_of(network)
        layers.check()
        inputs = mapped(draw.inputs, lambda one: one.double() if one.is_floating_point() else one)
        without = None if norms else WithoutNorms()
        returned: dict[str, Tensor] = {}
        hooks = [_remember(returned, *one) for one in _modules_of(network, layers).items()]
        # Fused attention's exponentials are rounded to less than float64.
        with sdpa_kernel(SDPBackend.MATH), without or nullcontext():
            outputs, _ = own.outputs(network, inputs)
        for hook in hooks:
            hook.remove()
        weights = {name: layer.weight for layer, name in layers.names.items()}
        gradients = gradients_of([outputs.sum()], list(weights.values()), keep=False)
        projections = projections_of(network)
        found.append(
            {
                name: Flow(weight.detach(), gradient, name in projections, _is_same(returned.get(name), outputs))
                for (name, weight), gradient in zip(weights.items(), gradients, strict=True)
            }
        )
        gates = without.gates if without else 0
        gated = f"no sum over paths, since {gates} gates or softmaxes take part" if gates else ""
        own.notes[:] = filter(None, [layers.note, gated])
    return found


@torch.no_grad()
def _positive(network: nn.Module) -> nn.Module:
    """The network itself, with absolute values, only the weights that predictors look at asking for gradients."""
    network.double().requires_grad_(False)
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.dtype != torch.bool:
            tensor.abs_() if not tensor.is_complex() else tensor.copy_(tensor.abs())
    for layer in layers_of(network).names:
        layer.weight.requires_grad_(True)
    return network


def _modules_of(network: nn.Module, layers: Layers) -> dict[str, nn.Module]:
    """The module that each weight belongs to, by the parameter's name."""
    return {name: network.get_submodule(name.rpartition(".")[0]) for name in layers.names.values()}


def _remember(returned: dict[str, Tensor], name: str, module: nn.Module) -> Any:
    """Keep what a module returns."""

    def keep(_: nn.Module, given: Any, output: Any) -> None:
        if (first := next(tensors_of(output), None)) is not None:
            returned[name] = first

    return module.register_forward_hook(keep)


def _is_same(one: Tensor | None, other: Tensor) -> bool:
    return one is not None and one.shape == other.shape and one.data_ptr() == other.data_ptr()
