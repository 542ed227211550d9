"""Checks that need no refinement: of the space, Table II, a sample (section VI-A) and trained networks (Fig. 11).

Each takes an entry of claims.toml, what was found, and what the paper printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import netlore as nl
from netlore.report.data import SampleData, StudyData
from netlore.report.text.phrases import join
from netlore.report.training_groups import mean_error, training_groups
from paper.pages import DATA, NO_VALUE, PREDICTORS, Check, Entry

CLASSES = {"cifar10": 10, "cifar100": 100}
BEST = 0.3  # of the networks
NO_SAMPLE = SampleData("", "", 0, "", {}, (), {}, pd.DataFrame(), {}, None, {}, {}, {}, {}, "", 0.0)


def sample_of(study: StudyData) -> SampleData:
    """The first sample; one without networks and analyses if there is none."""
    return (*study.samples, NO_SAMPLE)[0]


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
            flops, params, activations = int(found.flops), int(found.params), int(found.activations)
            asked = (f"{row['mflops']:.2f}", row["params"], row["activations"])
            text = f"{row['mflops']:.2f} M, {row['params']:,}, {row['activations']:,}"
            ours, holds = f"{flops:,}, {params:,}, {activations:,}", (f"{flops / 1e6:.2f}", params, activations)
            what = f"{DATA[data]}, {name.removeprefix(f'paper/{data}/')}"
            yield Check(what, text, ours, "counted", holds == asked)


def exponential(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Lilliefors' test of every predictor's scores, in the form in which they are positive."""
    sample = sample_of(study)
    for name in PREDICTORS:
        test = sample.exponential.get(name)
        if test is None:
            yield Check(name, entry["printed"])
            continue
        raw = sample.frame[name].to_numpy(dtype=np.float64)
        values = np.abs(raw[np.isfinite(raw)])
        values = values / values.max()  # the square of synflow's scores would overflow
        ours = (
            f"{'rejected' if test.rejected else 'not rejected'} for {sample.transforms[name].positive_label}: "
            f"D = {test.statistic:.3f} (plain limit {1.358 / math.sqrt(test.n):.3f}), "
            f"{'p at most 0.001' if test.p_value < 0.00105 else f'p = {test.p_value:.3f}'}; "
            f"std / mean {values.std() / values.mean():.2f}"
        )
        yield Check(name, entry["printed"], ours, _basis(sample, test.n), not test.rejected)


