"""Trace of the neural tangent kernel: how far does a step of training move the outputs?"""

from __future__ import annotations

from torch import Tensor

from netlore.errors import Degenerate
from netlore.scoring.kinds.gradients import image_gradients
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe

_GRADIENTS = image_gradients("label", which="layers with biases")


@predictor(
    "ntk_trace",
    needs=_GRADIENTS,
    source="Shu et al. 2022, arXiv:2201.09785; shuyao95/HNAS:foresight/pruners/measures/ntk_trace.py:28-45",
    applies_to=f"{WEIGHTED}, and that return a logit for each class.",
    layers="weights and biases of convolutions, linear layers, and projections in attention and recurrent layers",
    reduction="root of the mean over images of sums over parameters",
    version=1,
)
def ntk_trace(probe: Probe) -> Tensor:
    """S = sqrt(trace K / N), K_nn = |g_n|^2, g_n = d(logit of image n's class)/d(weights and biases).

    The network sees the batch at once. N backward passes where batch norms couple the images: the public code goes
    backward once, for the sum of all N logits, and takes an image's part in its gradient for the gradient of the
    image's logit, which it is only where nothing couples them.
    """
    (gradients,) = probe[_GRADIENTS]
    if not bool(gradients.norms.any()):
        raise Degenerate("no image's logit depends on any weight that is looked at")
    return gradients.norms.square().mean().sqrt()
