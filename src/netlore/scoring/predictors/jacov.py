"""Jacobian covariance: do different images get different local linear maps?"""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

_K = 1e-5  # the paper's constant for numerical stability


@predictor(
    "jacov",
    needs=Evidence.INPUT_JACOBIAN,
    source="Mellor et al. 2020, arXiv:2006.04647v1; Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to=(
        "Networks that can be differentiated by their inputs, which token ids cannot; two images or more."
    ),
    transform="minus_log_minus",
    layers="inputs",
    reduction="sum over eigenvalues",
    version=1,
)
def jacov(probe: Probe) -> Tensor:
    """S = -sum_i [ln(v_i + k) + 1 / (v_i + k)], v the eigenvalues of the Jacobian's row correlations.

    Row n is the gradient of the sum of all logits with respect to image n; k = 1e-5. At most -N, for N
    uncorrelated images.
    """
    found = correlations(probe)
    if not bool(found.isfinite().all()):
        # An eigenvalue solver refuses such a matrix; the score is not finite either way.
        return torch.full((), torch.nan)
    # The matrix is symmetric: eigvalsh keeps its eigenvalues real, which a general solver does not.
    eigenvalues: Tensor = torch.linalg.eigvalsh(found)
    return -((eigenvalues + _K).log() + (eigenvalues + _K).reciprocal()).sum()


def correlations(probe: Probe) -> Tensor:
    """Correlations of the rows of the Jacobian, float64 (N, N).

    Raises:
        Degenerate: A row is constant.
    """
    rows = probe.input_jacobian.double()
    rows = rows - rows.mean(dim=1, keepdim=True)
    norms = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
    if bool(norms.isfinite().all()) and bool((norms == 0).any()):
        raise Degenerate(
            "the sum of the logits does not depend on some image, so its row of the Jacobian has no correlations"
        )
    rows = rows / norms
    found: Tensor = rows @ rows.T
    return found
