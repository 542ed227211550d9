"""Synaptic flow with batch norm left active, as some public code has it."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.kinds.positive import positive_flow
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe, sum_over_layers

_FLOW = positive_flow(norms=True)


@predictor(
    "synflow_bn",
    needs=_FLOW,
    source="automl/NASLib:naslib/predictors/utils/pruners/measures/synflow.py:22-68; "
    "Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to=(
        "Networks of images with more than one position in each batch norm. For comparison with published scores: "
        "no sum over paths, unless there is no normalisation at all."
    ),
    layers=LINEAR_MAPS,
    reduction="sum over weights",
    version=1,
)
def synflow_bn(probe: Probe) -> Tensor:
    """S = sum |W dR/dW| over convolutions and linear layers, normalisations included; R as in synflow.

    A batch norm in training mode sees one image of ones, whose positions differ at the borders alone, and
    normalises each channel by them. What is left is not what flows along paths.
    """
    (flows,) = probe[_FLOW]
    return sum_over_layers((one.weight * one.gradient).abs() for one in flows.values())
