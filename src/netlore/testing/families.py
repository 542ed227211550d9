"""check_family: do a family's plans describe one and the same network to everybody who reads them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from netlore.errors import InvalidArchitecture
from netlore.networks import build_plan
from netlore.space.complexity import Complexity, complexity_of_plan
from netlore.space.families import Family, StagedFamily
from netlore.testing.conformance import Checked

# Odd and even: halving rounds. One channel and several.
_INPUTS = ((8, 3), (9, 1))
_CLASSES = 4
_STAGED = ("segments", "interface", "segment_plan", "segment_resolution")


def check_family(family: Family, examples: Sequence[Mapping[str, int]]) -> None:
    """Check a family on example architectures.

    - It has a name, and hyperparameters with distinct names.
    - It accepts every example, and rejects a hyperparameter of -1 with `InvalidArchitecture`.
    - The module of an example has the parameters, multiply-adds and activations that its plan adds up to, and
      returns logits (N, classes).
    - The plan of arrays has, entry by entry, the complexities of the plans of integers.
    - If it is staged, its segments add up to the whole.

    Args:
        family: The family.
        examples: Hyperparameter values of small networks, one at least; the more they differ, the better.

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
        for resolution, channels in _INPUTS:
            _check_module(family, values, resolution, channels, checked)
            if all(hasattr(family, method) for method in _STAGED):
                _check_segments(cast(StagedFamily, family), values, resolution, channels, checked)
    _check_arrays(family, examples, checked)


def _check_values(family: Family, values: Mapping[str, int], checked: Checked) -> None:
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
    family: Family, values: Mapping[str, int], resolution: int, channels: int, checked: Checked
) -> None:
    plan = family.plan(dict(values), _CLASSES, channels)
    expected = complexity_of_plan(plan, resolution).as_dict()
    counted, logits = _measured(build_plan(plan, seed=0), resolution, channels)
    shapes = f"{dict(values)!r} returns {tuple(logits.shape)} for 2 images and {_CLASSES} classes"
    checked.require(logits.shape == (2, _CLASSES), "its networks return logits (images, classes)", shapes)
    for measure, value in counted.as_dict().items():
        found = f"{dict(values)!r} at {resolution} pixels has {value}, and its plan adds up to {expected[measure]}"
        checked.require(value == expected[measure], f"the module's {measure} are those of the plan", found)


def _measured(network: nn.Module, resolution: int, channels: int) -> tuple[Complexity, Tensor]:
    """The complexity of a module as it runs, per image, and its logits for two images."""
    macs = activations = 0

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        nonlocal macs, activations
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        size = output[0].numel()
        activations += size
        macs += size * (layer.weight[0].numel() + (layer.bias is not None))

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    with torch.no_grad():
        # In evaluation mode, since batch norm refuses to take the statistics of a single value.
        logits: Tensor = network.eval()(torch.zeros(2, channels, resolution, resolution))
    return Complexity(macs, sum(parameter.numel() for parameter in network.parameters()), activations), logits


def _check_arrays(family: Family, examples: Sequence[Mapping[str, int]], checked: Checked) -> None:
    rule = "its plan takes arrays as it takes integers"
    columns = {name: np.asarray([e[name] for e in examples], dtype=np.int64) for name in family.hyperparameters}
    for resolution, channels in _INPUTS:
        plans = [family.plan(dict(values), _CLASSES, channels) for values in examples]
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
