"""Measurements that are kept: after every round, for the machine and the software that they are of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from netlore.analysis import Floats
from netlore.latency.timing import Setting, in_turns
from netlore.networks.devices import hardware, processor, versions
from netlore.reading import parse_json, read_file
from netlore.space.architecture import Architecture
from netlore.storage.atomic import make_folder
from netlore.storage.documents import write_document


class Progress(Protocol):
    """Is called as networks of what the label names are built or measured."""

    def __call__(self, label: str, done: int, total: int, unit: str = "networks") -> None: ...


def silent(label: str, done: int, total: int, unit: str = "networks") -> None:
    """Show nothing."""


def machine(setting: Setting) -> dict[str, Any]:
    """What measurements are of: the machine, what ran there and how, and by which clock."""
    runtime = ("onnxruntime",) if setting.runtime == "onnxruntime" else ()
    where = {"processor": processor(), **hardware("cpu")}
    software = {name: one for name, one in versions(*runtime).items() if name != "netlore"}
    return {**where, **asdict(setting), "clock": setting.clock, "versions": software}


def measured(
    architectures: Sequence[Architecture],
    setting: Setting,
    rounds: int,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Floats:
    """The shortest run of each network in milliseconds, shape (n,); rounds that the cache has are not measured
    again."""
    file = None if cache is None else make_folder(cache) / f"{_digest(machine(setting))}.json"
    known = _read(file)
    lacking = [one for one in architectures if len(known.get(one.id, ())) < rounds]
    missing = rounds - min((len(known.get(one.id, ())) for one in lacking), default=rounds)
    runs = []
    for number, one in enumerate(lacking, 1):
        runs.append(setting.runner(one))
        progress("built", number, len(lacking))
    for number, (walls, processors) in enumerate(in_turns(runs, setting.threads, missing if runs else 0), 1):
        least = (processors if setting.clock == "processor" else walls).min(axis=1)
        for one, value in zip(lacking, least.tolist(), strict=True):
            known.setdefault(one.id, []).append(value)
        if file is not None:
            write_document(file, {"machine": machine(setting), "milliseconds": known})
        progress("measured", number, missing, "rounds")
    return np.asarray([min(known[one.id]) for one in architectures])


def _digest(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


def _read(file: Path | None) -> dict[str, list[float]]:
    """By architecture the shortest run of each round; nothing if there is no such file, or it is damaged."""
    if file is not None:
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            found = parse_json(read_file(file))["milliseconds"]
            return {str(name): [float(one) for one in values if float(one) > 0] for name, values in found.items()}
    return {}
