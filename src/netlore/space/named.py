"""Architectures with a name: the searched networks of the paper's Table II and its baselines."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture, InvalidInput, UnknownName
from netlore.reading import parse_json, read_file
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.families.anynet import anynet_architecture
from netlore.space.families.nas_bench_macro import nas_bench_macro_architecture
from netlore.space.families.nats_size import nats_size_architecture
from netlore.space.families.nats_topology import nats_topology_architecture
from netlore.space.families.transnas import transnas_architecture

Triple = tuple[int, int, int]

# Depths, widths, group widths, ratios. Each row is the one architecture inside the paper's Table I intervals
# that has the FLOPs, parameters and activations which its Table II prints.
_SEARCHED: dict[str, tuple[Triple, Triple, Triple, Triple]] = {
    "cifar10/grad_norm": ((16, 16, 13), (2, 4, 128), (2, 1, 16), (2, 1, 1)),
    "cifar10/snip": ((15, 15, 14), (8, 2, 64), (1, 2, 1), (4, 1, 1)),
    "cifar10/grasp": ((10, 8, 13), (4, 2, 128), (1, 2, 4), (1, 4, 1)),
    "cifar10/synflow": ((15, 16, 16), (8, 16, 64), (8, 16, 16), (1, 1, 1)),
    "cifar10/fisher": ((14, 16, 13), (2, 2, 128), (1, 1, 2), (1, 4, 1)),
    "cifar10/jacov": ((3, 2, 1), (32, 32, 64), (2, 4, 4), (1, 2, 4)),
    "cifar10/logdet": ((13, 12, 1), (16, 16, 8), (1, 1, 2), (4, 4, 4)),
    "cifar100/grad_norm": ((15, 15, 13), (2, 4, 128), (2, 2, 2), (1, 1, 1)),
    "cifar100/snip": ((13, 15, 11), (2, 2, 128), (2, 2, 16), (4, 1, 1)),
    "cifar100/grasp": ((12, 13, 13), (2, 2, 128), (1, 1, 2), (1, 4, 1)),
    "cifar100/synflow": ((11, 16, 16), (8, 16, 64), (4, 16, 32), (1, 1, 1)),
    "cifar100/fisher": ((16, 14, 12), (2, 2, 128), (1, 1, 8), (4, 4, 1)),
    "cifar100/jacov": ((2, 1, 1), (32, 8, 4), (4, 2, 2), (4, 1, 4)),
    "cifar100/logdet": ((16, 3, 2), (16, 4, 8), (1, 2, 2), (4, 4, 4)),
}

# How the strings of benchmarks begin, no name as they.
_STRINGS: dict[str, Callable[[str], Architecture]] = {
    r"\|": nats_topology_architecture,
    r"\d+:": nats_size_architecture,
    r"\d+-": transnas_architecture,
    r"[0-2]{8}$": nas_bench_macro_architecture,
}

_STAGES = {"d1": 3, "d2": 3, "d3": 3, "w1": 16, "w2": 32, "w3": 64}
# "CxW" of the paper's rows, and the number of groups that the row's complexities show.
_GROUPS = {"1x16": 2, "2x8": 4, "4x4": 8, "8x2": 16, "16x1": 32}


@cache
def _named() -> dict[str, Architecture]:
    searched = {f"paper/{name}": anynet_architecture(*stages) for name, stages in _SEARCHED.items()}
    wide = {f"baseline/resnext-29-{name}": {**_STAGES, "b": 2, "c": groups} for name, groups in _GROUPS.items()}
    baselines = {name: families.architecture("resnext", values) for name, values in wide.items()}
    return {**searched, "baseline/resnet-20": families.architecture("resnet", _STAGES), **baselines}


def names() -> list[str]:
    """Every name that `named` knows."""
    return list(_named())


@validated
def named(name: str) -> Architecture:
    """The architecture of that name.

    Raises:
        UnknownName: Nothing has that name.
    """
    if name not in _named():
        raise UnknownName("architecture", name, names())
    return _named()[name]


def natural_classes(name: str) -> int:
    """Classes of the data set that a named architecture was searched on: 100 for `paper/cifar100/...`, else 10."""
    return 100 if name.startswith("paper/cifar100/") else 10


def parse(text: str) -> Architecture:
    """An architecture from what a user may type: a name, a benchmark's string, a JSON document, or the path of a
    JSON file.

    Strings are those of NAS-Bench-201, NATS-Bench's size space, TransNAS-Bench-101 and NAS-Bench-Macro. The JSON
    form is `{"family": "anynet", "values": {"d1": 15, ...}}`; without a family, `anynet` is meant.

    Raises:
        InvalidInput: The text is none of these, or not a valid architecture.
    """
    if text.lstrip().startswith("{"):
        return _from_json(text)
    if text.endswith(".json"):
        try:
            return _from_json(read_file(Path(text)).decode())
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", error)
            raise InvalidInput(
                f"architecture file {text} cannot be read ({reason}); give a readable file."
            ) from None
    for form, read in _STRINGS.items():
        if re.match(form, text):
            return read(text)
    return named(text)


def _from_json(text: str) -> Architecture:
    try:
        document = parse_json(text)
    except ValueError as error:
        raise InvalidArchitecture(f"the architecture is not valid JSON ({error}); check the quotes.") from None
    values = document.get("values") if isinstance(document, dict) else None
    if not isinstance(values, dict) or not isinstance(document.get("family", "anynet"), str):
        raise InvalidArchitecture(
            'the architecture has no "values" object; write {"family": "anynet", "values": {"d1": 15, ...}}.'
        )
    return families.architecture(document.get("family", "anynet"), values)
