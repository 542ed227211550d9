"""Design spaces and predictors for refinements that are quick and known."""

from __future__ import annotations

import pandas as pd
from torch import Tensor

import netlore as nl
from netlore.errors import Degenerate
from netlore.refinement.result import Refinement
from netlore.scoring.probe import Probe

LIMITS = {"d": (1, 4), "w": (4, 16), "g": (2, 2), "b": (1, 1)}


SPACE = nl.anynet(flops=(1e6, 3.5e6)).restrict(
    {f"{k}{i}": limits for k, limits in LIMITS.items() for i in (1, 2, 3)}
)


NETWORKS = 16


def fixed(**free: tuple[int, int]) -> nl.DesignSpace:
    """A space in which all is fixed but what is named."""
    limits = {
        f"{name}{i}": (value, value) for name, value in (("d", 1), ("w", 4), ("g", 2), ("b", 1)) for i in (1, 2, 3)
    }
    return nl.anynet().restrict({**limits, **free})


@nl.predictor("fickle", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test", transform="identity")
def fickle(probe: Probe) -> Tensor:
    """The log of synaptic flow, but for a third of the networks."""
    flow = probe.log_synaptic_flow
    if int(flow.item() * 1e6) % 3 == 0:
        raise Degenerate("the sixth digit is unlucky")
    return flow


@nl.predictor("hopeless", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test", transform="identity")
def hopeless(probe: Probe) -> Tensor:
    """No score at all."""
    raise Degenerate("nothing is good enough")


@nl.predictor("shallow", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test", transform="identity")
def shallow(probe: Probe) -> Tensor:
    """Prefers little flow."""
    return -probe.log_synaptic_flow


def frames(found: Refinement) -> list[pd.DataFrame]:
    """The long tables of all rounds, but for their durations."""
    return [one.table.frame.drop(columns="seconds") for one in found.rounds]
