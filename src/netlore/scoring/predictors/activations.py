"""Number of activations."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.flops import count
from netlore.scoring.probe import Probe


@predictor(
    "activations",
    needs=Evidence.COMPLEXITY,
    source="Radosavovic et al. 2020, arXiv:2003.13678; facebookresearch/pycls",
    applies_to="All networks that run on one image.",
    layers="all convolutions, linear layers and products of attention",
    reduction="count",
    version=1,
)
def activations(probe: Probe) -> Tensor:
    """S = outputs of all convolutions, linear layers and products of attention for one image.

    The measure of complexity of that name: both are one column of a table.
    """
    return count(probe.complexity.get("activations"), "one of its products")
