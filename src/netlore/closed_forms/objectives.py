"""Objectives that add up over the parts of a network, and stand for scores of predictors.

Other packages add objectives through the entry-point group `netlore.objectives`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlore.analysis import Floats
from netlore.closed_forms.synaptic_flow import log_gain
from netlore.plugins import Registry
from netlore.space.complexity import MEASURES
from netlore.space.plan import Plan


@dataclass(frozen=True)
class Objective:
    """What is to be high.

    Attributes:
        name: The predictor that it stands for.
        label: What a table or figure is headed with.
        stands: What it is, in words.
        compute: From a plan and a resolution in pixels to the value. The sizes of a plan may be integer arrays;
            then so is the value. The parts of a chain add up, each at the resolution at which it starts.
        unit: Values count in whole units, so that networks whose values are equal but for rounding are tied.
    """

    name: str
    label: str
    stands: str
    compute: Callable[[Plan, int], Any]
    unit: float = 1.0

    def in_units(self, plan: Plan, resolution: int) -> Any:
        """Values as whole numbers of units."""
        return np.rint(np.asarray(self.compute(plan, resolution)) / self.unit).astype(np.int64)


def _log_gain(plan: Plan, resolution: int) -> Floats:
    return log_gain(plan)


SYNFLOW = Objective(
    "synflow",
    "ln of the mean signal",
    "ln of the mean of a logit of the network of absolute weights, borders of images aside: what of ln S adds up "
    "over stages",
    _log_gain,
    unit=1e-6,
)
LOGDET = Objective(
    "logdet",
    "activations",
    "the number of activations, whose ranks are nearly those of logdet; it is no formula of logdet",
    MEASURES.get("activations").compute,
)


OBJECTIVES: Registry[Objective] = Registry(
    "closed form that adds up over stages",
    "netlore.objectives",
    {
        "synflow": "netlore.closed_forms.objectives:SYNFLOW",
        "log_synflow": "netlore.closed_forms.objectives:SYNFLOW",
        "logdet": "netlore.closed_forms.objectives:LOGDET",
    },
    lambda entry: isinstance(entry, Objective),
)
"""By the name of the predictor that each stands for."""
