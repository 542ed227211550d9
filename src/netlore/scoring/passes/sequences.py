"""Sequences of modules and what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from torch import nn

Types = tuple[type[nn.Module], ...]


@dataclass(frozen=True)
class Member:
    """A module in a sequence, its name in the network, and whether it is made of others with weights."""

    name: str
    module: nn.Module
    is_composite: bool


def members(network: nn.Module, sequences: Types, weighted: Set[int]) -> list[Member]:
    """The members of a network's outermost sequences, in their order.

    A member that is itself a sequence of modules made of others is a stage, and its members count.

    Args:
        network: The network.
        sequences: The types of modules that are sequences.
        weighted: Modules that have weights themselves, by identity.
    """
    return list(_members(network, "", sequences, weighted))


def has_weights(module: nn.Module, weighted: Set[int]) -> bool:
    """Whether it or a part of it has weights."""
    return any(id(one) in weighted for one in module.modules())


def _is_composite(module: nn.Module, weighted: Set[int]) -> bool:
    return any(has_weights(child, weighted) for child in module.children())


def _members(
    module: nn.Module, path: str, sequences: Types, weighted: Set[int], inside: bool = False
) -> Iterator[Member]:
    """Outermost first; `inside` a sequence no other module is opened."""
    is_sequence = isinstance(module, sequences)
    for name, child in module.named_children():
        of_child = f"{path}.{name}" if path else name
        stage = isinstance(child, sequences) and any(_is_composite(one, weighted) for one in child.children())
        if stage or not (inside or is_sequence):
            yield from _members(child, of_child, sequences, weighted, inside or is_sequence)
        else:
            yield Member(of_child, child, _is_composite(child, weighted))
