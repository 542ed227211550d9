"""How many weighted layers follow one another."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.predictors.flops import count
from netlore.scoring.probe import Probe


@predictor(
    "depth",
    needs=Evidence.DEPTH,
    source="the same for all; as in netlore.space.depth",
    applies_to=f"{WEIGHTED}, but for recurrent layers, whose depth is the length of their input.",
    layers=LINEAR_MAPS,
    reduction="count along the longest way",
    version=1,
)
def depth(probe: Probe) -> Tensor:
    """S = convolutions and linear layers on the longest way from input to output.

    A layer that is called twice on it counts twice; a projection beside a block of three convolutions does not
    count. Numbers of blocks, which papers call depths as well, are hyperparameters of families.
    """
    return count(int(probe.depth.depth), "way from input to output through a convolution or linear layer")
