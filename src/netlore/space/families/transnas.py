"""TransNAS-Bench-101: cells in a fixed arrangement of modules (micro), and arrangements of modules (macro).

Networks are made for images of 256 pixels. Two 3x3 convolutions of stride 2 lead to 64 channels; modules of two
blocks follow; then the mean of all positions and a classifier. The first block of a module can double the width,
halve the resolution, both or neither. Its kind is a digit: 1 neither, 2 width, 3 resolution, 4 both.

- Micro, 4,096 networks: `64-41414-3_12_031`; five modules 4, 1, 4, 1, 4, whose blocks are equal cells. The six
  operations of a cell are 0 `none`, 1 `skip_connect`, 2 `nor_conv_1x1`, 3 `nor_conv_3x3`, node by node.
- Macro, 3,256 networks: `64-41141-basic`; four to six modules, whose blocks are residual blocks. One to three of
  them double the width, one to four halve the resolution.

The classifier is that of the benchmark's classification tasks; its decoders for images are not part of it. Initial
weights of convolutions are those of the benchmark, normal with variance 2 / (k * k * C_out).

Source: Duan et al. 2021, arXiv:2105.11871.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Unpack

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import product
from netlore.space.families import cells
from netlore.space.plan import Chain, Plan, Repeat, Size, convolution, head, look_up, projection, relu

WIDTH = 64
MODULES = "41414"
OPERATIONS = {
    "none": cells.none,
    "skip_connect": cells.skip,
    "nor_conv_1x1": cells.activated(1),
    "nor_conv_3x3": cells.activated(3),
}


KINDS = ("absent", "same", "wider", "smaller", "wider_smaller")
"""What a module does, in the order of its digits."""


def stem(channels: int) -> Plan:
    """Two 3x3 convolutions that halve the resolution, the first to half the width."""
    half = WIDTH // 2
    return Chain((convolution(channels, half, 3, 2), relu(half), convolution(half, WIDTH, 3, 2)))


class TransnasMicro(cells.CellFamily):
    """The family of networks of cells."""

    def network(self, codes: Sequence[Size], num_classes: int, channels: int) -> Plan:
        """Stem, modules, head."""
        operations = tuple(self.operations.values())
        parts: list[Plan] = [stem(channels)]
        w_in = WIDTH
        for kind in MODULES:
            width, stride = (2 * w_in, 2) if kind == "4" else (w_in, 1)
            parts.append(cells.cell(codes, operations, w_in, width, stride))
            parts.append(cells.cell(codes, operations, width, width))
            w_in = width
        return Chain((*parts, head(w_in, num_classes)))

    def string(self, values: Mapping[str, object]) -> str:
        """The benchmark's own string."""
        names = tuple(self.operations)
        digits = "".join(str(names.index(str(values[name]))) for name in self.hyperparameters)
        return f"{WIDTH}-{MODULES}-{digits[0]}_{digits[1:3]}_{digits[3:]}"


