"""How sure the surest head is of each pair of positions."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.attention import attention_peaks
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

_PEAKS = attention_peaks()


@predictor(
    "softmax_confidence",
    needs=_PEAKS,
    source="Serianni and Kalita 2023, arXiv:2306.00288; aaronserianni/training-free-nas:BERT_metrics.ipynb",
    applies_to="Transformers with heads of softmax attention.",
    layers="attention maps",
    reduction="sum over maps of the mean over images and pairs of positions of the maximum over heads",
    version=1,
)
def softmax_confidence(probe: Probe) -> Tensor:
    """S = sum over attention maps of mean_nts max_h a, a of shape (N, heads, positions, positions).

    Each row of a map adds up to 1, so that with one head S is a count of layers over the number of positions.
    """
    (peaks,) = probe[_PEAKS]
    if not peaks.maps:
        raise Degenerate("the network has no attention maps")
    return torch.stack(peaks.maps).sum()
