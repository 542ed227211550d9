"""AZ-NAS's trainability: do gradients keep their size through each block?"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.expressivity import AZ_NAS, SIGNALS, WITH_BLOCKS
from netlore.scoring.probe import Probe


@predictor(
    "trainability",
    needs=SIGNALS,
    source=AZ_NAS,
    applies_to=f"{WITH_BLOCKS}, of as many positions as before or fewer by a stride; two features or more.",
    transform="minus_log_minus",
    layers="blocks between features",
    reduction="mean over blocks",
    version=1,
)
def trainability(probe: Probe) -> Tensor:
    """S = mean over blocks of 2 - s - 1 / (s + 1e-6), s the largest singular value of g_in^T g_out / rows.

    g_out are random signs at a block's output, g_in what its transposed derivative makes of them at the feature
    before, both as rows of channels (images and positions, C); behind a stride r the r x r positions of g_in that
    one of g_out comes from are channels of its row. At most 0 but for 1e-6, where s = 1 in every block. A block
    that is the identity, or does not depend on the one before, has no number, where the published code gives
    minus infinity or -10^6.
    """
    (signals,) = probe[SIGNALS]
    if signals.refused:
        raise Degenerate(signals.refused)
    if not signals.returned:
        raise Degenerate("the network has one feature, so that no gradient goes from one to another; name blocks")
    s = torch.stack(signals.returned)
    return (2 - s - (s + 1e-6).reciprocal()).mean()
