"""The logarithm of synaptic flow, for networks of any depth."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe


@predictor(
    "log_synflow",
    needs=Evidence.SYNAPTIC_FLOW,
    source="Tanaka et al. 2020, arXiv:2006.05467; Abdelfattah et al. 2021, arXiv:2101.08134",
    applies_to=(
        "Sequences and sums of layers with ReLU-like activations; behind gates or softmax it is no sum over paths."
    ),
    transform="identity",
    layers=LINEAR_MAPS,
    reduction="logarithm of the sum over weights",
    version=1,
)
def log_synflow(probe: Probe) -> Tensor:
    """S = ln of synflow, formed without the sum itself, so that no depth overflows."""
    return probe.log_synaptic_flow
