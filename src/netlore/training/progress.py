"""How a training tells how far it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Told(Protocol):
    """Is told how far a training is."""

    def __call__(self, done: int, total: int, note: str) -> None:
        """`done` of `total` images of all epochs are learned; the note says how it goes."""


class Progress(Protocol):
    """Opens something that is told; picklable, since a process that trains may be another than this one."""

    def __call__(self) -> AbstractContextManager[Told]:
        """To be closed when the training ends."""
