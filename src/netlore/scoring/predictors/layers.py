"""How many weighted layers there are."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.predictors.flops import count
from netlore.scoring.probe import Probe


@predictor(
    "layers",
    needs=Evidence.DEPTH,
    source="Tybl and Neumann 2025 (VKDNW), table 1; as in netlore.space.depth",
    applies_to=f"{WEIGHTED}, but for recurrent layers.",
    layers=LINEAR_MAPS,
    reduction="count",
    version=1,
)
def layers(probe: Probe) -> Tensor:
    """S = all convolutions and linear layers, shared ones once, those on no way to the output included."""
    return count(int(probe.depth.layers), "convolution or linear layer")
