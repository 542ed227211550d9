"""Derivatives of a graph, and what is made of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.autograd import forward_ad as forward_mode

from netlore.errors import Degenerate
from netlore.scoring.evidence import WeightedLayer

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


def gradients_of(
    values: Sequence[Tensor],
    targets: Sequence[Tensor],
    keep: bool,
    seeds: Sequence[Tensor] | None = None,
    twice: bool = False,
) -> list[Tensor]:
    """d <seeds, values> / d target for each target; zeros where it does not depend on it. Scalars need no seeds.

    `keep` the graph for a later pass; gradients to be differentiated `twice` have a graph of their own.
    """
    pairs = [(value, None if seeds is None else seeds[i]) for i, value in enumerate(values) if value.requires_grad]
    if not targets or not pairs:
        return [torch.zeros_like(target) for target in targets]
    found = torch.autograd.grad(
        [value for value, _ in pairs],
        targets,
        [seed for _, seed in pairs],
        create_graph=twice,
        retain_graph=keep or twice,
        allow_unused=True,
    )
    return [torch.zeros_like(t) if g is None else g for t, g in zip(targets, found, strict=True)]


def of_weights(found: Mapping[WeightedLayer, Tensor]) -> Tensor:
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


def over_positions(value: Tensor, gradient: Tensor) -> Tensor:
    """sum over positions of value * gradient, (N, C, ...) to (N, C)."""
    product = value * gradient
    return product.flatten(2).sum(dim=2) if product.ndim > 2 else product


def without_rounding(rows: Tensor, images: Sequence[Tensor], outputs: Tensor) -> Tensor:
    """A Jacobian's rows, or zeros if they are rounding alone.

    Behind a last batch norm the sum of all outputs is the same whatever the images are, so its gradient is zero,
    while the outputs themselves differ from image to image.
    """
    lengths = [one.detach().reshape(len(one), -1).norm(dim=1).max() for one in images]
    moved = rows.norm(dim=1).max() * torch.stack(lengths).max()
    spread = (outputs - outputs.mean(dim=0)).abs().max()
    return torch.where(moved < 1e3 * torch.finfo(rows.dtype).eps * spread, torch.zeros_like(rows), rows)


# torch's functions of forward mode have no types.
_dual_level: Callable[[], AbstractContextManager[Any]] = forward_mode.dual_level
make_dual: Callable[[Tensor, Tensor], Tensor] = forward_mode.make_dual
unpack_dual: Callable[[Tensor], Any] = forward_mode.unpack_dual


@contextmanager
def dual_level() -> Iterator[None]:
    """Inside, tensors can have tangents."""
    # With the first operation that has no rule of its own torch loads more of itself, which warns of itself.
    with _dual_level(), warnings.catch_warnings(action="ignore", category=FutureWarning):
        yield


@contextmanager
def constant() -> Iterator[None]:
    """Inside, nothing has tangents: forward mode takes for constant what reverse mode does."""
    with forward_mode._set_fwd_grad_enabled(False):
        yield
