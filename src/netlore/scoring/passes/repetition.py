"""What is given to a block that runs again, and how it is found out that it did the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from netlore.scoring.passes.derivatives import constant, make_dual, unpack_dual


def is_real(one: Any) -> bool:
    return isinstance(one, Tensor) and (one.is_floating_point() or one.is_complex())


def without_graph(one: Tensor) -> Tensor:
    """The same, with its tangent, as a constant."""
    with constant():
        alone = one.detach()
    return with_tangent_of(alone, one)


def with_tangent_of(alone: Tensor, one: Tensor) -> Tensor:
    tangent = unpack_dual(one).tangent
    return alone if tangent is None else make_dual(alone, tangent.detach())


def sums(one: Tensor) -> tuple[Tensor, Tensor | None]:
    """By which an output and its tangent are known again."""
    tangent = unpack_dual(one).tangent
    return _sum_of_bits(one), None if tangent is None else _sum_of_bits(tangent)


def _sum_of_bits(one: Tensor) -> Tensor:
    """Exact, so that the order in memory is of no account."""
    with constant():
        parts = torch.view_as_real(one) if one.is_complex() else one
        return parts.detach().view(_WHOLE[parts.element_size()]).sum()


_WHOLE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def differences(found: tuple[Tensor | None, ...], before: tuple[Tensor | None, ...]) -> list[Tensor]:
    """A pass without tangents finds none."""
    return [a != b for a, b in zip(found, before, strict=True) if a is not None and b is not None]


def leads_elsewhere(outputs: Sequence[Tensor], known: Sequence[Tensor]) -> bool:
    """Whether a graph has leaves behind others than the known tensors."""
    ends = {one.grad_fn for one in known if one.grad_fn is not None}
    seen: set[Any] = set()
    nodes: list[Any] = [one.grad_fn for one in outputs]
    while nodes:
        node = nodes.pop()
        if node is None or node in ends or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if leaf is not None and not any(leaf is one for one in known):
            return True
        nodes += [one for one, _ in node.next_functions]
    return False
