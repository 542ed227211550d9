"""Generated source, run."""

from __future__ import annotations

from typing import Any

from torch import nn


def namespace_of(source: str) -> dict[str, Any]:
    """What the module defines, in a namespace of its own."""
    namespace: dict[str, Any] = {"__name__": "network"}
    exec(compile(source, "network.py", "exec"), namespace)
    return namespace


def network_of(source: str) -> nn.Module:
    """The module's network, with initial weights."""
    network: nn.Module = namespace_of(source)["Network"]()
    return network
