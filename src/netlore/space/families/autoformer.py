"""A vision transformer with AutoFormer's choices: embedding, depth, and heads and MLP ratio of each block.

A convolution of 16x16 pixels makes a token of each patch; a class token and learned places join them. A block is
x + attention(norm(x)), then x + MLP(norm(x)); attention has h heads of 64 channels each, and the MLP, with GELU, m
times the embedding's channels inside. Behind the last block are a norm, the mean of all patches' tokens, and a
classifier. Hyperparameters are the embedding e, the depth d, the heads h1, ..., h14 and the ratios m1, ..., m14;
those of blocks beyond the depth are 0.

Differs from AutoFormer: no relative positions in attention, which have 7,680 parameters in each of its blocks.

Source: Chen et al. 2021, arXiv:2107.00651; Dosovitskiy et al. 2021, arXiv:2010.11929.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Unpack

import numpy as np

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Distribution, choice
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Sum, whole

BLOCKS = 14
HEAD_WIDTH = 64
PATCH, PLACES = 16, 14
EMBEDDINGS, DEPTHS, HEADS, RATIOS = (192, 216, 240), (12, 13, 14), (3, 4), (3.5, 4.0)


@dataclass(frozen=True)
class AutoFormer:
    """The family of vision transformers of up to 14 blocks."""

    name: str = "autoformer"
    hyperparameters: tuple[str, ...] = ("e", "d", *(f"{letter}{i + 1}" for letter in "hm" for i in range(BLOCKS)))
    place: str = "block"

    @property
    def reals(self) -> tuple[str, ...]:
        """The ratios."""
        return self.hyperparameters[-BLOCKS:]

    @property
    def words(self) -> Mapping[str, tuple[str, str]]:
        """What the letters stand for."""
        return {
            "e": ("embedding", "embeddings"),
            "d": ("depth", "depths"),
            "h": ("number of heads", "numbers of heads"),
            "m": ("MLP ratio", "MLP ratios"),
        }

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise `InvalidArchitecture` unless blocks up to the depth have heads and a ratio, and the others 0."""
        width, depth = values["e"], values["d"]
        if width < 1 or not 1 <= depth <= BLOCKS:
            raise InvalidArchitecture(f"e = {width}, d = {depth}; choose e of 1 or more and d of 1 to {BLOCKS}.")
        for i in range(1, BLOCKS + 1):
            heads, ratio = values[f"h{i}"], values[f"m{i}"]
            if i > depth and (heads or ratio):
                raise InvalidArchitecture(
                    f"h{i} = {heads} and m{i} = {ratio:g} are of a block beyond the depth {depth}; give 0."
                )
            if i <= depth and (heads < 1 or ratio <= 0 or ratio * width != int(ratio * width)):
                raise InvalidArchitecture(
                    f"h{i} = {heads} and m{i} = {ratio:g} make no block of embedding {width}; choose 1 head or "
                    "more and a ratio whose product with the embedding is whole."
                )

    def plan(self, values: Mapping[str, Any], num_classes: int, channels: int) -> Plan:
        """Patches, blocks and head; values may be arrays."""
        width, depth = values["e"], values["d"]
        patches = Layer("convolution", channels, width, PATCH, PATCH, padding=0, bias=True)
        parts: list[Plan] = [patches, Layer("tokens", width, width, kernel=PLACES)]
        for i in range(1, BLOCKS + 1):
            heads = whole(np.maximum(values[f"h{i}"], 1))
            inner = whole(np.maximum(np.rint(values[f"m{i}"] * width), 1))
            parts.append(Repeat(block(width, heads, inner), whole(np.greater_equal(depth, i))))
        ends = (Layer("layer_norm", width, width), Layer("token_pool", width, width))
        return Chain((*parts, *ends, Layer("linear", width, num_classes)))


def block(width: Size, heads: Size, inner: Size) -> Plan:
    """Attention of that many heads and an MLP of that inner width, each behind a norm and in a sum."""
    norm, attended = Layer("layer_norm", width, width), HEAD_WIDTH * heads
    attention = (
        Layer("linear", width, 3 * attended),
        Layer("attention", 3 * attended, attended, groups=heads),
        Layer("linear", attended, width),
    )
    mlp = (Layer("linear", width, inner), Layer("gelu", inner, inner), Layer("linear", inner, width))
    return Chain(tuple(Sum(Chain((norm, *layers)), Chain(())) for layers in (attention, mlp)))


AUTOFORMER = AutoFormer()


@validated
def autoformer_architecture(embedding: int, heads: Sequence[int], mlp_ratios: Sequence[float]) -> Architecture:
    """A vision transformer, from the heads and the MLP ratio of each of its blocks, 14 at most.

    Raises:
        InvalidArchitecture: Not as many ratios as heads, or values that are no network.

    >>> autoformer_architecture(192, (3,) * 12, (4,) * 12).values["d"]
    12
    """
    if len(heads) != len(mlp_ratios) or len(heads) > BLOCKS:
        raise InvalidArchitecture(
            f"there are {len(heads)} heads and {len(mlp_ratios)} mlp_ratios; give one each for up to {BLOCKS} "
            "blocks."
        )
    values: dict[str, float] = {"e": embedding, "d": len(heads)}
    for letter, given in (("h", heads), ("m", mlp_ratios)):
        values |= {f"{letter}{i}": value for i, value in enumerate((*given, *[0] * BLOCKS)[:BLOCKS], start=1)}
    return families.architecture(AUTOFORMER.name, values)


@validated
def autoformer(
    num_classes: int = 1000,
    resolution: int = 224,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """AutoFormer's tiny space: e of {192, 216, 240}, d of {12, 13, 14}, in each block h of {3, 4}, m of {3.5, 4}.

    Every choice has equal probability. Other arguments as in `anynet`.

    >>> autoformer().cardinality == 3 * 4**12 * (1 + 4 + 16)
    True
    """
    grids = [choice("e", EMBEDDINGS), _ends()]
    for i in range(1, DEPTHS[0] + 1):
        grids += [choice(f"h{i}", HEADS), choice(f"m{i}", RATIOS)]
    return DesignSpace(
        AUTOFORMER.name, tuple(grids), num_classes, resolution, channels, Budget.from_keywords(**limits)
    )


def _ends() -> Distribution:
    """The depth, and what blocks beyond the least depth are: with it, or 0."""
    rows, weights = [], []
    for depth in DEPTHS:
        of_blocks = [
            tuple(product(HEADS, RATIOS)) if i <= depth else ((0, 0.0),) for i in range(DEPTHS[0] + 1, BLOCKS + 1)
        ]
        found = [(depth, *sum(blocks, ())) for blocks in product(*of_blocks)]
        rows += found
        weights += [1 / len(found)] * len(found)
    names = [f"{letter}{i}" for i in range(DEPTHS[0] + 1, BLOCKS + 1) for letter in "hm"]
    return Distribution(("d", *names), tuple(rows), tuple(weights))
