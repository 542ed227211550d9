"""What is installed, what the machine has, and whether scores here are what they ought to be."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

from netlore.data import task
from netlore.data.sources.torchvision import cache_folder
from netlore.executors.allocator import available_memory
from netlore.networks.devices import hardware, names_of_devices, threads, versions
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import score
from netlore.space.named import parse

SELF_TEST = files("netlore.scoring") / "bundled" / "self_test.json"
"""Made by `python -m paper.make_self_test`."""
ARCHITECTURES = ("paper/cifar10/jacov", "baseline/resnet-20", "baseline/resnext-29-8x2")
IMAGES = 16
TOLERANCE = 0.002
"""Relative difference of a score in float64 up to which it is the same: 1e-13 between AVX2 and AVX512; without
either 4e-4 at most, since initial weights, drawn in float32, round otherwise there."""
_WORKER = 5e8  # bytes of memory that one takes, about
_TIGHT = 1e9  # bytes on a disk below which a long run may fill it
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+).*;.*extra == ['\"]([^'\"]+)['\"]")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: In a word or two.
        found: What is there.
        advice: What to do; empty if nothing is wrong.
    """

    what: str
    found: str
    advice: str = ""


@dataclass(frozen=True)
class SelfTest:
    """Scores of three networks by the paper's predictors, in float64, beside those that the package has stored.

    Attributes:
        scores: How many were compared.
        difference: The largest relative difference; infinite if a score is missing.
        where: Whose it is: predictor and architecture.
        seconds: What it took.
    """

    scores: int
    difference: float
    where: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether all are the same."""
        return self.difference <= TOLERANCE


def findings(folder: Path) -> list[Finding]:
    """Versions, processor, memory, devices, disk and extras; `folder` is where runs will lie."""
    return [*_software(), *_machine(folder), *_extras()]


def self_test() -> SelfTest:
    """Score what is stored, and compare."""
    start, stored = time.perf_counter(), json.loads(SELF_TEST.read_text(encoding="utf-8"))
    here = computed()
    differences = {
        f"{predictor} of {architecture}": _difference(value, here.get(predictor, {}).get(architecture))
        for predictor, values in stored.items()
        for architecture, value in values.items()
    }
    where = max(differences, key=lambda one: differences[one])
    return SelfTest(len(differences), differences[where], where, time.perf_counter() - start)


def computed() -> dict[str, dict[str, float | None]]:
    """The scores of the self-test as they are here, by predictor and architecture."""
    named = {parse(name).id: name for name in ARCHITECTURES}
    table = score([parse(name) for name in ARCHITECTURES], "all", task("cifar10", IMAGES), dtype="float64")
    found: dict[str, dict[str, float | None]] = {one.name: {} for one in resolve("all")}
    for row in table.rows:
        found[row.predictor][named[row.architecture.id]] = row.score.value
    return found


def _difference(stored: float, here: float | None) -> float:
    return float("inf") if here is None else abs(here - stored) / abs(stored)


def _software() -> Iterator[Finding]:
    for name, one in versions("torchvision", "scipy", "pandas", "pyarrow").items():
        yield Finding(name, one)


def _machine(folder: Path) -> Iterator[Finding]:
    cores, on = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        hardware("cpu"),
    )
    yield Finding("processor", f"{on['machine']}, {on['capability']}, {cores} usable")
    yield Finding("threads of torch", f"{threads()}; scoring takes one a worker, training takes all")
    memory = available_memory()
    if memory is not None:
        fit = max(1, min(cores, int(memory / _WORKER)))
        few = "" if fit == cores else f"memory suffices for {fit} of them; give no more --workers"
        yield Finding(
            "memory", f"{memory / 1e9:.1f} GB free, for {cores} workers {cores * _WORKER / 1e9:.1f} GB", few
        )
    yield Finding("devices", ", ".join(names_of_devices()))
    for what, place in (("disk of runs", folder), ("disk of downloads", cache_folder())):
        there = next(one for one in (place, *place.absolute().parents) if one.exists())
        free = shutil.disk_usage(there).free
        full = "make room; a million scores take 0.3 GB" if free < _TIGHT else ""
        writable = "" if os.access(there, os.W_OK) else f"{there} may not be written to; choose another --out"
        yield Finding(what, f"{free / 1e9:.1f} GB free", writable or full)


def _extras() -> Iterator[Finding]:
    """Extras that one may want, with the versions of their packages."""
    packages: dict[str, list[str]] = {}
    for line in _requirements():
        if (match := _REQUIREMENT.match(line)) and match[2] != "dev":
            packages.setdefault(match[2], []).append(match[1])
    for extra, names in packages.items():
        found = {name: _version(name) for name in names}
        missing = [name for name, one in found.items() if one is None]
        text = ", ".join(f"{name} {one}" for name, one in found.items() if one is not None)
        advice = f"for what needs it: pip install 'netlore[{extra}]'" if missing else ""
        yield Finding(f"extra {extra}", text or "not installed", advice)


def _requirements() -> list[str]:
    """None of a source tree that was not installed."""
    try:
        return requires("netlore") or []
    except PackageNotFoundError:
        return []


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
