"""check_measure and check_space: do a measure of complexity and a design space fit what is built on them?"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np

from netlore.errors import InvalidInput
from netlore.space import families
from netlore.space.complexity import Measure
from netlore.space.design_space import DesignSpace
from netlore.space.families import StagedFamily
from netlore.space.families.anynet import anynet
from netlore.space.sampling import sample, values_of
from netlore.testing.conformance import Checked

_DRAWN = 20
_LIMITS = (0.0, 1e15)


def check_measure(measure: Measure) -> None:
    """Check a measure of complexity on networks of AnyNet.

    - It has a label and a unit to be printed.
    - It gives whole numbers of 0 or more.
    - The plan of arrays has, entry by entry, the values of the plans of integers.
    - If it says that it is additive, the stages of a network add up to the whole.

    Raises:
        ConformanceError: A rule is broken.
    """
    checked = Checked(f"measure {measure.name!r}")
    label, unit = measure.label, measure.unit
    checked.require(
        label.strip() and unit.strip(), "it has a label and a unit", f"they are {label!r} and {unit!r}"
    )
    space = anynet()
    drawn = sample(space, _DRAWN)
    family = cast(StagedFamily, families.get(space.family))
    single = [measure.compute(family.plan(one.values, 10, 3), 32) for one in drawn]
    whole_numbers = all(isinstance(value, int | np.integer) and value >= 0 for value in single)
    checked.require(whole_numbers, "it gives whole numbers of 0 or more", f"it gives {single[0]!r}")
    with checked.rule("it takes plans of arrays", Exception):
        together = measure.compute(family.plan(dict(values_of(space, drawn)), 10, 3), 32)
    same = np.broadcast_to(np.asarray(together), _DRAWN).tolist() == single
    checked.require(same, "it takes plans of arrays", "its values are others than one by one")
    for one, whole in zip(drawn, single, strict=True):
        adds_up = not measure.additive or _of_stages(measure, family, one.values) == whole
        checked.require(adds_up, "the stages of a network add up", f"they do not for {one}: {whole}")


def _of_stages(measure: Measure, family: StagedFamily, values: dict[str, int]) -> int:
    total = 0
    for stage in range(len(family.segments())):
        plan = family.segment_plan(stage, dict(values), 10, 3)
        total += int(measure.compute(plan, family.segment_resolution(stage, 32)))
    return total


def check_space(make: Callable[..., DesignSpace], name: str = "space") -> None:
    """Check a function of the group `netlore.spaces`.

    - It takes the keywords num_classes, resolution, flops, params and activations, and keeps to them.
    - What is drawn from it is a network of its family, and is in it.
    - Its size within a budget is counted or estimated.

    Args:
        make: The function.
        name: What it is called, for the message.

    Raises:
        ConformanceError: A rule is broken.
    """
    checked = Checked(f"design space {name!r}")
    asked = {"flops": _LIMITS, "params": _LIMITS, "activations": _LIMITS}
    takes = "it takes netlore's keywords and gives a design space of networks"
    with checked.rule(takes, TypeError, AttributeError, InvalidInput):
        space = make(num_classes=7, resolution=8, **asked)
        kept = (space.num_classes, space.resolution, space.budget.limits())
        rule = "it keeps to the classes, the resolution and the limits that it is given"
        checked.require(kept == (7, 8, asked), rule, f"of 7 classes, 8 pixels and {asked} it makes {kept}")
        for architecture in sample(space, _DRAWN):
            families.check(architecture)
            inside = space.contains(architecture)
            checked.require(inside, "it contains what is drawn from it", f"not {architecture}")
        count = make(num_classes=7, resolution=8, flops=_LIMITS).count_within_budget
    ordered = 0 <= count.low <= count.value <= count.high <= space.cardinality
    checked.require(ordered, "its size lies in its interval", f"it is {count!r} of {space.cardinality}")
