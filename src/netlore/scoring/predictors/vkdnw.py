"""VKDNW: a count of parameter tensors, and how even the eigenvalues of a Fisher matrix are."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.scalars import first_entries
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

DERIVATIVES = first_entries(128, View("normal", "kaiming_fan_in", mode="evaluation"))
APPLIES_TO = "Networks that return a logit for each class, and in evaluation mode look at each image alone."
LAYERS = "first entries of the first 128 parameter tensors, biases and normalisations included"
REDUCTION = "number of tensors plus entropy of nine deciles of eigenvalues of a mean over images"
SOURCE = (
    "Tybl and Neumann 2025, arXiv:2502.04975; ondratybl/VKDNW:NB201/ZeroShotProxy/compute_vkdnw_score.py:126-254"
)
_SMOOTHING = 0.05
_TINY = 1e-10


@predictor(
    "vkdnw",
    needs=DERIVATIVES,
    source=SOURCE,
    applies_to=APPLIES_TO,
    transform="identity",
    layers=LAYERS,
    reduction=REDUCTION,
    version=1,
)
def vkdnw(probe: Probe) -> Tensor:
    """S = D + entropy of the deciles .1 to .9, shares of their sum, of F's eigenvalues; F = mean_n (L J)^T (L J).

    D is the number of parameter tensors. J are derivatives of an image's logits, (classes, parameters), by the
    first entry of each of the first 128 of them. L is the lower factor of the classes' covariance,
    L L^T = diag p - p p^T, p = .95 softmax + .05 / classes.

    Differs from the paper's Fisher matrix, J^T L L^T J (`vkdnw_fisher`): this is what the code computes. The
    entropy is at most ln 9, so D alone ranks networks whose numbers of tensors differ by three or more.
    """
    return evenness(probe, lambda factor, jacobian: factor @ jacobian)


def evenness(probe: Probe, joined: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The score, by what of L and J the matrix is made of."""
    (found,) = probe[DERIVATIVES]
    if not bool(found.jacobian.isfinite().all() and found.logits.isfinite().all()):
        return torch.full((), torch.nan)
    rows = joined(_factor(found.logits), found.jacobian)
    fisher = (rows.transpose(1, 2) @ rows).mean(dim=0)
    eigenvalues = torch.linalg.eigvalsh(fisher).clamp(min=0.0)
    deciles = torch.quantile(eigenvalues, torch.arange(1, 10).to(eigenvalues) / 10)
    if not bool(deciles[-1] > torch.finfo(deciles.dtype).eps * eigenvalues[-1]):
        raise Degenerate("nine tenths of the Fisher matrix's eigenvalues are zero or rounding noise")
    shares = deciles / (deciles.sum() + _TINY)
    return found.tensors - (shares * (shares + _TINY).log()).sum()


def _factor(logits: Tensor) -> Tensor:
    """L of each image, (N, classes, classes), in closed form: the covariance is singular."""
    p = (1 - _SMOOTHING) * logits.softmax(dim=1) + _SMOOTHING / logits.shape[1]
    rest = p.flip(1).cumsum(dim=1).flip(1)  # sums from each class on
    behind = torch.nn.functional.pad(rest[:, 1:], (0, 1))
    below = -p[:, :, None] / torch.where(behind == 0, torch.inf, behind)[:, None, :]
    unit = below.tril(-1) + torch.eye(p.shape[1]).to(p)
    return unit * (p * behind / rest).sqrt()[:, None, :]
