"""The forward pass with tangents along the weights, and the backward passes while they are there."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from netlore.errors import NetloreError
from netlore.scoring.passes.derivatives import caught, constant
from netlore.scoring.passes.forward import Examined, ForwardPass
from netlore.scoring.passes.hessian import raise_for_good, split


@dataclass(frozen=True, eq=False)
class AlongWeights:
    """What such passes found.

    Attributes:
        forward: The forward pass; its tangents are gone.
        gradients: dL/dp of all marked parameters, by name.
        curvature: <g, H W>, which is W^T H g, a scalar.
        jacobian: Gradients of the outputs' sum by the inputs, if they were wanted, or why there are none; None if
            a graph without tangents may still give them.
    """

    forward: ForwardPass
    gradients: dict[str, Tensor]
    curvature: Tensor
    jacobian: Tensor | NetloreError | None


def along_weights(examined: Examined, layout: torch.memory_format, jacobian: bool, keep: bool) -> AlongWeights:
    """The passes of the Jacobian, if it is wanted, and of the loss with tangents along the weights.

    In this order the pass of the loss, after which there are gradients and tangents of all weights, frees the
    graph on its way, unless that is to be kept. Large networks forget parts of it, if they can.
    """
    if "limit" not in examined.steps:
        forward = ForwardPass(examined, layout, forgetful=True)
        try:
            return _along_weights(forward, jacobian, keep)
        except Exception as error:
            raise_for_good(error)
            if not forward.forgot:
                raise
        del forward
    return _along_weights(ForwardPass(examined, layout), jacobian, keep)


def _along_weights(forward: ForwardPass, jacobian: bool, keep: bool) -> AlongWeights:
    rows: Tensor | Exception | None = None
    weights = {name: weight.detach() for name, weight in forward.weights.items()}
    with forward.with_tangents(weights):
        forward.run()
        if jacobian:
            with constant():
                rows = caught(lambda: forward.jacobian(keep=True))
        gradients, tangents = split(forward.gradients_of_loss(keep))
        forward.check()
    moving = [name for name in weights if name in tangents]
    terms = [(gradients[name] * tangents.pop(name)).sum(dtype=torch.float64) for name in moving]
    curvature = torch.stack(terms).sum() if terms else torch.zeros((), dtype=torch.float64)
    found = rows if isinstance(rows, Tensor | NetloreError) else None
    return AlongWeights(forward, gradients, curvature, found)
