"""SWAP: in how many ways do units respond to the images? And its form that prefers a number of parameters."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from netlore.errors import InvalidInput, Saturated
from netlore.scoring.conditions import NOTHING
from netlore.scoring.evidence import evidence
from netlore.scoring.expressions import written
from netlore.scoring.kinds.patterns import distinct_patterns
from netlore.scoring.kinds.view import View
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.predictor import Predictor, predictor
from netlore.scoring.probe import Probe

_PATTERNS = distinct_patterns("units", View(initialisation="normal", draws=32, images=16))
_APPLIES_TO = "Networks of images whose activations have two states; at least 16 images."
_LAYERS = "activations of shape (N, C, H, W)"
_REDUCTION = "mean over draws of the number of distinct patterns"
_SOURCE = "Peng et al. 2024, arXiv:2403.04161; pym1024/SWAP:src/metrics/swap.py:"


@predictor(
    "swap",
    needs=_PATTERNS,
    source=f"{_SOURCE}17-94",
    applies_to=_APPLIES_TO,
    layers=_LAYERS,
    reduction=_REDUCTION,
    version=1,
)
def swap(probe: Probe) -> Tensor:
    """S = mean over 32 draws of N(0, 1) weights of the number of distinct columns of the codes of 16 images.

    A unit's column says for which of the images it is on; units are those of activations of shape (N, C, H, W).
    """
    return _mean_count(probe)


def _mean_count(probe: Probe) -> Tensor:
    found = probe[_PATTERNS]
    if all(one.distinct == one.units for one in found):
        raise Saturated(
            f"each of {found[0].units:,} units has a pattern of its own, so S is their number; give larger images"
        )
    if all(one.distinct == 2**one.images for one in found):
        raise Saturated(
            f"the units show all {2 ** found[0].images:,} patterns that there are; give smaller images"
        )
    return torch.tensor([one.distinct for one in found], dtype=torch.float64).mean()


@evidence("thousands_of_parameters", conditions=NOTHING)
def _thousands(own: OwnPass) -> float:
    """Parameters / 1000, without those of auxiliary heads."""
    named = own.fresh_network().named_parameters()
    return sum(one.numel() for name, one in named if "auxiliary" not in name) / 1000


def reg_swap(mu: float, sigma: float) -> Predictor:
    """SWAP times a factor that is 1 for networks of `mu` thousand parameters and smaller for others.

    The two numbers have to be chosen for a design space; its authors chose them by hand for each.

    Args:
        mu: Thousands of parameters that are preferred.
        sigma: How far from them networks may be, in squares of thousands of parameters.

    Raises:
        InvalidInput: `mu` is no number of parameters, or `sigma` is not positive.
    """
    if not (math.isfinite(mu) and mu >= 0 and math.isfinite(sigma) and sigma > 0):
        raise InvalidInput(f"mu = {mu} and sigma = {sigma} give no factor; mu must be 0 or more, sigma positive.")

    def regularised(probe: Probe) -> Tensor:
        """S = swap * exp(-(P - mu)^2 / sigma), P the number of parameters in thousands."""
        return _mean_count(probe) * math.exp(-((probe[_thousands] - mu) ** 2) / sigma)

    made = predictor(
        "reg_swap",
        needs=_PATTERNS | _thousands,
        source=f"{_SOURCE}7-12",
        applies_to=f"{_APPLIES_TO} mu and sigma belong to a design space.",
        layers=_LAYERS,
        reduction=f"{_REDUCTION}, times a factor of the number of parameters",
        version=1,
    )(regularised)
    return replace(made, name=f"reg_swap(mu={written(mu)}, sigma={written(sigma)})")
