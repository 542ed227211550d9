"""NATS-Bench's size space: the widths of one topology in five places, for small images.

The network is that of `nats-topology` with one cell in each stage. Its places are the first cell, the block that
halves the resolution, the second cell, the other block, and the third cell. The cell has 3x3 convolutions on all
edges but that from node 0 to node 3, which skips: by a 1x1 convolution with batch norm where the width changes.
Strings have the widths with colons in between: `8:64:32:16:48`.

Source: Dong et al. 2021, arXiv:2009.00437.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Unpack

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice
from netlore.space.families import cells
from netlore.space.families.anynet import check_positive
from netlore.space.families.nats_topology import closing, shrinking
from netlore.space.plan import Chain, Plan, Size, convolution, projection

PLACES = 5
_SKIP, _CONVOLUTION = 0, 1
_CODES = (_CONVOLUTION, _CONVOLUTION, _CONVOLUTION, _SKIP, _CONVOLUTION, _CONVOLUTION)
_OPERATIONS: tuple[cells.Operation, ...] = (projection, cells.activated(3))


@dataclass(frozen=True)
class NatsSize:
    """The family of networks of five widths."""

    name: str = "nats-size"
    hyperparameters: tuple[str, ...] = tuple(f"w{i}" for i in range(1, PLACES + 1))
    place: str = "layer"

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What w stands for."""
        return {"w": ("width", "widths")}

    def check(self, values: Mapping[str, int]) -> None:
        """Raise `InvalidArchitecture` unless widths are positive."""
        check_positive(values)

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, cells and blocks, head; values may be arrays."""
        w1, w2, w3, w4, w5 = (values[name] for name in self.hyperparameters)
        return Chain(
            (
                convolution(channels, w1, 3),
                cells.cell(_CODES, _OPERATIONS, w1, w1),
                shrinking(w1, w2),
                cells.cell(_CODES, _OPERATIONS, w2, w3),
                shrinking(w3, w4),
                cells.cell(_CODES, _OPERATIONS, w4, w5),
                closing(w5, num_classes),
            ),
            "uniform",
        )

    def string(self, values: Mapping[str, object]) -> str:
        """The benchmark's own string."""
        return ":".join(str(values[name]) for name in self.hyperparameters)


NATS_SIZE = NatsSize()


@validated
def nats_size_architecture(string: str) -> Architecture:
    """The architecture of NATS-Bench's size space with that string; `architecture.string` gives it back.

    Raises:
        InvalidArchitecture: The string is not five widths.

    >>> nats_size_architecture("8:64:32:16:48").values
    {'w1': 8, 'w2': 64, 'w3': 32, 'w4': 16, 'w5': 48}
    """
    if not re.fullmatch(r"[1-9]\d{0,8}(:[1-9]\d{0,8}){4}", string):
        raise InvalidArchitecture(f"{string!r:.200} is not five widths; write them with colons, as 8:64:32:16:48.")
    widths = map(int, string.split(":"))
    return families.architecture(NATS_SIZE.name, dict(zip(NATS_SIZE.hyperparameters, widths, strict=True)))


@validated
def nats_size(
    num_classes: int = 10,
    resolution: int = 32,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """All 32,768 networks of NATS-Bench's size space, widths 8, 16, ..., 64 in five places, equally probable;
    arguments as in `anynet`.

    >>> nats_size().cardinality
    32768
    """
    widths = tuple(choice(name, tuple(range(8, 65, 8))) for name in NATS_SIZE.hyperparameters)
    budget = Budget.from_keywords(**limits)
    return DesignSpace(NATS_SIZE.name, widths, num_classes, resolution, channels, budget)
