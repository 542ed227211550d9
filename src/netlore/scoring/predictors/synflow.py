"""Synaptic flow, which needs no data."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe


@predictor(
    "synflow",
    needs=Evidence.SYNAPTIC_FLOW,
    source="Tanaka et al. 2020, arXiv:2006.05467; Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to=(
        "Sequences and sums of layers with ReLU-like activations; behind gates or softmax it is no sum over paths."
    ),
    layers=LINEAR_MAPS,
    reduction="sum over weights",
    version=1,
)
def synflow(probe: Probe) -> Tensor:
    """S = sum |W dR/dW| over convolutions and linear layers; R is the sum of logits for one image of ones.

    Parameters and buffers are replaced by their absolute values, batch norm is skipped, and all is float64.
    Beyond some hundred blocks S exceeds float64; `log_synflow` does not.
    """
    return probe.log_synaptic_flow.exp()
