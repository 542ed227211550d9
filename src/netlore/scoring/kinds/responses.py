"""How alike images are in the responses of activations, and in the gradients there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import batch_size, mapped, tensors_of
from netlore.scoring.kinds.blocks import blocks_of
from netlore.scoring.kinds.view import AS_GIVEN, Draw, View, made
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.interception import Interception
from netlore.scoring.passes.relu_codes import has_code


def weighted_correlations(view: View = AS_GIVEN) -> Kind[list[Tensor]]:
    """Sum of 2^i (|C| + |C'|) over calls of activations, float64 (N, N); one for each draw.

    i is how many blocks come before the call; calls before and outside the first block do not count. C are the
    images' correlations over the inputs of the activation, C' over dL/d inputs. A matrix that an image without
    variance leaves undefined is left out. Activations are those with codes, blocks those that `blocks_of` finds.
    """
    passes = "one forward pass and one backward pass (gradient of the loss by the inputs of activations)"
    return made(_weighted_correlations, view, passes)


def _weighted_correlations(own: OwnPass, view: View) -> list[Tensor]:
    """Sums over activations of images' correlations."""
    return [_found(own, draw) for draw in view.drawn(own)]


def _found(own: OwnPass, draw: Draw) -> Tensor:
    (inputs, targets), network = draw.batches[0], draw.network
    inputs = mapped(inputs, lambda one: one.clone().requires_grad_(one.is_floating_point()))
    roots = [one for one in tensors_of(inputs) if one.requires_grad]
    network.requires_grad_(not roots)
    responses = _Responses(network, batch_size(inputs))
    try:
        with responses:
            loss = own.loss(network, inputs, targets)
    finally:
        responses.remove()
    torch.autograd.grad(loss, roots or list(network.parameters()), allow_unused=True)
    if not responses.counted:
        raise Degenerate("no activation in or after the network's blocks responds with any variance")
    return responses.total


class _Responses(Interception):
    """While active, sees the inputs of activations, and their gradients in the backward pass that follows."""

    def __init__(self, network: nn.Module, images: int) -> None:
        super().__init__()
        self.total = torch.zeros(images, images, dtype=torch.float64, device=next(network.parameters()).device)
        self.counted = 0
        self._images, self._inside, self._before = images, 0, 0
        blocks = blocks_of(network).values()
        self._hooks = [one.register_forward_pre_hook(self._enter) for one in blocks]
        self._hooks += [one.register_forward_hook(self._leave) for one in blocks]

    def remove(self) -> None:
        """See no further blocks."""
        for hook in self._hooks:
            hook.remove()

    def call(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function; if it is an activation that counts, look at its input."""
        counts = self._inside or self._before
        if not (counts and args and torch.is_grad_enabled() and has_code(func, args, kwargs)):
            return func(*args, **kwargs)
        x = args[0]
        if x.ndim == 0 or len(x) % self._images or not x.requires_grad:
            return func(*args, **kwargs)
        weight = 2.0**self._before
        self._add(weight, x.detach())
        # A tensor of its own, so that the gradient is that of this activation alone.
        x = x.clone()
        x.register_hook(lambda gradient: self._add(weight, gradient))
        found = func(x, *args[1:], **kwargs)
        return args[0].copy_(found) if found is x else found

    def _enter(self, *_: Any) -> None:
        self._inside += 1

    def _leave(self, *_: Any) -> None:
        self._inside -= 1
        self._before += 1

    def _add(self, weight: float, responses: Tensor) -> None:
        rows = responses.reshape(self._images, -1).double()
        rows = rows - rows.mean(dim=1, keepdim=True)
        norms = rows.norm(dim=1, keepdim=True)
        if bool((norms > 0).all()):
            rows = rows / norms
            self.total += weight * (rows @ rows.T).abs()
            self.counted += 1
