"""Fisher information of channels."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe, sum_over_layers


@predictor(
    "fisher",
    needs=Evidence.CHANNEL_SALIENCY,
    source="Theis et al. 2018, arXiv:1801.05787; Turner et al. 2020, arXiv:1906.04113; "
    "Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to="Networks of convolutions and linear layers that return a row, or several, for each image.",
    layers=LINEAR_MAPS,
    reduction="sum over layers and channels of means over images of squares",
    version=1,
)
def fisher(probe: Probe) -> Tensor:
    """S = sum over layers and channels of fan-in * 0.5 * mean_n (sum over positions of a dL/da)^2.

    a is the layer's output, before batch norm. The fan-in is the number of weights that a channel has of its own.

    Differs from the paper's section III-E, which prints a score per parameter (`fisher_parameter`): this is what
    the code behind its numbers computes.
    """
    return sum_over_layers(
        0.5 * (layer.weight.numel() // saliency.shape[1]) * saliency.square().mean(dim=0)
        for layer, calls in probe.channel_saliency.items()
        for saliency in calls
    )
