"""InTrain: how many directions features fill, and how even gradients are."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.kinds.spectra import layer_traces
from netlore.scoring.kinds.view import View
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe

TRACES = layer_traces(View(inputs="normal", images=64, resolution=64))
_EPSILON = 1e-8


@predictor(
    "intrain",
    needs=TRACES,
    source="InTrain, CVPR 2026, from notes of its readers: no code is published",
    applies_to=f"{WEIGHTED}, for 64x64 pixels.",
    layers=LINEAR_MAPS,
    reduction="sum over layers of logarithms, times one more than a sum over weights' tensors, by ln(layers + 1)",
    version=1,
)
def intrain(probe: Probe) -> Tensor:
    """S = (1 + o) / ln(L + 1) * sum over L layers of ln((tr C)^2 / tr C^2), o = sum of min(1, std g / max |g|).

    C is the covariance of the channels that a layer returns, over images and positions; g = dL/dW of a layer's
    weight W, with std and max over its entries, and 1e-8 is added to max |g|. Images are from N(0, 1), labels
    those of the batch in turns, which have nothing to do with them. Layers are calls of convolutions and linear
    layers; biases and norms do not count, since a bias in front of a batch norm has a gradient of rounding alone.
    """
    (found,) = probe[TRACES]
    if bool((found.trace == 0).any()):
        raise Degenerate("a layer returns the same for all images and positions")
    dimensions = (found.trace.square() / found.of_square).log().sum()
    evenness = torch.stack([_evenness(g.double()) for g in found.gradients.values()]).sum()
    return (1 + evenness) * dimensions / math.log(len(found.trace) + 1)


def _evenness(g: Tensor) -> Tensor:
    return (g.std(correction=0) / (g.abs().max() + _EPSILON)).clamp(max=1.0)
