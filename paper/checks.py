"""The checks of claims, each from an entry of claims.toml, what was found, and what the paper printed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, StrictUndefined

import netlore as nl
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import kept_text
from netlore.report.text.phrases import join
from netlore.report.trainings import mean_error, training_groups
from paper.checks_of_sample import best_networks, exponential, tau
from paper.pages import DATA, NO_VALUE, Check, Entry, runs_of
from paper.table1 import GRIDS, Principles, basis, printed

CLASSES = {"cifar10": 10, "cifar100": 100}
LANGUAGE = Environment(undefined=StrictUndefined)
"""Of `holds` and `shows` in claims.toml."""

# of the design space and Table II


def size(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """The number of architectures, exactly."""
    spaces = {data: nl.anynet(num_classes=classes, flops=(10e6, 50e6)) for data, classes in CLASSES.items()}
    whole = spaces["cifar10"].cardinality
    within = " and ".join(f"{one.cardinality_within_budget:,} for {DATA[data]}" for data, one in spaces.items())
    ours = f"{whole:,}; within 10 to 50 MFLOPs {within}"
    yield Check("architectures in Omega_0", entry["printed"], ours, "counted", whole == entry["count"])


def complexities(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """FLOPs, parameters and activations of Table II's architectures."""
    for data, rows in paper["table2"].items():
        for name, row in rows.items():
            found = nl.complexity(nl.named(name), num_classes=CLASSES[data], resolution=32)
            rest = f", {found.params:,}, {found.activations:,}"
            text = f"{row['mflops']:.2f} M, {row['params']:,}, {row['activations']:,}"
            what = f"{DATA[data]}, {name.removeprefix(f'paper/{data}/')}"
            holds = f"{found.flops / 1e6:.2f} M{rest}" == text
            yield Check(what, text, f"{found.flops:,}{rest}", "counted", holds)


# of refinements


class Ends(NamedTuple):
    """An interval on its grid."""

    low: int
    high: int
    grid: Sequence[int]

    @property
    def values(self) -> list[int]:
        """The values of the grid in it."""
        return [value for value in self.grid if self.low <= value <= self.high]

    @property
    def middle(self) -> float:
        """Where its middle lies on the grid: 0 for the first value, 1 for the last."""
        return (self.grid.index(self.low) + self.grid.index(self.high)) / 2 / (len(self.grid) - 1)

    def __str__(self) -> str:
        """The interval."""
        return kept_text((self.low, self.high))


def of_ends(found: Principles, names: Sequence[str], others: Mapping[str, Principles] = {}) -> dict[str, Any]:
    """The measures of principles, those of the named hyperparameters, and those of the other predictors."""
    ends = {name: Ends(*found[name], grid) for name, grid in GRIDS.items()}
    return {
        **ends,
        "named": ", ".join(f"{name} {ends[name]}" for name in names),
        "total": sum(len(ends[name].values) for name in names),
        "several": sum(one.low < one.high for one in ends.values()),
        "others": {name: of_ends(other, names) for name, other in others.items()},
    }


def of_course(run: RefinementData, one: Refinement) -> dict[str, Any]:
    """The measures of how a refinement goes: of scores, of the size of the space, and of costs."""
    scores, sizes = list(run.scores(one).values()), one.cardinalities
    means, fall = [float(each.mean()) for each in scores], 0.0
    for before, after in pairwise(scores):
        error = math.sqrt(sum(float(each.var()) / len(each) for each in (before, after)))
        fall = max(fall, float(before.mean() - after.mean()) / error if error > 0 else 0.0)
    rounds, logarithms = np.arange(len(sizes)), np.log10(np.asarray(sizes, dtype=np.float64))
    slope, start = np.polyfit(rounds, logarithms, 1)
    variance = float(np.sum((logarithms - logarithms.mean()) ** 2))
    return {
        "means": means,
        "rising": sum(after > before for before, after in pairwise(means)),
        "fall": fall,
        "sizes": sizes,
        "factor": 10**slope,
        "r2": 1 - float(np.sum((logarithms - start - slope * rounds) ** 2)) / variance if variance else 0.0,
        "first": one.rounds[0].estimates,
        "last": one.rounds[-1].estimates,
    }


