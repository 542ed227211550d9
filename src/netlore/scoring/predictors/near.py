"""NEAR: how many directions the outputs of layers fill."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.scoring.kinds.spectra import channel_squares
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

SQUARES = channel_squares(View(inputs="normal", images=64))


@predictor(
    "near",
    needs=SQUARES,
    source="Husistein et al. 2025, arXiv:2408.08776; NEAR:src/near_score/near_score.py:22-133",
    applies_to="Networks whose layers and activations are modules that return channels.",
    layers="outputs of all modules with a weight, batch norms too, and of activations that are modules",
    reduction="sum of effective ranks",
    version=1,
)
def near(probe: Probe) -> Tensor:
    """S = sum over layers of exp(-sum_i p_i ln p_i), p the singular values of C rows of its output, by their sum.

    A row has the C channels of one position of one image from N(0, 1); C consecutive rows are taken from a start
    that is drawn once for all networks, where the published code starts at multiples of a width and may get
    fewer. An output of zeros has rank 0. At most the sum of C. Activations that are called as functions do not
    count.
    """
    (squares,) = probe[SQUARES]
    return torch.stack([_effective_rank(one) for one in squares.values()]).sum()


def _effective_rank(matrix: Tensor) -> Tensor:
    if not bool(matrix.isfinite().all()):
        return matrix.new_full((), torch.nan)
    values = torch.linalg.svdvals(matrix)
    values = values[values > 0]
    if not len(values):
        return matrix.new_zeros(())
    p = values / values.sum()
    return torch.exp(-(p * p.log()).sum())
