"""What a forward pass shows: features of blocks, activation codes. And the weights themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from netlore.arguments import validated
from netlore.errors import Degenerate
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import Inputs, batch_size, tensors_of
from netlore.scoring.kinds.blocks import blocks_of
from netlore.scoring.kinds.view import AS_GIVEN, View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.layers import layers_of
from netlore.scoring.passes.relu_codes import ActivationCodes, rows_of

Named = dict[str, Tensor]


@validated
def block_features(blocks: Sequence[str] | None = None, view: View = AS_GIVEN) -> Kind[list[Named]]:
    """Outputs of the network's blocks, by their names in it, shape (N, ...); a mapping for each draw.

    Of a block that returns several things the first tensor counts; of one that is called several times, the last
    call.

    Args:
        blocks: The names of modules; None: those that `blocks_of` finds.
        view: What the network is shown, with which weights.
    """
    return made(_block_features, view, "one forward pass", blocks=None if blocks is None else tuple(blocks))


@validated
def activation_codes(view: View = AS_GIVEN) -> Kind[list[list[Tensor]]]:
    """Which units of each call of an activation are on, bool (N, units), as they are called; a list for each draw.

    Activations and their codes are those of `Evidence.ACTIVATION_KERNEL`.
    """
    return made(_activation_codes, view, "one forward pass")


@validated
def layer_weights(view: View = AS_GIVEN) -> Kind[list[Named]]:
    """The weights that predictors look at, by their parameters' names; a mapping for each draw.

    They are those that other evidence of the same view is about.
    """
    unseen = replace(view.conditions, inputs="nothing", mode="any")
    return made(_layer_weights, view, "no pass through the network", conditions=unseen)


@torch.no_grad()
def _block_features(own: OwnPass, view: View, blocks: tuple[str, ...] | None) -> list[Named]:
    """Outputs of the network's blocks."""
    return [features_of(own, draw.network, draw.inputs, blocks) for draw in view.drawn(own)]


def features_of(own: OwnPass, network: nn.Module, inputs: Inputs, named: Sequence[str] | None = None) -> Named:
    """Outputs of a network's blocks for those inputs, for passes of one's own.

    If gradients are enabled, they can be differentiated by each other, as far as blocks return a tensor or a tuple
    that begins with one.

    Args:
        own: The pass, whose objective says which output of the network counts.
        network: A copy of the network.
        inputs: As the network takes them.
        named: The names of the blocks; None: those that `blocks_of` finds.

    Raises:
        InvalidInput: There is no module of a name.
        Degenerate: There are no blocks, or one is not called, or returns no tensor.
    """
    blocks = blocks_of(network, named)
    found: Named = {}

    def keeps(name: str) -> Any:
        def keep(module: nn.Module, given: Any, returned: Any) -> Any:
            if (first := next(tensors_of(returned), None)) is None:
                return None
            # Copies, since what follows may overwrite what it is given. The graph goes on from the feature.
            found[name] = first.clone()
            if not torch.is_grad_enabled():
                return None
            if returned is first:
                return found[name].clone()
            of_tuple = type(returned) is tuple and returned[0] is first
            return (found[name].clone(), *returned[1:]) if of_tuple else None

        return keep

    hooks = [block.register_forward_hook(keeps(name)) for name, block in blocks.items()]
    try:
        own.outputs(network, inputs)
    finally:
        for hook in hooks:
            hook.remove()
    if missing := [name for name in blocks if name not in found]:
        raise Degenerate(f"block {missing[0]!r} is not called, or returns no tensor")
    return {name: found[name] for name in blocks}


class KeptCodes(ActivationCodes):
    """Codes that are kept, not counted; those of activations with that many `axes`, if it is given."""

    def __init__(self, batch_size: int, axes: int | None = None) -> None:
        super().__init__(batch_size)
        self.codes: list[Tensor] = []
        self._axes = axes

    def add(self, output: Tensor) -> None:
        """Keep which units are on."""
        if output.ndim and len(output) == self.batch_size and self._axes in (None, output.ndim):
            self.codes.append(rows_of(output) > 0)
            self.length += self.codes[-1].shape[1]


@torch.no_grad()
def _activation_codes(own: OwnPass, view: View) -> list[list[Tensor]]:
    """Which units of each call of an activation are on, bool (N, units)."""
    found = []
    for draw in view.drawn(own):
        with KeptCodes(batch_size(draw.inputs)) as kept:
            own.outputs(draw.network, draw.inputs)
        if not kept.codes:
            raise Degenerate("the network has no activations with codes")
        own.notes[:] = filter(None, [kept.note])
        found.append(kept.codes)
    return found


def _layer_weights(own: OwnPass, view: View) -> list[Named]:
    """The weights that predictors look at, by their parameters' names."""
    found = []
    for draw in view.drawn(own):
        layers = layers_of(draw.network)
        layers.check()
        found.append({name: layer.weight.detach() for layer, name in layers.names.items()})
        own.notes[:] = filter(None, [layers.note])
    return found
