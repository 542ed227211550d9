"""NATS-Bench's topology space, which is NAS-Bench-201: cells of six operations for small images.

The network has a 3x3 convolution with batch norm to 16 channels; three stages of five equal cells, of 16, 32 and
64 channels; before the second and the third a residual block that halves the resolution, which must be even, and
whose shortcut has average pooling and a 1x1 convolution; then batch norm, ReLU, the mean of all positions, and a
classifier.

An operation is one of `none`, `skip_connect`, `nor_conv_1x1`, `nor_conv_3x3` (ReLU, convolution, batch norm) and
`avg_pool_3x3`. That makes 5^6 = 15,625 cells. Each has a string, its nodes 1, 2 and 3 with what comes in:
`|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...~0|...~1|...~2|`.

Initial weights are uniform, torch's own rule, as those of the benchmark; so are those that others score.

Source: Dong and Yang 2020, arXiv:2001.00326; Dong et al. 2021, arXiv:2009.00437.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Unpack

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.families import cells
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, convolution, head, relu

WIDTHS = (16, 32, 64)
DEPTH = 5
OPERATIONS = {
    "none": cells.none,
    "skip_connect": lambda w_in, w_out, stride: Chain(()),
    "nor_conv_1x1": cells.activated(1),
    "nor_conv_3x3": cells.activated(3),
    "avg_pool_3x3": lambda w_in, w_out, stride: Layer("avg_pool", w_in, w_in, kernel=3),
}


def shrinking(w_in: Size, w_out: Size) -> Plan:
    """The residual block between stages: its shortcut pools and has a 1x1 convolution without batch norm."""
    pool = Layer("avg_pool", w_in, w_in, kernel=2, stride=2, padding=0)
    return cells.basic_block(w_in, w_out, 2, Chain((pool, Layer("convolution", w_in, w_out))))


def closing(width: Size, num_classes: int) -> Plan:
    """Batch norm, ReLU and the head."""
    return Chain((Layer("batch_norm", width, width), relu(width), head(width, num_classes)))


class NatsTopology(cells.CellFamily):
    """The family of networks of cells."""

    def network(self, codes: Sequence[Size], num_classes: int, channels: int) -> Plan:
        """Stem, stages, head."""
        parts: list[Plan] = [convolution(channels, WIDTHS[0], 3)]
        for i, width in enumerate(WIDTHS):
            if i:
                parts.append(shrinking(WIDTHS[i - 1], width))
            one = cells.cell(codes, tuple(self.operations.values()), width, width)
            parts.append(Repeat(one, DEPTH))
        return Chain((*parts, closing(WIDTHS[-1], num_classes)), "uniform")

    def string(self, values: Mapping[str, object]) -> str:
        """The benchmark's own string."""
        names = [str(values[name]) for name in self.hyperparameters]
        terms = [f"{name}~{source}" for name, (source, _) in zip(names, cells.EDGES, strict=True)]
        return "+".join(f"|{'|'.join(node)}|" for node in (terms[:1], terms[1:3], terms[3:]))


NATS_TOPOLOGY = NatsTopology("nats-topology", OPERATIONS)


@validated
def nats_topology_architecture(string: str) -> Architecture:
    """The architecture of NAS-Bench-201 with that string; `architecture.string` gives it back.

    Raises:
        InvalidArchitecture: The string describes no cell of six operations.

    >>> cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|avg_pool_3x3~2|"
    >>> nats_topology_architecture(cell).values["o5"]
    'nor_conv_1x1'
    """
    terms = [term.partition("~") for term in re.findall(r"[^|+]+", string)]
    values = {f"o{i}": operation for i, (operation, _, _) in enumerate(terms, start=1)}
    known = len(terms) == len(cells.EDGES) and all(operation in OPERATIONS for operation in values.values())
    if not known or NATS_TOPOLOGY.string(values) != string:
        raise InvalidArchitecture(
            f"{string!r:.200} is no cell; write |o1~0|+|o2~0|o3~1|+|o4~0|o5~1|o6~2| with operations from "
            f"{', '.join(OPERATIONS)}."
        )
    return families.architecture(NATS_TOPOLOGY.name, values)


@validated
def nats_topology(
    num_classes: int = 10,
    resolution: int = 32,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """All 15,625 networks of NAS-Bench-201, equally probable; arguments as in `anynet`.

    >>> nats_topology().cardinality
    15625
    """
    budget, one = Budget.from_keywords(**limits), NATS_TOPOLOGY
    return DesignSpace(one.name, one.distributions, num_classes, resolution, channels, budget)
