"""A network's outputs by the kernels that are faster, for passes that go backward often."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.scoring.inputs import Inputs, mapped, tensors_of
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.hessian import raise_for_good
from netlore.scoring.passes.operations import Operations

Outputs = tuple[Tensor, list[tuple[float, Tensor]]]


def fast_outputs(
    own: OwnPass, network: nn.Module, inputs: Inputs, marked: bool = False
) -> tuple[Outputs, list[Tensor]]:
    """What `own.outputs` gives, and the real inputs, which are `marked` if outputs are differentiated by them.

    Networks compute in the channels-last layout; in float64, whose kernels are slower there, and if they ask for
    it with `view`, in the usual one.
    """
    if all(one.dtype != torch.float64 for one in network.parameters()):
        try:
            with Operations(), sdpa_kernel(SDPBackend.MATH):
                return _called(own, network, inputs, marked, torch.channels_last)
        except Exception as error:
            raise_for_good(error)
    return _called(own, network, inputs, marked, torch.contiguous_format)


def _called(
    own: OwnPass, network: nn.Module, inputs: Inputs, marked: bool, layout: torch.memory_format
) -> tuple[Outputs, list[Tensor]]:
    def leaf(one: Tensor) -> Tensor:
        copy = one.clone(memory_format=layout if one.ndim == 4 else torch.contiguous_format)
        return copy.requires_grad_(marked and one.is_floating_point())

    leaves = mapped(inputs, leaf)
    found = own.outputs(network.to(memory_format=layout), leaves)
    return found, [one for one in tensors_of(leaves) if one.is_floating_point()]
