"""Tables of devices: what networks take there, predicted from their plans or looked up, as measures.

A table of steps predicts

    sum over all steps of sum over features of coefficient(class of the step, feature) * feature of the step,

rounded for each step to a millionth of the unit, so that it adds up over stages; `netlore.space.steps` says what
classes and features are. A table of architectures has a value for each network of a family.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from netlore.errors import InvalidInput
from netlore.space.complexity import MEASURES, Measure, measure
from netlore.space.family import get
from netlore.space.plan import Plan, Size, whole
from netlore.space.steps import CLASSES, FEATURES, steps

STEPS = 10**6
"""Of a unit of a table: values are whole millionths, such as nanoseconds of a table in milliseconds."""

LARGEST = 1e9
"""Units that a table may have for one network, or one feature: eleven days of milliseconds."""

Coefficients = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class DeviceTable:
    """What networks take on a device; either `coefficients` or `values`.

    Attributes:
        measure: The name of what it predicts, as in budgets, such as latency.
        unit: Of its values, such as ms.
        device: What was measured, and how: the machine, the runtime, its threads and versions.
        coefficients: By class and feature of a step, in units for each.
        values: By the hyperparameters of an architecture, in the order of its family.
        family: Of these architectures.
        resolution: Side of the images that they were measured on, in pixels; 0: not said.
    """

    measure: str
    unit: str
    device: Mapping[str, Any] = field(default_factory=dict)
    coefficients: Coefficients = field(default_factory=dict)
    values: Mapping[tuple[Any, ...], float] = field(default_factory=dict)
    family: str = ""
    resolution: int = 0

    def __post_init__(self) -> None:
        for name, of_class in self.coefficients.items():
            unknown = [feature for feature in of_class if feature not in FEATURES]
            if name not in CLASSES or unknown:
                raise InvalidInput(
                    f"a table of a device has the step {name!r} with {', '.join(of_class)}; steps are "
                    f"{', '.join(CLASSES)}, and their features {', '.join(FEATURES)}."
                )
        numbers = [*self.values.values(), *(one for found in self.coefficients.values() for one in found.values())]
        if not numbers or not all(0 <= one < LARGEST for one in numbers):
            raise InvalidInput(
                f"a table of a device has no values, or one that is not from 0 to {LARGEST:g}; give what was "
                "measured."
            )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that decides values, in 16 hexadecimal digits."""
        values = sorted([repr(key), value] for key, value in self.values.items())
        coefficients = {name: dict(found) for name, found in self.coefficients.items()}
        said = [self.measure, self.unit, coefficients, values, self.family, self.resolution]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def about(self) -> str:
        """The device in a line."""
        said = [f"{name} {value}" for name, value in self.device.items() if isinstance(value, str | int)]
        return ", ".join(said) or "a device"

    def as_measure(self) -> Measure:
        """The measure that a budget can limit."""
        label, how = self.measure.replace("_", " ").capitalize(), {"additive": not self.values, "always": False}
        made = measure(self.measure, label=f"{label} in {self.unit}", unit=f"{self.unit} of {self.measure}", **how)
        looked_up = self._looked_up if self.values else None
        return replace(made(self._predicted), steps=STEPS, of_values=looked_up)

    def _predicted(self, plan: Plan, resolution: int) -> Size:
        """In steps."""
        found: Size = 0
        for step in steps(plan, resolution):
            for name, here in step.classes.items():
                given = self.coefficients.get(name, {})
                value = sum((given.get(one, 0.0) * step.features[one] for one in step.features), start=0.0)
                found = found + whole(np.rint(np.multiply(value, STEPS))) * here * step.times
        return found

    def _looked_up(self, family: str, values: Mapping[str, Any], resolution: int) -> Size:
        if family != self.family or self.resolution not in (0, resolution):
            raise InvalidInput(
                f"the table of {self.measure} is of {self.family}, at {self.resolution or 'any'} pixels, not of "
                f"{family} at {resolution}; give another table, or leave it out."
            )
        columns = [np.asarray(values[name]).ravel().tolist() for name in get(family).hyperparameters]
        rows = [*zip(*columns, strict=True)]
        lacking = next((row for row in rows if row not in self.values), None)
        if lacking is not None:
            raise InvalidInput(
                f"the table of {self.measure} has no value of {', '.join(map(str, lacking))}; give one that has "
                "all networks of the space."
            )
        found = np.rint([STEPS * self.values[row] for row in rows]).astype(np.int64)
        return int(found[0]) if np.ndim(next(iter(values.values()))) == 0 else found


def use(table: DeviceTable) -> None:
    """Register what a table predicts as a measure, for this process.

    Raises:
        InvalidInput: Its measure is a built-in one, or that of another table in use.
    """
    there = IN_USE.get(table.measure)
    if there is not None and there.digest == table.digest:
        return
    if table.measure in MEASURES:
        which = "that of another table in use" if there else "a measure already"
        raise InvalidInput(
            f"{table.measure!r} is {which}; use one table of each measure at a time, or give the table's measure "
            "another name."
        )
    MEASURES.add(table.measure, table.as_measure())
    IN_USE[table.measure] = table


def forget(name: str) -> None:
    """Take a table's measure away again; `UnknownName` if no table has it."""
    MEASURES.remove(name)
    del IN_USE[name]


IN_USE: dict[str, DeviceTable] = {}
"""The tables whose measures are registered, by their names."""
