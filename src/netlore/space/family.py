"""Families: what a hyperparameter means. Each turns hyperparameter values into a plan, or into a torch module.

Third parties add a family through the entry-point group `netlore.families`. The import path of a function to torch
modules, `package.module:function`, names a family as well; see `netlore.networks.module_family`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput
from netlore.plugins import Registry, import_object
from netlore.space.plan import Plan, Size

Value = Any
"""Of a hyperparameter: a whole or real number, or the name of a category."""

Words = Mapping[str, tuple[str, str]]


class Family(Protocol):
    """What a family of networks must offer, and `plan` or `build` with it.

    It may also have `categories`, the names of each hyperparameter that is a category, in an order that never
    changes; `reals`, the hyperparameters that are real numbers; `words`, what letters stand for, singular and
    plural, where "depth" is a number of blocks; `place`, what the digits behind letters count if not stages;
    `baselines`, names of architectures that its tables show for comparison; and `string(values)`, an architecture
    as its benchmark writes it.
    """

    @property
    def name(self) -> str:
        """The name that architectures of the family carry."""

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Names of the hyperparameters, in the order in which they are shown."""

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise `InvalidArchitecture` unless the values, as people read them, describe a network."""


class PlanFamily(Family, Protocol):
    """A family whose networks are plans."""

    def plan(self, values: Mapping[str, Any], num_classes: int, channels: int) -> Plan:
        """The network's plan. Values may be arrays of one shape; then so are the plan's sizes. A category is its
        code: its place among the family's names for it."""


class StagedFamily(PlanFamily, Protocol):
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


@runtime_checkable
class ModuleFamily(Protocol):
    """What a family offers whose networks are torch modules and no plans."""

    def build(self, values: Mapping[str, Any], num_classes: int, resolution: int, channels: int) -> Any:
        """The module, with initial weights from torch's global generator."""

    def measure(
        self, values: Mapping[str, Any], num_classes: int, resolution: int, channels: int
    ) -> dict[str, int]:
        """The measures of one network by name: `params`, and `flops` and `activations` for one image."""


_OF_FUNCTIONS = "netlore.networks.module_family:FunctionFamily"


class _Families(Registry[Family]):
    """A function to modules, found by its import path, is a family too."""

    def _checked(self, where: str, entry: Any) -> Family:
        if inspect.isfunction(entry):
            entry = import_object(where, _OF_FUNCTIONS)(entry)
        return super()._checked(where, entry)


FAMILIES: Registry[Family] = _Families(
    "family",
    "netlore.families",
    {
        "anynet": "netlore.space.families.anynet:ANYNET",
        "anynet-printed": "netlore.space.families.anynet:ANYNET_PRINTED",
        "resnet": "netlore.space.families.resnet:RESNET",
        "resnext": "netlore.space.families.resnet:RESNEXT",
        "nats-topology": "netlore.space.families.nats_topology:NATS_TOPOLOGY",
        "transnas-micro": "netlore.space.families.transnas:TRANSNAS_MICRO",
        "transnas-macro": "netlore.space.families.transnas:TRANSNAS_MACRO",
        "mnasnet": "netlore.space.families.mnasnet:MNASNET",
        "anynet-imagenet": "netlore.space.families.anynet_imagenet:ANYNET_IMAGENET",
        "anynet-imagenet-se": "netlore.space.families.anynet_imagenet:ANYNET_IMAGENET_SE",
        "resnet-imagenet": "netlore.space.families.anynet_imagenet:RESNET_IMAGENET",
        "regnet-x": "netlore.space.families.regnet:REGNET_X",
        "regnet-y": "netlore.space.families.regnet:REGNET_Y",
        "nas-bench-macro": "netlore.space.families.nas_bench_macro:NAS_BENCH_MACRO",
        "nats-size": "netlore.space.families.nats_size:NATS_SIZE",
        "autoformer": "netlore.space.families.autoformer:AUTOFORMER",
    },
    lambda entry: hasattr(entry, "hyperparameters") and (hasattr(entry, "plan") or hasattr(entry, "build")),
)


get = FAMILIES.get
"""The family of that name; raises `UnknownName` otherwise."""


def has_plans(name: str) -> bool:
    """Whether networks of the family are plans, so that complexities of many are computed at once."""
    return hasattr(get(name), "plan")


def categories_of(name: str) -> Mapping[str, tuple[str, ...]]:
    """All names of each hyperparameter that the family declares as a category."""
    found: Mapping[str, tuple[str, ...]] = getattr(get(name), "categories", {})
    return found


def words_of(name: str) -> Words:
    """What the letters of a family's hyperparameters stand for; nothing if it is not installed or does not say."""
    found: Words = _said(name, "words", {})
    return found


def place_of(name: str) -> str:
    """What the digits of a family's hyperparameters count: "stage", as in "width of stage 2", or its own word."""
    return str(_said(name, "place", "stage"))


def baselines_of(name: str) -> tuple[str, ...]:
    """Names of architectures that tables show next to those of a family."""
    return tuple(_said(name, "baselines", ()))


def _said(name: str, what: str, otherwise: Any) -> Any:
    try:
        return getattr(get(name), what, otherwise)
    except InvalidInput:
        return otherwise


def string_of(name: str, values: Mapping[str, Any]) -> str:
    """An architecture as the family's benchmark writes it; empty if there is no such form."""
    write: Callable[[Mapping[str, Any]], str] | None = getattr(get(name), "string", None)
    return write(values) if write is not None else ""


def plan_of(name: str, values: Mapping[str, Any], num_classes: int, channels: int) -> Plan:
    """The plan of a family for values as people read them; they may be arrays of one shape.

    Raises:
        InvalidInput: Networks of the family are no plans.
    """
    family = get(name)
    if not has_plans(name):
        raise InvalidInput(f"the family {name} makes torch modules, which have no plan; use another family here.")
    return cast("PlanFamily", family).plan(coded(family, values), num_classes, channels)


def coded(family: Family, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with codes for the names of categories; they may be arrays of one shape."""
    names: Mapping[str, tuple[str, ...]] = getattr(family, "categories", {})
    return {one: _codes(value, names[one]) if one in names else value for one, value in values.items()}


def _codes(names: Any, known: tuple[str, ...]) -> Size:
    """The place of each name among all."""
    if isinstance(names, str):
        return known.index(names)
    order = np.argsort(known)
    found: NDArray[np.int64] = order[np.searchsorted(np.asarray(known)[order], names)]
    return found
