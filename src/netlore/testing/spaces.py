"""check_family, check_measure, check_space: do they describe one network to everybody who reads them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from netlore.errors import InvalidArchitecture, InvalidInput
from netlore.networks import build_plan
from netlore.scoring.module_complexity import module_complexity
from netlore.space import families
from netlore.space.complexity import Complexity, Measure, complexity_of_plan
from netlore.space.design_space import SPACES, DesignSpace
from netlore.space.families import PlanFamily, StagedFamily
from netlore.space.family import coded
from netlore.space.sampling import sample, values_of
from netlore.testing.conformance import Checked

_CLASSES = 4
_DRAWN = 20
_LIMITS = (0.0, 1e15)
_STAGED = ("segments", "interface", "segment_plan", "segment_resolution")


def check_family(
    family: PlanFamily,
    examples: Sequence[Mapping[str, Any]],
    inputs: Sequence[tuple[int, int]] = ((8, 3), (9, 1)),
) -> None:
    """Check a family on example architectures.

    - It has a name, and hyperparameters with distinct names.
    - It accepts every example, and rejects a hyperparameter of -1 with `InvalidArchitecture`.
    - The module of an example has the parameters, multiply-adds (by the rules of `torch.utils.flop_counter`,
      biases counted) and activations that its plan adds up to, and returns logits (N, classes).
    - The plan of arrays has, entry by entry, the complexities of the plans of integers.
    - If it is staged, its segments add up to the whole.
    - If it has strings, different examples have different ones.

    Examples are hyperparameter values of small networks, one at least; the more they differ, the better. Inputs
    are pairs of resolution and channels, odd ones among them, since halving rounds.

    Raises:
        ConformanceError: A rule is broken.
    """
    checked, name, names = Checked(f"family {family.name!r}"), family.name, family.hyperparameters
    a_word = isinstance(name, str) and name and name == "".join(name.split())
    checked.require(a_word, "its name is a word", f"it is {name!r}")
    fine = names and all(isinstance(one, str) and one.isidentifier() for one in names)
    rule = "its hyperparameters have distinct names that are identifiers"
    checked.require(fine and len(set(names)) == len(names), rule, f"they are {names!r}")
    checked.require(examples, "it is checked on one example or more", "none is given")
    for values in examples:
        _check_values(family, values, checked)
        for resolution, channels in inputs:
            _check_module(family, values, resolution, channels, checked)
            if all(hasattr(family, method) for method in _STAGED):
                _check_segments(cast(StagedFamily, family), values, resolution, channels, checked)
    _check_arrays(family, examples, inputs, checked)
    _check_strings(family, examples, checked)


def _check_values(family: PlanFamily, values: Mapping[str, Any], checked: Checked) -> None:
    rule = f"examples have the hyperparameters {family.hyperparameters!r}"
    checked.require(set(values) == set(family.hyperparameters), rule, f"one is {dict(values)!r}")
    says = partial("of {!r} it says: {}".format, dict(values))
    with checked.rule("it accepts the examples", InvalidArchitecture, found=says):
        family.check(values)
    for name in family.hyperparameters:
        found = f"it accepts {name} = -1"
        try:
            family.check({**values, name: -1})
        except InvalidArchitecture:
            continue
        except Exception as error:
            found = f"for {name} = -1 it raises {type(error).__name__}: {error}"
        checked.require(False, "it rejects nonsense with InvalidArchitecture", found)


def _check_module(
    family: PlanFamily, values: Mapping[str, Any], resolution: int, channels: int, checked: Checked
) -> None:
    plan = family.plan(coded(family, values), _CLASSES, channels)
    expected = complexity_of_plan(plan, resolution).as_dict()
    counted, logits = _measured(build_plan(plan, seed=0), resolution, channels)
    shapes = f"{dict(values)!r} returns {tuple(logits.shape)} for 2 images and {_CLASSES} classes"
    checked.require(logits.shape == (2, _CLASSES), "its networks return logits (images, classes)", shapes)
    for measure, value in counted.items():
        found = f"{dict(values)!r} at {resolution} pixels has {value}, and its plan adds up to {expected[measure]}"
        checked.require(value == expected[measure], f"the module's {measure} are those of the plan", found)


def _measured(network: nn.Module, resolution: int, channels: int) -> tuple[dict[str, int], Tensor]:
    """The complexity of a module as it runs on an image, and its logits for two images."""
    counted = module_complexity(network, torch.zeros(1, channels, resolution, resolution))
    with torch.no_grad():
        # In evaluation mode, since batch norm refuses to take the statistics of a single value.
        logits: Tensor = network.eval()(torch.zeros(2, channels, resolution, resolution))
    return counted, logits


def _check_strings(family: PlanFamily, examples: Sequence[Mapping[str, Any]], checked: Checked) -> None:
    write: Callable[[Mapping[str, Any]], str] | None = getattr(family, "string", None)
    if write is not None:
        strings = [write(values) for values in examples]
        different = len({tuple(sorted(values.items())) for values in examples})
        rule = "different architectures have different strings"
        checked.require(len(set(strings)) == different, rule, f"they are {strings}")


def _check_arrays(
    family: PlanFamily,
    examples: Sequence[Mapping[str, Any]],
    inputs: Sequence[tuple[int, int]],
    checked: Checked,
) -> None:
    rule = "its plan takes arrays as it takes integers"
    rows = [coded(family, values) for values in examples]
    columns = {name: np.asarray([row[name] for row in rows]) for name in family.hyperparameters}
    for resolution, channels in inputs:
        plans = [family.plan(dict(row), _CLASSES, channels) for row in rows]
        single = [complexity_of_plan(plan, resolution).as_dict() for plan in plans]
        with checked.rule(rule, Exception, found="with arrays it raises {!r}".format):
            plan = family.plan(dict(columns), _CLASSES, channels)
            together = complexity_of_plan(plan, resolution).as_dict()
        for measure, values in together.items():
            expected = [one[measure] for one in single]
            same = np.broadcast_to(np.asarray(values), len(examples)).tolist() == expected
            found = f"its {measure} are {np.asarray(values).tolist()} together and {expected} one by one"
            checked.require(same, rule, found)


def _check_segments(
    family: StagedFamily, values: Mapping[str, int], resolution: int, channels: int, checked: Checked
) -> None:
    segments, total = family.segments(), Complexity(0, 0, 0)
    once = sorted(name for own in segments for name in own) == sorted(family.hyperparameters)
    checked.require(once, "its segments have each hyperparameter once", f"they are {segments!r}")
    for stage, own in enumerate(segments):
        names = (*own, family.interface(stage - 1)) if stage else own
        known = {name: values[name] for name in names}
        rule = "a segment depends on its own values and one before it"
        with checked.rule(rule, KeyError, found=partial("segment {} asks for {}".format, stage)):
            part = family.segment_plan(stage, known, _CLASSES, channels)
        total += complexity_of_plan(part, family.segment_resolution(stage, resolution))
    whole = complexity_of_plan(family.plan(dict(values), _CLASSES, channels), resolution).as_dict()
    found = f"they give {total} for {dict(values)!r}, not {whole}"
    checked.require(total.as_dict() == whole, "its segments add up to the whole", found)


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
    space = SPACES.get("anynet")()
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
