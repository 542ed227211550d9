"""Origin: what computed a score."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Origin:
    """What computed a score: everything that its last bits can depend on, apart from network, seed and predictor.

    Attributes:
        netlore, torch, numpy, python: Versions.
        machine: Operating system and kind of processor.
        capability: Instructions of the processor that torch uses.
        device: The device: `cpu`, or a GPU's name.
        dtype: Precision of the passes, `float32` or `float64`; synflow always has float64.
        batch: SHA-256 of the images and labels, in hexadecimal.
    """

    netlore: str
    torch: str
    numpy: str
    python: str
    machine: str
    capability: str
    device: str
    dtype: str
    batch: str

    def __post_init__(self) -> None:
        if not all(isinstance(one, str) for one in astuple(self)):
            raise ValueError(f"{astuple(self)!r:.200} is no origin of a score")

    def __reduce__(self) -> tuple[Any, ...]:
        """Millions of scores that come from worker processes share one."""
        return origin, astuple(self)


def origin_of(document: Any) -> Origin:
    """The origin that a JSON object describes; raises ValueError if it has another form."""
    try:
        return origin(**document)
    except TypeError:
        raise ValueError(f"{document!r:.200} is no origin of a score") from None


@lru_cache(maxsize=1024)
def origin(*values: str, **named: str) -> Origin:
    """The one origin of these values, in the order of its attributes or by their names."""
    return Origin(*values, **named)
