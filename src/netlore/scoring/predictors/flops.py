"""Number of multiply-adds, which any other predictor should be better than."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe


@predictor(
    "flops",
    needs=Evidence.COMPLEXITY,
    source="Radosavovic et al. 2020, arXiv:2003.13678; facebookresearch/pycls",
    applies_to="All networks that run on one image.",
    layers="all convolutions, linear layers and products of attention",
    reduction="count",
    version=1,
)
def flops(probe: Probe) -> Tensor:
    """S = multiply-adds of all convolutions, linear layers and products of attention for one image.

    The measure of complexity of that name: both are one column of a table.
    """
    return count(probe.complexity.get("flops"), "multiply-add")


def count(found: int | None, of: str) -> Tensor:
    """A count as a score.

    Raises:
        Degenerate: It is not known, or zero.
    """
    if found is None:
        raise Degenerate("the network does not run on one image alone")
    if found == 0:
        raise Degenerate(f"the network has no {of}")
    return torch.tensor(found, dtype=torch.float64)
