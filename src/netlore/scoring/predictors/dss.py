"""DSS of TF-TAS, for vision transformers: synaptic diversity of attention and saliency of the rest."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.kinds.positive import Flow, positive_flow
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe, sum_over_layers

_FLOW = positive_flow(norms=True)


@predictor(
    "dss",
    needs=_FLOW,
    source="Zhou et al. 2022, arXiv:2203.12217; decemberzhou/TF_TAS:lib/training_free/indicators/dss.py, repaired",
    applies_to="Transformers. Layer norms, softmax and GELU stay, so that it is no sum over paths.",
    layers=LINEAR_MAPS,
    reduction="sum over attention's layers of a product of nuclear norms, and over all other weights",
    version=2,
)
def dss(probe: Probe) -> Tensor:
    """S = sum over attention's layers of ||W||_* ||dR/dW||_*, plus sum |W dR/dW| over all other weights.

    R is that of synflow_bn, ||.||_* the sum of singular values. Attention's are projections to queries, keys and
    values, and linear layers of as many outputs as inputs, unless the network's output is theirs. In the public
    code weights are slices of a supernet's, which get no gradient, so that all terms but the classifier's are
    zero; here a slice counts as a layer. And it takes any layer of 1,000 outputs for the classifier.
    """
    (flows,) = probe[_FLOW]
    if not any(one.is_projection for one in flows.values()):
        raise Degenerate("the network has no attention with projections to queries, keys and values")
    return sum_over_layers(map(_term, flows.values()))


def _term(one: Flow) -> Tensor:
    weight, gradient = _used(one) if one.weight.ndim == 2 else (one.weight, one.gradient)
    square = weight.ndim == 2 and weight.shape[0] == weight.shape[1]
    if one.is_projection or (square and not one.gives_output):
        product: Tensor = torch.linalg.svdvals(weight).sum() * torch.linalg.svdvals(gradient).sum()
        return product
    return (weight * gradient).abs()


def _used(one: Flow) -> tuple[Tensor, Tensor]:
    """Weight and gradient without the last rows and columns that take no part, as those beyond a slice of a
    supernet's.

    Zeros before them are no such rows: where softmax sees equal inputs, gradients of queries and keys are zero up
    to rounding, which differs between processors.
    """
    parts = one.gradient != 0
    rows, columns = (_last(parts.any(dim=1 - side)) for side in (0, 1))
    return one.weight[:rows, :columns], one.gradient[:rows, :columns]


def _last(present: Tensor) -> int:
    """How many there are up to the last that is true."""
    places = present.nonzero()
    return int(places.max()) + 1 if len(places) else 0
