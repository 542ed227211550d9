"""FLOPs, parameters and activations of a network: a fold over its plan.

The convention is pycls's and the one behind the paper's Table II:

- FLOPs are multiply-adds of convolutions, linear layers and attention's two products; biases count (`w * n + n`
  for a classifier), norms, activations and pools count zero;
- parameters are all numbers that are learned: weights, biases, two per channel of a norm, embeddings;
- activations are the outputs of convolutions, linear layers and attention's products.

Other packages add measures through the entry-point group `netlore.measures`; each is a function of a plan. Those
of `netlore.space.memory` come with netlore; `netlore.space.device_table` makes some of tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.plugins import Registry
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.family import ModuleFamily, get, has_plans, plan_of
from netlore.space.plan import Plan, Size, count_layers
from netlore.space.totals import Complexity as Complexity
from netlore.space.totals import Value, total

Compute = Callable[[Plan, int], Size]
OfValues = Callable[[str, Mapping[str, Any], int], Size]


@dataclass(frozen=True)
class Measure:
    """A measure of complexity: a whole number that a network's plan and the resolution of its images determine.

    Attributes:
        name: Its name in budgets, and its column in tables.
        label: What a table or a figure is headed with ("Parameters").
        unit: What is counted, in the plural, as it follows a number ("parameters").
        compute: From a plan and a resolution in pixels to the value: an integer of 0 or more, for one image. The
            sizes of a plan may be integer arrays; then so is the value, and arithmetic does both.
        additive: Whether the parts of a chain add up to the whole, each at the resolution at which it starts. Then
            architectures within a budget can be counted stage by stage.
        always: Whether every table has its column; else those tables have it that ask for it, or whose networks
            have a budget of it.
        steps: Steps of which its unit consists. `compute` gives whole steps, and values are multiples of
            1 / steps: real numbers if there is more than one.
        of_values: Of a table of architectures, in place of `compute`: from a family, hyperparameters as people
            read them, and a resolution to the value, in steps.
    """

    name: str
    label: str
    unit: str
    compute: Compute
    additive: bool = False
    always: bool = True
    steps: int = 1
    of_values: OfValues | None = None


@validated
def measure(
    name: str, *, label: str, unit: str, additive: bool = False, always: bool = True
) -> Callable[[Compute], Measure]:
    """Make a measure of a function of a plan and a resolution; the arguments are the attributes of `Measure`.

    Raises:
        InvalidInput: The name is no identifier in lower case, or looks like another column of a score table.
    """
    if not re.fullmatch(r"[a-z_][a-z_]\w*", name) or name in ("architecture", "seed", "draw"):
        raise InvalidInput(
            f"measure name {name!r} is not free; choose two or more small letters, digits and underscores that "
            "are no column of a score table, such as architecture or d1."
        )
    return lambda compute: Measure(name, label, unit, compute, additive, always)


BUILT_IN = ("flops", "params", "activations")
MEASURES: Registry[Measure] = Registry(
    "measure",
    "netlore.measures",
    {name: f"netlore.space.complexity:{name.upper()}" for name in BUILT_IN}
    | {name: f"netlore.space.memory:{name}" for name in ("weight_bytes", "peak_memory", "peak_memory_int8")}
    | {"longest_path": "netlore.space.depth:longest_path"},
    lambda entry: isinstance(entry, Measure),
)
"""The measures of complexity by name; iterating yields names, the three built-in ones first."""


def columns(named: Iterable[str] = ()) -> list[str]:
    """The measures that a table has columns of: those that every table has, and those that are named."""
    asked = set(named)
    return [name for name in MEASURES if name in asked or MEASURES.get(name).always]


class _Labels:
    """Measures by name; one that is not installed here is written as its name."""

    def __getitem__(self, name: str) -> Measure:
        return MEASURES.get(name) if name in MEASURES else Measure(name, name, name, lambda plan, side: 0)


LABELS = _Labels()
"""What every measure is called (`label`), and counted in (`unit`), wherever a reader meets it."""


@validated
def complexity(
    architecture: Architecture,
    num_classes: int,
    resolution: int = 32,
    channels: int = 3,
    measures: Sequence[str] = (),
) -> Complexity:
    """Exact complexity of an architecture, in integers, for one square image; no network is built.

    `measures` are further ones by name, which stand in `others`.

    Raises:
        InvalidArchitecture: The values do not describe a network of the family.
        UnknownName: A measure is not registered.

    >>> from netlore.space.named import named
    >>> complexity(named("baseline/resnet-20"), num_classes=10)
    Complexity(flops=40813194, params=272474, activations=200714)
    """
    families.check(architecture)
    for name in measures:
        MEASURES.get(name)
    sizes = (num_classes, resolution, channels)
    return complexity_of_values(architecture.family, architecture.values, *sizes, columns(measures))


def check_size(plan: Plan, resolution: int = 1) -> Complexity:
    """The complexity of a plan of integers or integer arrays, if its networks can be built and run at all.

    Raises:
        InvalidInput: It has more than 100,000 layers, 2 G parameters, 2 G activations or 10 T multiply-adds for
            an image: a slip of the keyboard, on which a machine would work for hours before memory runs out.
    """
    found = complexity_of_plan(plan, resolution)
    sizes = {"layers": count_layers(plan), **{LABELS[name].unit: found.as_dict()[name] for name in BUILT_IN}}
    for (unit, size), most in zip(sizes.items(), (10**5, 10**13, 2 * 10**9, 2 * 10**9), strict=True):
        if np.any(size > most):
            raise InvalidInput(
                f"the network has {_short(int(np.max(size)))} {unit}; build one of {_short(most)} or fewer."
            )
    return found


def _short(size: Size) -> str:
    return f"{size:.1e}" if size < 10**300 else "more than 1e300"


def complexity_of_values(
    family: str,
    values: Mapping[str, Any],
    num_classes: int,
    resolution: int = 32,
    channels: int = 3,
    measures: Iterable[str] | None = None,
) -> Complexity:
    """Complexity of hyperparameter values that are known to be valid, as people read them; they may be arrays.

    The three built-in measures, and those named in `measures`; if it is None, all that every table has. Of a
    family of torch modules only the built-in ones, for others are functions of plans.

    Raises:
        InvalidInput: A measure gives something else than whole numbers of 0 or more, or has no value for one.
    """
    wanted = columns() if measures is None else [*measures]
    if not has_plans(family):
        return _of_modules(cast(ModuleFamily, get(family)), values, (num_classes, resolution, channels))
    plan = plan_of(family, values, num_classes, channels)
    found = complexity_of_plan(plan, resolution, [name for name in wanted if not MEASURES.get(name).of_values])
    looked_up = {name: made for name in wanted if (made := MEASURES.get(name).of_values)}
    others = {name: _checked(name, of_values(family, values, resolution)) for name, of_values in looked_up.items()}
    return replace(found, others={**found.others, **others}) if others else found


def _of_modules(family: ModuleFamily, values: Mapping[str, Any], sizes: tuple[int, int, int]) -> Complexity:
    """The three built-in measures, of one network after the other."""
    if np.ndim(next(iter(values.values()))) == 0:
        one = family.measure(values, *sizes)
        return Complexity(one["flops"], one["params"], one["activations"])
    rows = zip(*(np.asarray(column).tolist() for column in values.values()), strict=True)
    found = [family.measure(dict(zip(values, row, strict=True)), *sizes) for row in rows]
    flops, params, activations = (np.asarray([one[name] for one in found], dtype=np.int64) for name in BUILT_IN)
    return Complexity(flops, params, activations)


def complexity_of_plan(plan: Plan, resolution: int, measures: Iterable[str] = ()) -> Complexity:
    """Complexity of a plan for square images of that resolution: the three measures, and others that are named."""
    found = total(plan, resolution)
    others = {name: _other(name, plan, resolution) for name in measures if name not in BUILT_IN}
    return replace(found, others=others) if others else found


def _other(name: str, plan: Plan, resolution: int) -> Value:
    try:
        value = MEASURES.get(name).compute(plan, resolution)
        return _checked(name, value)
    except TypeError as error:  # as of None, where a measure does not know a node
        raise InvalidInput(
            f"measure {name!r} cannot measure a network ({error}); let it fold over all nodes of plans, as "
            "netlore.space.totals.added_up does."
        ) from None


def _checked(name: str, value: Size) -> Value:
    """What a measure gave, in its unit."""
    found, steps = np.asarray(value), MEASURES.get(name).steps
    if found.dtype.kind not in "iu" or (found < 0).any():
        raise InvalidInput(
            f"measure {name!r} gives {found.ravel()[:1].tolist()} for a network; a measure is a whole number of 0 "
            "or more, in a unit small enough."
        )
    if steps > 1:
        return found / steps if found.ndim else float(found / steps)
    return found.astype(np.int64) if found.ndim else int(found)


def _built_in(name: str, label: str, unit: str) -> Measure:
    return Measure(name, label, unit, lambda plan, side: cast(Size, getattr(total(plan, side), name)), True)


FLOPS = _built_in("flops", "FLOPs", "FLOPs")
PARAMS = _built_in("params", "Parameters", "parameters")
ACTIVATIONS = _built_in("activations", "Activations", "activations")
