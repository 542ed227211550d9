"""check_family: do a family's plans describe one and the same network to everybody who reads them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from netlore.errors import InvalidArchitecture
from netlore.networks import build_plan
from netlore.space.complexity import Complexity, complexity_of_plan
from netlore.space.families import Family, StagedFamily
from netlore.space.plan import Plan
from netlore.testing.conformance import ConformanceError

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
    _check_names(family)
    if not examples:
        raise _broken(family, "it is checked on one example or more", "none is given")
    for values in examples:
        _check_values(family, values)
        for resolution, channels in _INPUTS:
            plan = _plan(family, values, channels)
            _check_module(family, values, plan, resolution, channels)
            if all(hasattr(family, method) for method in _STAGED):
                _check_segments(cast(StagedFamily, family), values, plan, resolution, channels)
    _check_arrays(family, examples)


def _check_names(family: Family) -> None:
    name, hyperparameters = family.name, family.hyperparameters
    if not isinstance(name, str) or not name or name != "".join(name.split()):
        raise _broken(family, "its name is a word", f"it is {name!r}")
    fine = all(isinstance(one, str) and one.isidentifier() for one in hyperparameters)
    if not hyperparameters or not fine or len(set(hyperparameters)) != len(hyperparameters):
        raise _broken(
            family, "its hyperparameters have distinct names that are identifiers", f"they are {hyperparameters!r}"
        )


def _check_values(family: Family, values: Mapping[str, int]) -> None:
    if set(values) != set(family.hyperparameters):
        raise _broken(
            family, f"examples have the hyperparameters {family.hyperparameters!r}", f"one is {dict(values)!r}"
        )
    try:
        family.check(values)
    except InvalidArchitecture as error:
        raise _broken(
            family, "it accepts the examples", f"of {dict(values)!r} it says: {error}".rstrip(".")
        ) from None
    for name in family.hyperparameters:
        nonsense = {**values, name: -1}
        try:
            family.check(nonsense)
        except InvalidArchitecture:
            continue
        except Exception as error:
            found = f"for {name} = -1 it raises {type(error).__name__}: {error}"
            raise _broken(family, "it rejects nonsense with InvalidArchitecture", found) from None
        raise _broken(family, "it rejects nonsense with InvalidArchitecture", f"it accepts {name} = -1")


def _plan(family: Family, values: Mapping[str, int], channels: int) -> Plan:
    return family.plan(dict(values), _CLASSES, channels)


def _check_module(family: Family, values: Mapping[str, int], plan: Plan, resolution: int, channels: int) -> None:
    network = build_plan(plan, seed=0)
    expected = complexity_of_plan(plan, resolution).as_dict()
    counted, logits = _measured(network, resolution, channels)
    if logits.shape != (2, _CLASSES):
        shapes = f"{tuple(logits.shape)} for 2 images and {_CLASSES} classes"
        raise _broken(family, "its networks return logits (images, classes)", f"{dict(values)!r} returns {shapes}")
    for measure, value in counted.as_dict().items():
        if value != expected[measure]:
            found = (
                f"{dict(values)!r} at {resolution} pixels has {value}, and its plan adds up to {expected[measure]}"
            )
            raise _broken(family, f"the module's {measure} are those of the plan", found)


def _measured(network: nn.Module, resolution: int, channels: int) -> tuple[Complexity, Tensor]:
    """The complexity of a module as it runs, per image, and its logits for two images."""
    macs = activations = 0

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        nonlocal macs, activations
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        size = output[0].numel()
        activations += size
        macs += size * (layer.weight[0].numel() + (layer.bias is not None))

    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    try:
        with torch.no_grad():
            # In evaluation mode, since batch norm refuses to take the statistics of a single value.
            logits: Tensor = network.eval()(torch.zeros(2, channels, resolution, resolution))
    finally:
        for hook in hooks:
            hook.remove()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Complexity(macs, parameters, activations), logits


def _check_arrays(family: Family, examples: Sequence[Mapping[str, int]]) -> None:
    columns = {name: np.asarray([e[name] for e in examples], dtype=np.int64) for name in family.hyperparameters}
    for resolution, channels in _INPUTS:
        single = [complexity_of_plan(_plan(family, values, channels), resolution).as_dict() for values in examples]
        try:
            plan = family.plan(dict(columns), _CLASSES, channels)
            together = complexity_of_plan(plan, resolution).as_dict()
        except Exception as error:
            found = f"with arrays it raises {type(error).__name__}: {error}".rstrip(".")
            raise _broken(family, "its plan takes arrays as it takes integers", found) from None
        for measure, values in together.items():
            expected = [one[measure] for one in single]
            if np.broadcast_to(np.asarray(values), len(examples)).tolist() != expected:
                found = f"its {measure} are {np.asarray(values).tolist()} together and {expected} one by one"
                raise _broken(family, "its plan takes arrays as it takes integers", found)


def _check_segments(
    family: StagedFamily, values: Mapping[str, int], plan: Plan, resolution: int, channels: int
) -> None:
    segments = family.segments()
    if sorted(name for own in segments for name in own) != sorted(family.hyperparameters):
        raise _broken(family, "its segments have each hyperparameter once", f"they are {segments!r}")
    whole, total = complexity_of_plan(plan, resolution).as_dict(), Complexity(0, 0, 0)
    for stage, own in enumerate(segments):
        known = {name: values[name] for name in own}
        if stage:
            before = family.interface(stage - 1)
            known[before] = values[before]
        try:
            part = family.segment_plan(stage, dict(known), _CLASSES, channels)
        except KeyError as error:
            found = f"segment {stage} asks for {error}"
            raise _broken(family, "a segment depends on its own values and one before it", found) from None
        total += complexity_of_plan(part, family.segment_resolution(stage, resolution))
    if total.as_dict() != whole:
        raise _broken(
            family, "its segments add up to the whole", f"they give {total} for {dict(values)!r}, not {whole}"
        )


def _broken(family: Family, rule: str, found: str) -> ConformanceError:
    return ConformanceError(f"family {family.name!r}", rule, found)
