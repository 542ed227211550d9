"""How large queries, keys and values are at their largest position."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.attention import attention_peaks
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

_PEAKS = attention_peaks()


@predictor(
    "attention_confidence",
    needs=_PEAKS,
    source="Serianni and Kalita 2023, arXiv:2306.00288; aaronserianni/training-free-nas:BERT_metrics.ipynb",
    applies_to="Transformers whose queries, keys and values are outputs of linear layers with usual names.",
    transform="signed_log",
    layers="projections to queries, keys and values",
    reduction="sum over projections of the mean over images and channels of the maximum over positions",
    version=1,
)
def attention_confidence(probe: Probe) -> Tensor:
    """S = sum over projections of mean_nc max_t y, y_ntc the queries, keys or values of N images, T positions.

    The paper speaks of heads; the public code takes the maximum along the sequence.
    """
    (peaks,) = probe[_PEAKS]
    if not peaks.projections:
        raise Degenerate("the network has no attention with projections to queries, keys and values")
    return torch.stack(peaks.projections).sum()
