"""NAS-Bench-Macro: eight layers of three kinds each, for small images.

A 3x3 convolution with batch norm and ReLU to 32 channels; stages of two, three and three layers, the first of
which doubles the width and halves the resolution; a 1x1 convolution with batch norm and ReLU to 1,280 channels;
the mean of all positions, and a classifier. A layer is the identity (a 1x1 convolution with batch norm where it
starts a stage), or an inverted residual block with ReLU: of kernel 3 and expansion 3, or of kernel 5 and
expansion 6. Strings have a digit for each layer, 0, 1 or 2: `01220120`.

Source: Su et al. 2021, arXiv:2103.11922.
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
from netlore.space.families.inverted import inverted_block
from netlore.space.plan import Chain, Plan, Size, Sum, Switch, convolution, head, relu

KINDS = ("identity", "mb3_k3", "mb6_k5")
STAGES = (2, 3, 3)
LAYERS = sum(STAGES)
STEM_WIDTH, HEAD_WIDTH = 32, 1280


@dataclass(frozen=True)
class NasBenchMacro:
    """The family of networks of eight layers."""

    name: str = "nas-bench-macro"
    hyperparameters: tuple[str, ...] = tuple(f"l{i}" for i in range(1, LAYERS + 1))
    place: str = "place"

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """The kinds of each layer."""
        return dict.fromkeys(self.hyperparameters, KINDS)

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What l stands for."""
        return {"l": ("layer", "layers")}

    def check(self, values: Mapping[str, object]) -> None:
        """Raise `InvalidArchitecture` unless each value is a kind of layer."""
        for name in self.hyperparameters:
            if values[name] not in KINDS:
                raise InvalidArchitecture(f"{name} = {values[name]!r} is no layer; choose {', '.join(KINDS)}.")

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """Stem, layers, head; values are places in the list of kinds, or arrays of them."""
        parts: list[Plan] = [convolution(channels, STEM_WIDTH, 3), relu(STEM_WIDTH)]
        codes, width = iter(values[name] for name in self.hyperparameters), STEM_WIDTH
        for layers in STAGES:
            parts.append(Switch(next(codes), _doubling(width)))
            width *= 2
            parts += [Switch(next(codes), _keeping(width)) for _ in range(layers - 1)]
        last = Chain((convolution(width, HEAD_WIDTH, 1), relu(HEAD_WIDTH)))
        return Chain((*parts, last, head(HEAD_WIDTH, num_classes)))

    def string(self, values: Mapping[str, object]) -> str:
        """The benchmark's own string."""
        return "".join(str(KINDS.index(str(values[name]))) for name in self.hyperparameters)


def _doubling(width: int) -> tuple[Plan, ...]:
    blocks = (inverted_block(width, 2 * width, e, k, 2, "relu", Chain(())) for e, k in ((3, 3), (6, 5)))
    return (convolution(width, 2 * width, 1, 2), *blocks)


def _keeping(width: int) -> tuple[Plan, ...]:
    blocks = (inverted_block(width, width, e, k, 1, "relu", Chain(())) for e, k in ((3, 3), (6, 5)))
    return (Chain(()), *(Sum(block, Chain(())) for block in blocks))


NAS_BENCH_MACRO = NasBenchMacro()


@validated
def nas_bench_macro_architecture(string: str) -> Architecture:
    """The architecture of NAS-Bench-Macro with that string; `architecture.string` gives it back.

    Raises:
        InvalidArchitecture: The string is not eight digits 0 to 2.

    >>> nas_bench_macro_architecture("01220120").values["l3"]
    'mb6_k5'
    """
    if not re.fullmatch(rf"[0-2]{{{LAYERS}}}", string):
        raise InvalidArchitecture(f"{string!r:.200} is no network; write {LAYERS} digits 0, 1 or 2, as 01220120.")
    kinds = (KINDS[int(digit)] for digit in string)
    names = NAS_BENCH_MACRO.hyperparameters
    return families.architecture(NAS_BENCH_MACRO.name, dict(zip(names, kinds, strict=True)))


@validated
def nas_bench_macro(
    num_classes: int = 10,
    resolution: int = 32,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """All 6,561 networks of NAS-Bench-Macro, equally probable; arguments as in `anynet`.

    Some of them compute the same, since identities can stand in several places; those have one result there.

    >>> nas_bench_macro().cardinality
    6561
    """
    layers = tuple(choice(name, KINDS) for name in NAS_BENCH_MACRO.hyperparameters)
    return DesignSpace(
        NAS_BENCH_MACRO.name, layers, num_classes, resolution, channels, Budget.from_keywords(**limits)
    )
