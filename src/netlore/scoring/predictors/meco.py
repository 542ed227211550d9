"""MeCo: are the channels of a layer different from each other?"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from netlore.errors import Degenerate, Saturated
from netlore.scoring.kinds.spectra import Likeness, channel_likeness
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

MECO = "Jiang et al. 2023 (NeurIPS); MeCo:correlation/foresight/pruners/measures/meco.py:25-73"
ONE_IMAGE = View(inputs="normal", images=1, resolution=64)
LEAVES = channel_likeness(view=ONE_IMAGE)


@predictor(
    "meco",
    needs=LEAVES,
    source=MECO,
    applies_to="Networks for 64x64 pixels with layers that return fewer channels than positions.",
    layers="outputs of all modules that are made of no others, of fewer channels than positions",
    reduction="sum of smallest eigenvalues",
    version=1,
)
def meco(probe: Probe) -> Tensor:
    """S = sum over layers of the smallest eigenvalue of the correlations (C, C) of channels over positions.

    The network is shown one image from N(0, 1). Layers are modules made of no others that return C channels at
    more than C positions: with fewer, the matrix has rank P - 1 at most and its smallest eigenvalue is 0,
    whatever the network is. Channels that are constant have no correlations and are left out. `meco_as_coded` is
    what the published code computes.
    """
    (seen,) = probe[LEAVES]
    can_tell = [one for one in seen if one.channels < one.positions and one.constant < one.channels]
    check(can_tell, seen)
    return torch.stack([one.least for one in can_tell]).sum()


def check(can_tell: Sequence[Likeness], seen: Sequence[Likeness]) -> None:
    """Refuse a network no layer of which has an eigenvalue that says something."""
    if can_tell:
        return
    if all(one.positions == 1 for one in seen):
        raise Degenerate("no layer returns channels at several positions, so that they have no correlations")
    if any(one.channels < one.positions for one in seen):
        raise Degenerate("every layer with fewer channels than positions has constant ones")
    raise Saturated(
        "every layer returns at least as many channels as positions, so that smallest eigenvalues are 0; larger "
        "images or fewer channels would help"
    )
