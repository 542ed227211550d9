"""What predictors cost on this machine, in units of the paper's seven together: measured once, and kept."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from netlore.data.sources.torchvision import cache_folder
from netlore.experiments.config import BenchConfiguration
from netlore.experiments.estimate import bench_run
from netlore.experiments.record import Progress, silent
from netlore.networks.devices import hardware, versions
from netlore.reading import parse_json, read_file
from netlore.scoring.predictor import PREDICTORS
from netlore.storage.atomic import make_folder
from netlore.storage.documents import write_document


def known_costs() -> dict[str, float]:
    """What was measured here with these versions, by predictors' names; of changed definitions nothing."""
    found = _kept().get(_place(), {})
    return {name: found[key] for name in PREDICTORS if (key := _key(name)) in found}


def measured_costs(progress: Progress = silent) -> dict[str, float]:
    """Measure predictors alone on one network of the paper's size and 64 images, and keep each as it is found.

    Measured are those that are not known here yet, so that an interruption costs one; if all are known, all again.
    A predictor that does not apply to the network counts with the time it takes to say so.
    """

    def milliseconds(name: str) -> float:
        return bench_run(BenchConfiguration(predictors=(name,), networks=1)).together.median_milliseconds

    known = known_costs()
    names = [name for name in PREDICTORS if name not in known] or list(PREDICTORS)
    seven = milliseconds("all")
    for number, name in enumerate(names):
        progress("measured", number, len(names), "predictors", name)
        _keep(name, milliseconds(name) / seven)
    progress("measured", len(names), len(names), "predictors")
    return known_costs()


def _keep(name: str, cost: float) -> None:
    kept = _kept()
    kept.setdefault(_place(), {})[_key(name)] = cost
    make_folder(_file().parent)
    write_document(_file(), kept)


def _file() -> Path:
    return cache_folder() / "costs.json"


def _kept() -> dict[str, dict[str, float]]:
    """By place and definition; nothing if there is no such file, or it is damaged."""
    with suppress(OSError, ValueError, AttributeError):
        document: dict[str, Any] = parse_json(read_file(_file()))
        return {place: {key: float(cost) for key, cost in costs.items()} for place, costs in document.items()}
    return {}


def _place() -> str:
    """The machine and the versions that decide how long a pass takes."""
    return json.dumps({**hardware("cpu"), **versions()}, sort_keys=True)


def _key(name: str) -> str:
    return f"{name} {PREDICTORS.get(name).fingerprint}"
