"""WRCor: how alike are the responses, and the gradients, of different images?"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.responses import weighted_correlations
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

_CORRELATIONS = weighted_correlations()


@predictor(
    "wrcor",
    needs=_CORRELATIONS,
    source="Jing et al. 2025, arXiv:2507.08841; "
    "kunjing96/ZSNAS-WRCor:foresight/pruners/measures/act_grad_cor_weighted.py:6-74",
    applies_to="Networks of blocks with activations such as ReLU, GELU and SiLU; two images or more.",
    transform="identity",
    layers="activations with codes in and after the network's blocks",
    reduction="logarithm of one determinant of a sum of absolute correlations, twice as large from block to block",
    version=1,
)
def wrcor(probe: Probe) -> Tensor:
    """S = ln |det K|, K = sum over activations of 2^i (|C| + |C'|), i the number of blocks before.

    C are the images' correlations over an activation's inputs, C' over dL/d inputs, each (N, N). Between blocks
    and after the last one i counts the blocks that are done; activations before the first block do not count.

    Each block more adds about N ln 2, whatever it does: S is a depth count first. And of 30 blocks or more all but
    the last few have no part in K to speak of.
    """
    (kernel,) = probe[_CORRELATIONS]
    if not bool(kernel.isfinite().all()):
        return torch.full((), torch.nan)
    if len(kernel) < 2:
        raise Degenerate("one image has no correlations with others")
    if torch.linalg.matrix_rank(kernel, hermitian=True) < len(kernel):
        raise Degenerate("images have equal or dependent correlations, so the matrix is singular")
    value: Tensor = torch.linalg.slogdet(kernel).logabsdet
    return value
