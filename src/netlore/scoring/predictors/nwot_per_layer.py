"""NASWOT layer by layer."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.features import activation_codes
from netlore.scoring.passes.relu_codes import agreements
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.logdet import log_determinant
from netlore.scoring.probe import Probe

_CODES = activation_codes()


@predictor(
    "nwot_per_layer",
    needs=_CODES,
    source="Mellor et al. 2021, arXiv:2006.04647; iViolinSolo/zero-cost-proxies:naswot.py:23-79",
    applies_to="Networks of activations with two states, on each side of zero, such as ReLU, GELU and SiLU.",
    transform="identity",
    layers="each call of an activation with codes, of as many units as tell all images apart",
    reduction="sum over calls of the logarithm of one determinant each",
    version=1,
)
def nwot_per_layer(probe: Probe) -> Tensor:
    """S = sum over calls of activations of ln det K, K_ij the call's units in the same state for images i and j.

    A call with a singular K, as of fewer units than images, does not count, and the score's note says how many
    those are: they are not the same for all networks. The public code takes the outputs of convolutions and linear
    layers, before batch norm and in evaluation mode, for activations, and 0 for the logarithm of 0.
    """
    (codes,) = probe[_CODES]
    if not probe.is_finite(_CODES):
        # Comparisons with NaN are false, so there would be codes and a finite number.
        return torch.full((), torch.nan)
    logarithms = [log_determinant(agreements(one)) for one in codes]
    regular = [one for one in logarithms if one is not None]
    if not regular:
        raise Degenerate("images have equal or dependent codes in each activation, so all kernels are singular")
    missing = len(logarithms) - len(regular)
    probe.remark(f"{missing} of {len(logarithms)} activations have singular kernels" if missing else "")
    return torch.stack(regular).sum()
