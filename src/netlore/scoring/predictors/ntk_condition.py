"""Condition of the neural tangent kernel: how differently fast are directions learned?"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate, Saturated
from netlore.scoring.kinds.gradients import gradient_kernel
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

_KERNEL = gradient_kernel("outputs", which="named weight", double=True)
_NOISE = 1e3  # how many times the rounding of one number a sum over weights may be off


@predictor(
    "ntk_condition",
    needs=_KERNEL,
    source="Chen et al. 2021, arXiv:2102.11535; VITA-Group/TENAS:lib/procedures/ntk.py:21-60",
    applies_to="All networks with parameters whose names have 'weight' in them; two images or more.",
    transform="minus_log_minus",
    layers="all parameters whose names have 'weight' in them, those of batch norms too, no biases",
    reduction="ratio of two eigenvalues of sums over weights",
    version=1,
)
def ntk_condition(probe: Probe) -> Tensor:
    """S = -(largest / smallest eigenvalue) of K, K_mn = <g_m, g_n>, g_n = d(sum of image n's logits)/d(weights).

    Published as the ratio, of which less is better. The network sees the batch at once, in float64: the smallest
    eigenvalue may be small enough to drown in the rounding of float32. N backward passes.
    """
    (kernel,) = probe[_KERNEL]
    if not bool(kernel.isfinite().all()):
        return torch.full((), torch.nan)
    if len(kernel) < 2:
        raise Saturated("the kernel of one image has one eigenvalue; give two images or more")
    eigenvalues = torch.linalg.eigvalsh(kernel)
    noise = _NOISE * len(kernel) * torch.finfo(kernel.dtype).eps * eigenvalues[-1]
    if not bool(eigenvalues[0] > noise):
        raise Degenerate("the smallest eigenvalue is rounding noise: gradients of images are zero or dependent")
    ratio: Tensor = eigenvalues[-1] / eigenvalues[0]
    return -ratio
