"""Log-determinant of activation patterns: do different images switch different ReLUs on?"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe


@predictor(
    "logdet",
    needs=Evidence.ACTIVATION_KERNEL,
    source="Mellor et al. 2021, arXiv:2006.04647",
    applies_to="Networks of activations with two states, on each side of zero, such as ReLU, GELU and SiLU.",
    transform="identity",
    layers="all activations with codes",
    reduction="logarithm of one determinant",
    version=1,
)
def logdet(probe: Probe) -> Tensor:
    """S = ln det K, K_ij = N_A - d_H(c_i, c_j), c_i the binary code of all N_A ReLUs for image i."""
    kernel = probe.activation_kernel
    if not probe.is_finite(Evidence.ACTIVATION_KERNEL):
        # Comparisons with NaN are false, so there would be codes and a finite number.
        return torch.full((), torch.nan)
    if probe.relu_count == 0:
        raise Degenerate("the network calls no ReLU, so images have no activation codes")
    value = log_determinant(kernel)
    if value is None:
        raise Degenerate("images have equal or dependent activation codes, so the kernel matrix is singular")
    return value


def log_determinant(kernel: Tensor) -> Tensor | None:
    """ln det K of numbers of units in the same state, or None if K is singular."""
    off_diagonal = kernel - torch.diag(kernel.diagonal())
    # Rounding can make a large finite number of the logarithm of a singular matrix's determinant.
    singular = torch.linalg.matrix_rank(kernel, hermitian=True) < len(kernel)
    if bool((off_diagonal >= kernel[0, 0]).any()) or bool(singular):
        return None
    value: Tensor = torch.linalg.slogdet(kernel).logabsdet
    return value
