"""How everything that takes long shows how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Is called as work goes on."""

    def __call__(self, label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
        """`done` of `total` networks of what the label names are scored, images learned or figures drawn."""


def silent(label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
    """Show nothing."""
