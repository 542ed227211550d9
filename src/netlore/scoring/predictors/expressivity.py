"""AZ-NAS's expressivity: how evenly the channels of features fill their space."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.signals import BlockSignals, block_signals
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

AZ_NAS = "Lee and Ham 2024, arXiv:2403.19232; AZ-NAS:ImageNet_MBV2/ZeroShotProxy/compute_az_nas_score.py:36-128"
WITH_BLOCKS = "Networks of blocks that are found or named, whose features have channels"
SIGNALS = block_signals(view=View(inputs="normal", images=64))
"""Of AZ-NAS's three scores of blocks."""


@predictor(
    "expressivity",
    needs=SIGNALS,
    source=AZ_NAS,
    applies_to=f"{WITH_BLOCKS}.",
    transform="identity",
    layers="outputs of blocks, and what the first one is given",
    reduction="sum of the entropies of features",
    version=1,
)
def expressivity(probe: Probe) -> Tensor:
    """S = sum over features of -sum_i p_i ln(p_i + 1e-8), p the eigenvalues of its covariance, by their sum.

    The covariance (C, C) of the feature's channels is over images and positions; rounded below 0, eigenvalues are
    0. At most the sum of ln C. As published, networks first get Kaiming's initial weights; here they keep their
    own.
    """
    (signals,) = probe[SIGNALS]
    return entropies(signals).sum()


def entropies(signals: BlockSignals) -> Tensor:
    """For each feature that of its covariance's eigenvalues, which sum to 1, float64."""
    found = []
    for name, eigenvalues in zip(signals.names, signals.spectra, strict=True):
        total = eigenvalues.sum()
        if total == 0:
            raise Degenerate(f"the feature of {name!r} is the same for all images and positions")
        p = eigenvalues / total
        found.append(-(p * (p + 1e-8).log()).sum())
    return torch.stack(found)