def tau(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Kendall's tau of pairs of predictors, which has to be at least `low` and below `below`."""
    sample = sample_of(study)
    found = sample.correlation
    for pair in entry["pairs"]:
        what = f"tau of {' and '.join(pair)}"
        if found is None or not set(pair) <= set(found.names):
            yield Check(what, entry["printed"])
            continue
        i, j = map(found.names.index, pair)
        value = float(found.tau[i, j])
        holds = None if math.isnan(value) else entry["low"] <= value < entry["below"]
        yield Check(what, entry["printed"], f"{value:+.3f}", _basis(sample, int(found.n[i, j])), holds)


def best_networks(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """What a predictor's best networks have in common, by its tree and by counting."""
    conditions, share = entry["conditions"], entry.get("share")
    words, first = " and ".join(f"{name} {sign} {value}" for name, sign, value in conditions), conditions[0][0]
    asked = "all; asked for: over half" if share is None else f"{100 * share:.0f} %"
    what = ("first split of the tree", "largest rule for high scores", f"best {100 * BEST:.0f} % with {words}")
    texts = (f"on {first}", words, asked)
    sample, predictor = sample_of(study), entry["predictor"]
    if predictor not in sample.trees:
        yield from map(Check, what, texts)
        return
    tree = sample.trees[predictor]
    split, rule = tree.root.split, tree.rules[0]
    # A rule bounded on both sides reads `16 <= w1 < 64`.
    bounded = all(f"{name} {sign} " in rule.text or f"<= {name} <" in rule.text for name, sign, _ in conditions)
    best, every = shares(sample, predictor, conditions)
    ours = (
        ("none" if split is None else f"{split[0]} >= {split[1]}", split is not None and split[0] == first),
        (f"{rule.text} ({100 * rule.share:.0f} % of all)", bounded and rule.level == "high"),
        (f"{100 * best:.0f} % (of all networks {100 * every:.0f} %)", best > every and best > (share or 0.5)),
    )
    for one, text, (found, holds) in zip(what, texts, ours, strict=True):
        yield Check(one, text, found, _basis(sample, tree.n), holds)


def _basis(sample: SampleData, n: int) -> str:
    return f"n = {n:,}, seed {sample.seed}"


def shares(
    sample: SampleData, name: str, conditions: Sequence[Sequence[Any]], by_size: bool = False
) -> tuple[float, float]:
    """Part of the best 30 % of the networks that satisfies all conditions, and part of all networks.

    Networks without a score are left out; of equal scores the network that was drawn first is the better one.
    """
    scored = sample.frame[np.isfinite(sample.frame[name].to_numpy(dtype=np.float64))]
    scores = scored[name].to_numpy(dtype=np.float64)
    order = np.argsort(-(np.abs(scores) if by_size else scores), kind="stable")
    satisfied = scored.eval(
        " and ".join(f"{which} {sign} {value}" for which, sign, value in conditions)
    ).to_numpy()
    best = order[: max(1, round(BEST * len(scored)))]
    return float(satisfied[best].mean()), float(satisfied.mean())


def errors_of(paper: Entry) -> dict[str, float]:
    """The errors of Table II on CIFAR-10, percent, by the architectures' names."""
    return {name: float(row["error"]) for name, row in paper["table2"]["cifar10"].items()}


def trained(study: StudyData, papers: Mapping[str, float]) -> tuple[dict[str, float], str]:
    """Mean errors, percent, of the trainings on most images of CIFAR-10, and what they rest on."""
    of_cifar10 = [
        one
        for one in training_groups(study.trainings)
        if Path(one.data).stem.startswith("cifar10") and "cifar100" not in one.data
    ]
    if not of_cifar10:
        return {}, NO_VALUE
    group = max(of_cifar10, key=lambda one: one.trainings[0].training_images)
    seeds, images = join([str(seed) for seed in group.seeds]), group.trainings[0].training_images
    ours = {one.name: mean_error(one) for one in group.finished if one.name in papers}
    return ours, f"{group.epochs} epochs, {images:,} images, seed {seeds}"


def short(name: str) -> str:
    """A network's name without what all have."""
    return name.removeprefix("paper/cifar10/").removeprefix("baseline/")


def order_of_errors(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Pairs of networks whose errors differ in the paper: are they in the same order here?"""
    papers = errors_of(paper)
    ours, basis = trained(study, papers)
    pairs = list(combinations(sorted(ours, key=lambda name: papers[name]), 2))
    apart = [(low, high) for low, high in pairs if papers[high] - papers[low] >= entry["apart"]]
    for low, high in apart:
        what, text = f"{short(low)} errs less than {short(high)}", f"{papers[low]:g} < {papers[high]:g} %"
        yield Check(what, text, f"{ours[low]:.2f}, {ours[high]:.2f} %", basis, ours[low] < ours[high])
    if not apart:
        yield Check("the order of pairs of networks", "as printed")


def least_error(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """A network's error next to those of the other predictors' networks, and of the best baseline."""
    papers, name = errors_of(paper), entry["network"]
    ours, basis = trained(study, papers)
    if name not in ours:
        yield Check(f"{short(name)}'s error next to the others'", "lowest")
        return
    for other in (one for one in ours if one.startswith("paper/") and one != name):
        text, found = f"{papers[name]:g} < {papers[other]:g} %", f"{ours[name]:.2f}, {ours[other]:.2f} %"
        yield Check(f"lower than that of {short(other)}", text, found, basis, ours[name] < ours[other])
    baselines = [one for one in ours if one.startswith("baseline/")]
    if baselines:
        best = min(baselines, key=lambda one: ours[one])
        text, found = f"{papers[name]:g}, {papers[best]:g} %", f"{ours[name]:.2f}, {ours[best]:.2f} %"
        within = ours[name] <= ours[best] + entry["within"]
        yield Check(f"comparable to {short(best)}", text, found, basis, within)
