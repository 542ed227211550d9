"""A predictor with evidence of its own, gradients over two batches, and a transform for its scores."""

import numpy as np
import torch
import torch.nn.functional as F

import netlore as nl
from netlore.scoring.transforms import Transform


@nl.evidence("gradients_of_batches", batches=2)
def gradients_of_batches(own: nl.OwnPass) -> list[torch.Tensor]:
    """|dL/dW| of every weight matrix or kernel, shape (batches, ...), for each batch by itself."""
    network = own.fresh_network().requires_grad_(True)
    weights = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    losses = (F.cross_entropy(network(images), labels) for images, labels in own.batches)
    gradients = [torch.autograd.grad(loss, weights, materialize_grads=True) for loss in losses]
    return [torch.stack(of_weight).abs() for of_weight in zip(*gradients, strict=True)]


@nl.predictor(
    "ratio", needs=gradients_of_batches, source="Li et al. 2023, arXiv:2301.11300", transform="signed_root"
)
def ratio(probe: nl.Probe) -> torch.Tensor:
    """S = sum over layers of ln sum over weights of mean |g| / std |g|, over the batches; g = dL/dW."""
    of_layers = (
        (g.double().mean(dim=0), g.double().std(dim=0, unbiased=False)) for g in probe[gradients_of_batches]
    )
    return torch.stack([(mean[std > 0] / std[std > 0]).sum().log() for mean, std in of_layers]).sum()


def signed_root(scores: np.ndarray) -> np.ndarray:
    """sign(S) sqrt |S|, for predictors of either sign."""
    return np.sign(scores) * np.sqrt(np.abs(scores))


SIGNED_ROOT = Transform(signed_root, "sign(S) sqrt|S|", np.abs, "|S|")
