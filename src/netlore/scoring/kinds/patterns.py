"""Patterns of activation: how many of them units or images show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from netlore.errors import Degenerate, InvalidInput
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import batch_size
from netlore.scoring.kinds.features import KeptCodes
from netlore.scoring.kinds.view import AS_GIVEN, Draw, View, made
from netlore.scoring.own_pass import OwnPass

Across = Literal["units", "images"]

_BITS = 62
"""Of a whole number, one for each image or unit."""
_FEW = 20
"""Images up to which a table of all patterns is small."""


@dataclass(frozen=True)
class Patterns:
    """How many there are.

    Attributes:
        distinct: Distinct patterns.
        units: Units of the activations.
        images: Images.
    """

    distinct: int
    units: int
    images: int


def distinct_patterns(across: Across, view: View = AS_GIVEN) -> Kind[list[Patterns]]:
    """How many of the `units`, or of the `images`, differ in their codes; an entry for each draw.

    Units are those of the activations of `activation_codes` that return (N, C, H, W). A unit's code says for which
    images it is on, for up to 62 images; an image's code which units are.
    """
    return made(_distinct_patterns, view, "one forward pass", across=across)


@torch.no_grad()
def _distinct_patterns(own: OwnPass, view: View, across: Across) -> list[Patterns]:
    """How many of the units or images differ in their codes."""
    return [_counted(own, draw, across) for draw in view.drawn(own, reuse=True)]


def _counted(own: OwnPass, draw: Draw, across: Across) -> Patterns:
    images = batch_size(draw.inputs)
    if across == "units" and images > _BITS:
        raise InvalidInput(f"patterns of units are for up to {_BITS} images, not {images}; give fewer.")
    with KeptCodes(images, axes=4) as kept:
        own.outputs(draw.network, draw.inputs)
    own.notes[:] = filter(None, [kept.note])
    if not kept.codes:
        raise Degenerate("the network has no activations of shape (N, C, H, W) with codes")
    distinct = _of_units(kept.codes, images) if across == "units" else _of_images(kept.codes)
    return Patterns(distinct, kept.length, images)


def _of_units(codes: list[Tensor], images: int) -> int:
    patterns = [_packed(one) for one in codes]
    if images > _FEW:
        return len(torch.unique(torch.cat(patterns)))
    seen = torch.zeros(2**images, dtype=torch.bool, device=codes[0].device)
    for one in patterns:
        seen[one] = True
    return int(seen.sum())


def _of_images(codes: list[Tensor]) -> int:
    words = [_packed(some.T) for one in codes for some in torch.split(one, _BITS, dim=1)]
    return len(torch.unique(torch.stack(words, dim=1), dim=0))


def _packed(on: Tensor) -> Tensor:
    """The columns of flags (k, M) as whole numbers (M,), a bit for each row."""
    bits = torch.arange(len(on), device=on.device)[:, None]
    return (on.long() << bits).sum(dim=0)
