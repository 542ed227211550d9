"""How a training shows how far it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Update(Protocol):
    """Shows how far a training is."""

    def __call__(self, done: int, total: int, note: str) -> None:
        """`done` of `total` images of all epochs are learned; the note says how it goes."""


class Progress(Protocol):
    """Opens something that shows it; picklable, since a process that trains may be another than this one."""

    def __call__(self) -> AbstractContextManager[Update]:
        """To be closed when the training ends."""
