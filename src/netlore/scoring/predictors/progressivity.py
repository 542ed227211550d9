"""AZ-NAS's progressivity: does expressivity grow from block to block?"""

from __future__ import annotations

from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.expressivity import AZ_NAS, SIGNALS, WITH_BLOCKS, entropies
from netlore.scoring.probe import Probe


@predictor(
    "progressivity",
    needs=SIGNALS,
    source=AZ_NAS,
    applies_to=f"{WITH_BLOCKS}; two features or more.",
    transform="identity",
    layers="outputs of blocks, and what the first one is given",
    reduction="least difference between features",
    version=1,
)
def progressivity(probe: Probe) -> Tensor:
    """S = min over blocks of s_l - s_(l-1), s_l the entropy of feature l as in `expressivity`; of either sign."""
    (signals,) = probe[SIGNALS]
    differences = entropies(signals).diff()
    if not len(differences):
        raise Degenerate("the network has one feature, so that there is nothing to compare it with; name blocks")
    return differences.min()
