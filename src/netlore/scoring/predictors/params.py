"""Number of parameters."""

from __future__ import annotations

from torch import Tensor

from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import predictor
from netlore.scoring.predictors.flops import count
from netlore.scoring.probe import Probe


@predictor(
    "params",
    needs=Evidence.COMPLEXITY,
    source="the same for all; as in netlore.complexity",
    applies_to="All networks.",
    layers="all parameters, shared ones once",
    reduction="count",
    version=1,
)
def params(probe: Probe) -> Tensor:
    """S = numbers that the network learns: weights, biases, those of normalisations, embeddings.

    The measure of complexity of that name: both are one column of a table.
    """
    return count(probe.complexity["params"], "parameter")