@dataclass(frozen=True)
class TransnasMacro:
    """The family of networks of residual blocks."""

    name: str = "transnas-macro"
    hyperparameters: tuple[str, ...] = tuple(f"m{i}" for i in range(1, 7))
    place: str = "place"

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """The kinds of each module; the fifth and the sixth can be absent."""
        kinds = dict.fromkeys(self.hyperparameters[:4], KINDS[1:])
        return kinds | dict.fromkeys(self.hyperparameters[4:], KINDS)

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What m stands for."""
        return {"m": ("module", "modules")}

    def check(self, values: Mapping[str, object]) -> None:
        """Raise `InvalidArchitecture` unless it is a network of the benchmark."""
        kinds = [str(values[name]) for name in self.hyperparameters]
        for name, kind in zip(self.hyperparameters, kinds, strict=True):
            if kind not in self.categories[name]:
                raise InvalidArchitecture(
                    f"{name} = {values[name]!r} is no kind of module; choose one of "
                    f"{', '.join(self.categories[name])}."
                )
        if not _is_macro(*kinds):
            raise InvalidArchitecture(
                f"the modules {', '.join(kinds)} are none of the benchmark: 1 to 3 of them are wider, 1 to 4 "
                "smaller, and m6 is absent if m5 is."
            )

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, modules, head; values are places in the list of kinds, or arrays of them."""
        parts: list[Plan] = [stem(channels)]
        w_in: Size = WIDTH
        for name in self.hyperparameters:
            code = values[name] + len(KINDS) - len(self.categories[name])
            width, stride = w_in * look_up((1, 1, 2, 1, 2), code), look_up((1, 1, 1, 2, 2), code)
            first = cells.basic_block(w_in, width, stride, projection(w_in, width, stride))
            second = cells.basic_block(width, width, 1, Chain(()))
            parts.append(Repeat(Chain((first, second)), look_up((0, 1, 1, 1, 1), code)))
            w_in = width
        return Chain((*parts, head(w_in, num_classes)))

    def string(self, values: Mapping[str, object]) -> str:
        """The benchmark's own string."""
        digits = "".join(str(KINDS.index(str(values[name]))) for name in self.hyperparameters)
        return f"{WIDTH}-{digits.rstrip('0')}-basic"


def _is_macro(*kinds: str) -> bool:
    """Whether modules of these kinds are a network of the benchmark."""
    wider, smaller = (sum(word in kind for kind in kinds) for word in ("wider", "smaller"))
    return 1 <= wider <= 3 and 1 <= smaller <= 4 and not (kinds[4] == KINDS[0] != kinds[5])


TRANSNAS_MICRO = TransnasMicro("transnas-micro", OPERATIONS)
TRANSNAS_MACRO = TransnasMacro()


@validated
def transnas_architecture(string: str) -> Architecture:
    """The architecture of TransNAS-Bench-101 with that string; `architecture.string` gives it back.

    Raises:
        InvalidArchitecture: The string describes no network of the benchmark.

    >>> transnas_architecture("64-41414-1_01_302").values["o4"]
    'nor_conv_3x3'
    >>> str(transnas_architecture("64-4111-basic"))
    'm wider_smaller,same,same,same,absent,absent'
    """
    if found := re.fullmatch(r"64-41414-([0-3])_([0-3]{2})_([0-3]{3})", string):
        operations = [tuple(OPERATIONS)[int(digit)] for digit in "".join(found.groups())]
        return families.architecture("transnas-micro", dict(zip(cells.HYPERPARAMETERS, operations, strict=True)))
    if found := re.fullmatch(r"64-([1-4]{4,6})-basic", string):
        kinds = [KINDS[int(digit)] for digit in found[1].ljust(6, "0")]
        names = TRANSNAS_MACRO.hyperparameters
        return families.architecture("transnas-macro", dict(zip(names, kinds, strict=True)))
    raise InvalidArchitecture(
        f"{string!r:.200} is no network of TransNAS-Bench-101; write 64-41414-a_bc_def with digits 0 to 3, or "
        "64-abcd-basic with four to six digits 1 to 4."
    )


@validated
def transnas_micro(
    num_classes: int = 63,
    resolution: int = 256,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """All 4,096 networks of cells, equally probable; arguments as in `anynet`.

    >>> transnas_micro().cardinality
    4096
    """
    budget = Budget.from_keywords(**limits)
    return DesignSpace(
        TRANSNAS_MICRO.name, TRANSNAS_MICRO.distributions, num_classes, resolution, channels, budget
    )


@validated
def transnas_macro(
    num_classes: int = 63,
    resolution: int = 256,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """All 3,256 networks of residual blocks, equally probable; arguments as in `anynet`.

    >>> transnas_macro().cardinality
    3256
    """
    same = transnas_micro(num_classes, resolution, channels, **limits)
    networks = product(TRANSNAS_MACRO.categories, _is_macro)
    return replace(same, family="transnas-macro", distributions=(networks,))
