"""MeCo as its code has it: every module counts, also those made of others."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.kinds.spectra import channel_likeness
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.meco import MECO, ONE_IMAGE, check
from netlore.scoring.probe import Probe

EVERYTHING = channel_likeness(every=True, view=ONE_IMAGE)


@predictor(
    "meco_as_coded",
    needs=EVERYTHING,
    source=MECO,
    applies_to="Networks for 64x64 pixels with layers that return fewer channels than positions.",
    layers="outputs of all modules, also those made of others, and the network's own",
    reduction="sum of smallest eigenvalues",
    version=1,
)
def meco_as_coded(probe: Probe) -> Tensor:
    """S = sum over modules of the smallest eigenvalue of the correlations of one axis over all others.

    Modules made of others count, so that a block's output counts once for each of them that returns it. The axis
    is the first one of what is returned for an image: that of channels, or of tokens. A constant channel has
    correlations of 0, with itself too, and so has the matrix an eigenvalue of 0; so it has where channels are as
    many as positions or more, where the published code adds rounding of either sign.
    """
    (seen,) = probe[EVERYTHING]
    can_tell = [one for one in seen if one.channels < one.positions and not one.constant]
    check(can_tell, seen)
    return torch.stack([one.least for one in can_tell]).sum()
