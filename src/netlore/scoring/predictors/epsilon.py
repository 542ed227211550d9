"""Epsinas: how far the outputs move if all weights are one constant, then another."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate, Saturated
from netlore.scoring.conditions import Conditions
from netlore.scoring.evidence import evidence
from netlore.scoring.inputs import mapped
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.predictor import predictor
from netlore.scoring.probe import Probe

PAIR = (1e-7, 1.0)
"""Of all weights, one after the other: the authors' for NAS-Bench-201. For NAS-Bench-101 they have (1e-4, 10), for
NAS-Bench-NLP (1e-5, 1e-3)."""

_ROUNDING = 1e-9


@evidence(
    "outputs_of_constant_weights",
    conditions=Conditions(weights="all 1e-07, then all 1; biases 0", mode="training, in float64"),
)
@torch.no_grad()
def outputs_of_constant_weights(own: OwnPass) -> Tensor:
    """Outputs for each of the two constants, float64 (2, N, outputs)."""
    images = mapped(own.images, lambda one: one.double() if one.is_floating_point() else one)
    network = own.fresh_network().double()
    rows = []
    for constant in PAIR:
        _fill(network, constant)
        rows.append(own.outputs(network, images)[0].flatten(1))
    return torch.stack(rows)


def _fill(network: nn.Module, constant: float) -> None:
    """Set weights, those of normalisations and embeddings among them, and biases; other parameters stay."""
    for name, parameter in network.named_parameters():
        own_name = name.rpartition(".")[2]
        if "bias" in own_name:
            parameter.zero_()
        elif "weight" in own_name:
            parameter.fill_(constant)


@predictor(
    "epsilon",
    needs=outputs_of_constant_weights,
    source="Gracheva 2023, arXiv:2302.04406; egracheva/epsinas:NAS-Bench-201/epsinas_utils.py",
    applies_to="Networks whose outputs for equal weights of 1e-07 differ from image to image in float64.",
    layers="all parameters called weight or bias",
    reduction="mean over outputs and images",
    version=1,
)
def epsilon(probe: Probe) -> Tensor:
    """S = mean |a - b| / mean of both, a and b all outputs for weights of 1e-07 and of 1, each scaled to [0, 1].

    The least of each counts nowhere, as in the public code, which takes zeros for missing; here up to rounding,
    for the outputs of all classes are equal but for that. Which two constants there are is part of the definition:
    the authors search a pair for each space. No initial weights have an effect.
    """
    outputs = probe[outputs_of_constant_weights]
    rows = outputs.flatten(1)
    if not bool(rows.isfinite().all()):
        return torch.full((), torch.nan)
    least, most = rows.min(dim=1, keepdim=True).values, rows.max(dim=1, keepdim=True).values
    equal = (most - least <= _ROUNDING * torch.maximum(most.abs(), least.abs())).flatten().tolist()
    if any(equal):
        constant = PAIR[equal.index(True)]
        raise Degenerate(f"with weights of {constant:g} all outputs are equal, so they have no scale")
    scaled = (rows - least) / (most - least)
    counts = scaled > _ROUNDING
    both = counts.all(dim=0)
    if not bool(both.any()):
        raise Degenerate("no output is above the least for both constants")
    if bool((scaled[:, both] > 1 - _ROUNDING).all()):
        raise Saturated(
            "the only outputs above the least for both constants are the largest ones, which are 1 by definition; "
            f"give a larger batch, such as {4 * outputs.shape[1]} images"
        )
    apart = (scaled[0] - scaled[1]).abs()[both].mean()
    return apart / scaled[counts].mean()