def judged(entry: Entry, measures: Mapping[str, Any]) -> tuple[str, bool | None]:
    """What an entry shows of measures, and whether it holds; None where it says nothing of them."""
    shown = LANGUAGE.from_string(entry.get("shows", "{{ named }}")).render(**entry, **measures)
    return shown, LANGUAGE.compile_expression(entry["holds"])(**entry, **measures)


def refined(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Per data set, predictor and seed; claims with `names` are of Figs. 6 to 9, which are about CIFAR-10."""
    runs, names = runs_of(study), entry.get("names")
    for data in DATA if names is None else ("cifar10",):
        ends = {name: run.first.principles for (where, name), run in runs.items() if where == data}
        rows = {name: printed(row) for name, row in paper["table1"][data].items()}
        for name in entry["predictors"]:
            if names is None:
                text = entry["printed"].format(**paper["table2"][data][f"paper/{data}/{name}"])
            else:
                text, _ = judged(entry, of_ends(rows[name], names, _without(rows, name)))
            if name not in ends:
                yield Check(f"{DATA[data]}, {name}", text)
                continue
            run = runs[data, name]
            for one in run.refinements:
                measures = of_ends(one.principles, names or (), _without(ends, name)) | of_course(run, one)
                ours, holds = judged(entry, measures)
                yield Check(f"{DATA[data]}, {name}", text, ours, basis(run, one), holds)


def _without(rows: Mapping[str, Principles], name: str) -> dict[str, Principles]:
    return {other: row for other, row in rows.items() if other != name}


# of trained networks


def errors_of(paper: Entry) -> dict[str, float]:
    """The errors of Table II on CIFAR-10, percent, by the architectures' names."""
    return {name: float(row["error"]) for name, row in paper["table2"]["cifar10"].items()}


def short(name: str) -> str:
    """A network's name without what all have."""
    return name.removeprefix("paper/cifar10/").removeprefix("baseline/")


def _trained(study: StudyData, papers: Mapping[str, float]) -> tuple[dict[str, float], str]:
    """Mean errors, percent, of the trainings on most images of CIFAR-10, and what they rest on."""
    groups = [one for one in training_groups(study.trainings) if re.match("cifar10(?!0)", Path(one.data).name)]
    if not groups:
        return {}, NO_VALUE
    group = max(groups, key=lambda one: one.trainings[0].training_images)
    seeds, images = join([str(seed) for seed in group.seeds]), group.trainings[0].training_images
    ours = {one.name: mean_error(one) for one in group.finished if one.name in papers}
    return ours, f"{group.epochs} epochs, {images:,} images, seed {seeds}"


def order_of_errors(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Pairs of networks whose errors differ in the paper: are they in the same order here?"""
    papers = errors_of(paper)
    ours, basis = _trained(study, papers)
    pairs = combinations(sorted(ours, key=papers.__getitem__), 2)
    apart = [(low, high) for low, high in pairs if papers[high] - papers[low] >= entry["apart"]]
    for low, high in apart:
        what, text = f"{short(low)} errs less than {short(high)}", f"{papers[low]:g} < {papers[high]:g} %"
        yield Check(what, text, f"{ours[low]:.2f}, {ours[high]:.2f} %", basis, ours[low] < ours[high])
    if not apart:
        yield Check("the order of pairs of networks", "as printed")


def least_error(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """A network's error next to those of the other predictors' networks, and of the best baseline."""
    papers, name = errors_of(paper), entry["network"]
    ours, basis = _trained(study, papers)
    if name not in ours:
        yield Check(f"{short(name)}'s error next to the others'", "lowest")
        return
    baselines = sorted((one for one in ours if one.startswith("baseline/")), key=ours.__getitem__)
    for other in (*(one for one in ours if one.startswith("paper/") and one != name), *baselines[:1]):
        near = other in baselines
        what, sign = ("comparable to", ",") if near else ("lower than that of", " <")
        text, found = f"{papers[name]:g}{sign} {papers[other]:g} %", f"{ours[name]:.2f}, {ours[other]:.2f} %"
        holds = ours[name] <= ours[other] + entry["within"] if near else ours[name] < ours[other]
        yield Check(f"{what} {short(other)}", text, found, basis, holds)


CHECKS: Mapping[str, Callable[[Entry, StudyData, Entry], Iterator[Check]]] = {
    check.__name__: check
    for check in (size, complexities, exponential, tau, best_networks, refined, order_of_errors, least_error)
}
"""By name: (entry of claims.toml, what was found, what the paper printed) to checks."""
