"""Checks that need no run: of the design space, which is counted, and of what the paper's own tables say."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

import netlore as nl
from netlore.analysis.correlation import accuracy_correlation
from netlore.report.data import StudyData
from netlore.report.text.phrases import join
from paper.checks_of_sample import tau_between
from paper.pages import DATA, Check, Entry, interval_text, within

CLASSES = {"cifar10": 10, "cifar100": 100}
IMAGES = 10_000
"""Of the test sets of CIFAR-10 and CIFAR-100."""
COSTS = {"mflops": "FLOPs", "params": "parameters", "activations": "activations"}


def short(name: str) -> str:
    """A network's name without what all have.

    >>> short("paper/cifar100/jacov"), short("baseline/resnet-20")
    ('jacov', 'resnet-20')
    """
    return name.rpartition("/")[2]


def size(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """The number of architectures, exactly."""
    spaces = {data: nl.anynet(num_classes=classes, flops=(10e6, 50e6)) for data, classes in CLASSES.items()}
    whole = spaces["cifar10"].cardinality
    parts = " and ".join(f"{one.cardinality_within_budget:,} for {DATA[data]}" for data, one in spaces.items())
    ours = f"{whole:,}; within 10 to 50 MFLOPs {parts}"
    yield Check("architectures in Omega_0", entry["printed"], ours, "counted", whole == entry["count"])


def complexities(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """FLOPs, parameters and activations of Table II's architectures."""
    for data, rows in paper["table2"].items():
        for name, row in rows.items():
            found = nl.complexity(nl.named(name), num_classes=CLASSES[data], resolution=32)
            rest = f", {found.params:,}, {found.activations:,}"
            text = f"{row['mflops']:.2f} M, {row['params']:,}, {row['activations']:,}"
            holds = f"{found.flops / 1e6:.2f} M{rest}" == text
            yield Check(f"{DATA[data]}, {short(name)}", text, f"{found.flops:,}{rest}", "counted", holds)


def difference(one: float, other: float, images: int, again: int = 0) -> tuple[float, float, float, float]:
    """How many points an error lies below another, with a 95 % interval, and z, from images alone.

        z = (q - p) / s,    s^2 = p (1 - p) / n + q (1 - q) / m

    with errors p and q, in percent, of n and m (`again`; 0: n) images. Both are counts of independent images; what
    another initial weight changes is not in it. For one test set it is too wide, since errors go together.

    >>> [round(number, 2) for number in difference(7.14, 7.23, 10_000)]
    [0.09, -0.63, 0.81, 0.25]
    """
    p, q, m = one / 100, other / 100, again or images
    error = 100 * math.sqrt(p * (1 - p) / images + q * (1 - q) / m)
    gap = other - one
    return gap, gap - 1.96 * error, gap + 1.96 * error, gap / error if error else math.copysign(math.inf, gap)


def lower_error(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """A network's printed error against those of others, on the test images that both are counted on."""
    for data, others in entry["than"].items():
        rows = paper["table2"][data]
        own = rows[f"paper/{data}/{entry['network']}"]["error"]
        for name in (one for one in rows if short(one) in others):
            error = rows[name]["error"]
            gap, low, high, z = difference(own, error, IMAGES)
            ours = f"{interval_text(gap, low, high, '+.2f')} points, z = {z:.2f}"
            what = f"{DATA[data]}, {entry['network']} against {short(name)}"
            basis = f"Table II, {IMAGES:,} images"
            yield Check(what, f"{own:g} < {error:g} %", ours, basis, within(low, high, 0))


def costliest(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Whether a network has the highest cost of all in a part of Table II."""
    for data, title in DATA.items():
        rows = paper["table2"][data]
        own = rows[f"paper/{data}/{entry['network']}"]
        others = {short(name): row for name, row in rows.items() if name.startswith(entry["among"]) and row != own}
        for cost, label in COSTS.items():
            above = [f"{name} {row[cost]:,}" for name, row in others.items() if row[cost] > own[cost]]
            ours = f"{own[cost]:,}; higher: {join(above) if above else 'none'}"
            yield Check(f"{title}, {label}", "highest", ours, f"Table II, {len(others)} others", not above)


def same_order(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Whether the printed errors of the predictors' networks are in one order on both data sets."""
    one, other = (
        np.array([row["error"] for name, row in paper["table2"][data].items() if name.startswith("paper/")])
        for data in DATA
    )
    found, p_value = tau_between(one, other), accuracy_correlation(one, -other).p_value
    assert found.value is not None and p_value is not None
    ours = f"{interval_text(*found[:3], '+.2f')}, p = {p_value:.2f}"
    holds = within(found.low, found.high, entry["low"])
    yield Check(
        "tau of errors on CIFAR-10 and CIFAR-100", entry["printed"], ours, f"Table II, n = {found.n}", holds
    )
