"""Families: what a hyperparameter means. Each turns hyperparameter values into a plan.

Third parties add a family through the entry-point group `netlore.families`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from netlore.errors import InvalidArchitecture
from netlore.plugins import Registry
from netlore.space.architecture import Architecture
from netlore.space.module import FAMILY, ModuleArchitecture
from netlore.space.plan import Plan, Size


class Family(Protocol):
    """What a family of networks must offer."""

    @property
    def name(self) -> str:
        """The name that architectures of the family carry."""

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Names of the hyperparameters, in the order in which they are shown."""

    def check(self, values: Mapping[str, int]) -> None:
        """Raise `InvalidArchitecture` unless the values describe a network."""

    def plan(self, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """The network's plan. Values may be integer arrays; then so are the plan's sizes."""


class StagedFamily(Family, Protocol):
    """A family whose plan is a chain of segments that touch only at a width.

    This is what lets `cardinality_within_budget` count billions of architectures: a segment's complexity
    depends on its own hyperparameters and on one value of the segment before it.
    """

    def segments(self) -> tuple[tuple[str, ...], ...]:
        """For each stage, its own hyperparameters. The first segment has the stem, the last the head."""

    def interface(self, stage: int) -> str:
        """The hyperparameter of that stage on which the next stage's complexity depends."""

    def segment_plan(self, stage: int, values: Mapping[str, Size], num_classes: int, channels: int) -> Plan:
        """The plan of one stage's segment, from its own values and the interface value before it."""

    def segment_resolution(self, stage: int, resolution: int) -> int:
        """Resolution at which that segment starts."""


FAMILIES: Registry[Family] = Registry(
    "family",
    "netlore.families",
    {
        "anynet": "netlore.space.families.anynet:ANYNET",
        "anynet-printed": "netlore.space.families.anynet:ANYNET_PRINTED",
        "resnet": "netlore.space.families.resnet:RESNET",
        "resnext": "netlore.space.families.resnet:RESNEXT",
    },
    lambda entry: hasattr(entry, "plan") and hasattr(entry, "hyperparameters"),
)


get = FAMILIES.get
"""The family of that name; raises `UnknownName` otherwise."""


def architecture(family: str, values: Mapping[str, Any]) -> Architecture:
    """A checked architecture of any family, or what is known of a module.

    Raises:
        UnknownName: No such family.
        InvalidArchitecture: The values do not describe a network of the family.
    """
    if family == FAMILY:
        return ModuleArchitecture.from_document(values)
    made = Architecture.from_values(family, values, get(family).hyperparameters)
    check(made)
    return made


def check(architecture: Architecture) -> None:
    """Raise `InvalidArchitecture` unless the architecture's values describe a network of its family."""
    if isinstance(architecture, ModuleArchitecture):
        raise InvalidArchitecture(
            f"{architecture} is a torch module, which no family of netlore describes; it can be scored, by "
            "netlore score --module, and its scores can be reported."
        )
    get(architecture.family).check(architecture.values)
