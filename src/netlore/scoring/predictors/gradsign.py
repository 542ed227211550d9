"""GradSign: do the gradients of different images have the same signs?"""

from __future__ import annotations

from torch import Tensor

from netlore.errors import Saturated
from netlore.scoring.conditions import LINEAR_MAPS
from netlore.scoring.kinds.gradients import image_gradients
from netlore.scoring.predictor import WEIGHTED, predictor
from netlore.scoring.probe import Probe, sum_over_layers

GRADIENTS = image_gradients(apart=True)
APPLIES_TO = f"{WEIGHTED}, and whose batch norms see several positions of one image."


@predictor(
    "gradsign",
    needs=GRADIENTS,
    source="Zhang and Jia 2022, arXiv:2110.08616; "
    "cmu-catalyst/GradSign:zero-cost-nas-code/foresight/pruners/measures/grad_conflict.py:28-71",
    applies_to=APPLIES_TO,
    layers=LINEAR_MAPS,
    reduction="sum over weights of sizes of sums over images",
    version=1,
)
def gradsign(probe: Probe) -> Tensor:
    """S = sum over weights of |sum over images n of sign(dL_n/dW)|, L_n the loss of image n.

    The network sees each image alone, so that batch norms use its own statistics. If signs were random, S would be
    the number of weights times sqrt(2 N / pi): to first order it counts weights, which `gradsign_mean` does not.
    """
    return agreement(probe)[0]


def agreement(probe: Probe) -> tuple[Tensor, int]:
    """That sum, and the number of weights."""
    (gradients,) = probe[GRADIENTS]
    if len(gradients.norms) < 2:
        raise Saturated("one image always agrees with itself; give two images or more")
    signs = gradients.signs.values()
    return sum_over_layers(one.abs() for one in signs), sum(one.numel() for one in signs)
