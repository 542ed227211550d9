"""Architectures of any family, checked; the families of this package are modules of this room."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture
from netlore.space.architecture import Architecture
from netlore.space.family import (
    FAMILIES,
    Family,
    PlanFamily,
    StagedFamily,
    Value,
    categories_of,
    get,
    has_plans,
    plan_of,
)
from netlore.space.module import FAMILY, ModuleArchitecture

__all__ = ["FAMILIES", "Family", "PlanFamily", "StagedFamily", "architecture", "check", "get", "plan_of"]


@validated
def architecture(family: str, values: Mapping[str, Any]) -> Architecture:
    """A checked architecture of any family, or what is known of a module.

    Raises:
        UnknownName: No such family.
        InvalidArchitecture: The values do not describe a network of the family.
    """
    if family == FAMILY:
        return ModuleArchitecture.from_document(values)
    order = get(family).hyperparameters
    missing = [name for name in order if name not in values]
    unknown = [name for name in values if name not in order]
    if missing or unknown:
        fault = f"lacks {', '.join(missing)}" if missing else f"does not know {', '.join(unknown)}"
        raise InvalidArchitecture(f"the {family} architecture {fault}; give exactly {', '.join(order)}.")
    made = Architecture(family, tuple((name, _checked(family, name, values[name])) for name in order))
    check(made)
    return made


def _checked(family: str, name: str, value: Any) -> Value:
    """A value as Python's own: numpy's numbers are welcome, as they come out of tables; True and 2.0 are slips."""
    names = categories_of(family).get(name)
    anything = not has_plans(family) and names is None
    if names is not None or (anything and isinstance(value, str)):
        if isinstance(value, str) and (names is None or value in names):
            return str(value)
        raise InvalidArchitecture(f"{name} = {value!r} is none of its names; choose {', '.join(names or ())}.")
    number = not isinstance(value, bool) and isinstance(value, Real)
    declared = name in getattr(get(family), "reals", ())
    if number and isinstance(value, Integral) and not declared:  # a 1 for a real number is 1.0, as grids have it
        return int(value)
    real = anything or declared
    if number and real and math.isfinite(value):
        return float(value)
    kind = "number" if real else "whole number"
    raise InvalidArchitecture(f"{name} = {value!r} is not a {kind}; give {'one' if real else 'an integer'}.")


def check(architecture: Architecture) -> None:
    """Raise `InvalidArchitecture` unless the architecture's values describe a network of its family."""
    if isinstance(architecture, ModuleArchitecture):
        raise InvalidArchitecture(
            f"{architecture} is a torch module, which no family of netlore describes; it can be scored, by "
            "netlore score --module, and its scores can be reported."
        )
    get(architecture.family).check(architecture.values)
