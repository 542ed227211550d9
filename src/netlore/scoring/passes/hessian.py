"""How the gradient of the loss changes along a direction: products with the Hessian."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.errors import NetloreError
from netlore.scoring.passes.derivatives import gradients_of, unpack_dual
from netlore.scoring.passes.forward import Examined, ForwardPass, Named
from netlore.scoring.passes.isolation import is_out_of_memory, restored_after


def change_along(
    examined: Examined, layouts: Sequence[torch.memory_format], direction: Named
) -> tuple[dict[str, Tensor], str]:
    """H d for directions d of the weights by name, by passes of their own; and why by double backward, if so.

    Tangents are tried in each of the layouts; without layouts, or where they fail, by double backward.
    """
    why = ""
    for layout in layouts:
        forward = ForwardPass(examined, layout, jacobian=False)
        weights = forward.weights
        try:
            with forward.with_tangents({name: one.to(weights[name]) for name, one in direction.items()}):
                tangents = split(forward.run().gradients_of_loss(keep=False))[1]
        except Exception as error:
            raise_for_good(error)
            why = first_line(error)
        else:
            return {name: tangents.get(name, torch.zeros_like(weight)) for name, weight in weights.items()}, ""
    return _by_double_backward(examined, direction), why


def _by_double_backward(examined: Examined, direction: Named) -> dict[str, Tensor]:
    """The same by torch's own derivatives, for networks with operations that forward mode cannot pass."""
    forward = ForwardPass(examined, torch.contiguous_format, jacobian=False)
    weights, state = forward.weights, forward.state
    with torch.enable_grad(), restored_after(examined.network, True, state), sdpa_kernel(SDPBackend.MATH):
        gradients = gradients_of([forward.loss()], list(weights.values()), keep=True, twice=True)
        pairs = zip(weights, gradients, strict=True)
        # Those that do not depend on any weight are constants.
        moving = [(gradient * direction[name]).sum() for name, gradient in pairs if gradient.requires_grad]
        product = torch.stack(moving).sum() if moving else torch.zeros(())
        return dict(zip(weights, gradients_of([product], list(weights.values()), keep=False), strict=True))


def split(found: Named) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The values and the tangents of dual tensors, as far as they have one."""
    both = {name: unpack_dual(one) for name, one in found.items()}
    values = {name: one.primal.detach() for name, one in both.items()}
    return values, {name: one.tangent for name, one in both.items() if one.tangent is not None}


def first_line(error: BaseException) -> str:
    """An error as the end of a sentence."""
    return (str(error).strip().splitlines() or [""])[0] or type(error).__name__


def raise_for_good(error: Exception) -> None:
    """Raise what another way of computing would not avoid."""
    if isinstance(error, NetloreError) or is_out_of_memory(error):
        raise error
