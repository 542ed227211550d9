"""Derivatives of a graph, and what is made of those of a layer's output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate
from netlore.scoring.passes.layers import Layer


def gradients_of(value: Tensor, targets: Sequence[Tensor], keep: bool, twice: bool = False) -> list[Tensor]:
    """d value / d target for each target; zeros where it does not depend on it.

    Args:
        value: A scalar.
        targets: What to differentiate by.
        keep: Whether a later pass needs the graph.
        twice: Whether the gradients will be differentiated again.
    """
    if not targets or not value.requires_grad:
        return [torch.zeros_like(target) for target in targets]
    found = torch.autograd.grad(value, targets, create_graph=twice, retain_graph=keep or twice, allow_unused=True)
    return [torch.zeros_like(t) if g is None else g for t, g in zip(targets, found, strict=True)]


def along_weights(found: Mapping[Layer, Tensor]) -> Tensor:
    """sum of W * found over all layers, accumulated in float64.

    Raises:
        Degenerate: There is no layer.
    """
    products = [(layer.weight.detach() * of_layer).sum(dtype=torch.float64) for layer, of_layer in found.items()]
    if not products:
        raise Degenerate("the network has no convolution and no linear layer")
    return torch.stack(products).sum()


def change_of_loss_gradient(p: Tensor, tangent: Tensor) -> Tensor:
    """ds = p (z' - <p, z'>) / N, by which the mean cross-entropy's gradient s = (p - y) / N changes.

    Args:
        p: Softmax of the logits, shape (N, classes).
        tangent: z', how the logits change.
    """
    return p * (tangent - (p * tangent).sum(dim=1, keepdim=True)) / len(p)


def channels_second(layer: Layer, tensor: Tensor) -> Tensor:
    """(N, C, ...); linear layers have their channels last."""
    return tensor.movedim(-1, 1) if isinstance(layer, nn.Linear) and tensor.ndim > 2 else tensor


def over_positions(value: Tensor, gradient: Tensor) -> Tensor:
    """sum over positions of value * gradient, (N, C, ...) to (N, C)."""
    product = value * gradient
    return product.flatten(2).sum(dim=2) if product.ndim > 2 else product
