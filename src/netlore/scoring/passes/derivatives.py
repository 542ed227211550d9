"""Derivatives of a graph, those of layers' outputs by hooks, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.passes.layers import Layer

T = TypeVar("T")


def caught(compute: Callable[[], T]) -> T | Exception:
    """The result, or the error without its traceback, which would keep the pass's tensors alive."""
    try:
        return compute()
    except Exception as error:
        return error.with_traceback(None)


def found_or_raised(result: T | Exception) -> T:
    """What `caught` gave, or the error again."""
    if isinstance(result, Exception):
        raise result
    return result


def gradients_of(value: Tensor, targets: Sequence[Tensor], keep: bool, twice: bool = False) -> list[Tensor]:
    """d value / d target for each target; zeros where the scalar does not depend on it.

    `keep` the graph for a later pass; gradients to be differentiated `twice` have a graph of their own.
    """
    if not targets or not value.requires_grad:
        return [torch.zeros_like(target) for target in targets]
    found = torch.autograd.grad(value, targets, create_graph=twice, retain_graph=keep or twice, allow_unused=True)
    return [torch.zeros_like(t) if g is None else g for t, g in zip(targets, found, strict=True)]


def along_weights(found: Mapping[Layer, Tensor]) -> Tensor:
    """sum of W * found over all layers, accumulated in float64."""
    products = [(layer.weight.detach() * of_layer).sum(dtype=torch.float64) for layer, of_layer in found.items()]
    if not products:
        raise Degenerate("the network has no convolution and no linear layer")
    return torch.stack(products).sum()


def change_of_loss_gradient(p: Tensor, tangent: Tensor) -> Tensor:
    """ds = p (z' - <p, z'>) / N, by which the mean cross-entropy's gradient s = (p - y) / N changes.

    p is the softmax of the logits, shape (N, classes), and the tangent z' how the logits change.
    """
    return p * (tangent - (p * tangent).sum(dim=1, keepdim=True)) / len(p)


def channels_second(layer: Layer, tensor: Tensor) -> Tensor:
    """(N, C, ...); linear layers have their channels last."""
    return tensor.movedim(-1, 1) if isinstance(layer, nn.Linear) and tensor.ndim > 2 else tensor


def over_positions(value: Tensor, gradient: Tensor) -> Tensor:
    """sum over positions of value * gradient, (N, C, ...) to (N, C)."""
    product = value * gradient
    return product.flatten(2).sum(dim=2) if product.ndim > 2 else product


@contextmanager
def hooked(layers: Sequence[nn.Module], hook: Callable[..., Any]) -> Iterator[None]:
    """Inside, a hook sees what each of the layers returns, and may return something else."""
    hooks = [layer.register_forward_hook(hook) for layer in layers]
    try:
        yield
    finally:
        for one in hooks:
            one.remove()


class SaliencyHook:
    """Finds a * dL/da of layers' outputs a.

    Attributes:
        saliency: Sum over positions of a * dL/da, shape (N, C), per layer and call.
        roots: Outputs before which nothing asks for a gradient; the backward pass must end there.
        is_of_loss: Whether the backward pass under way is that of the loss.
    """

    def __init__(self) -> None:
        self.saliency: dict[Layer, list[Tensor]] = {}
        self.roots: list[Tensor] = []
        self.is_of_loss = False

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """Wait for the gradient of a layer's output."""
        assert isinstance(layer, Layer)
        if not output.requires_grad:
            # Nothing before it asks for a gradient, so the backward pass ends here.
            output = output.detach().requires_grad_(True)
            self.roots.append(output)
        value = channels_second(layer, output.detach())
        calls = self.saliency.setdefault(layer, [])
        slot = len(calls)
        calls.append(value.new_zeros(value.shape[:2]))

        def keep(gradient: Tensor) -> None:
            if self.is_of_loss:
                calls[slot] = over_positions(value, channels_second(layer, gradient.detach()))

        output.register_hook(keep)  # type: ignore[no-untyped-call]
        # A copy, since a later operation may overwrite it in place.
        return output.clone()
