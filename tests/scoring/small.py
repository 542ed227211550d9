"""Tasks and predictors that score quickly."""

from __future__ import annotations

import torch
from torch import Tensor

import netlore as nl
from netlore.scoring.probe import Probe

TINY = (
    nl.architecture("resnet", {"d1": 1, "d2": 1, "d3": 1, "w1": 2, "w2": 3, "w3": 4}),
    nl.architecture("resnet", {"d1": 1, "d2": 1, "d3": 1, "w1": 4, "w2": 2, "w3": 4}),
    nl.architecture("resnet", {"d1": 2, "d2": 1, "d3": 1, "w1": 2, "w2": 2, "w3": 2}),
)


CHEAP = ("snip", "logdet", "log_synflow")


@nl.predictor("dislikes_depth", needs=nl.Evidence.LOSS_GRADIENT, source="a test", transform="identity")
def dislikes_depth(probe: Probe) -> Tensor:
    """S = number of layers; raises beyond eleven."""
    layers = len(probe.loss_gradient)
    if layers > 10:
        raise RuntimeError(f"too deep\n{layers} layers")
    return torch.tensor(float(layers))
