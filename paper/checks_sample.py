"""Checks that need no refinement: of the space, of Table II's complexities, and of a sample (section VI-A)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import netlore as nl
from netlore.report.data import SampleData, StudyData
from paper.pages import DATA, PREDICTORS, Check

Entry = Mapping[str, Any]
CLASSES = {"cifar10": 10, "cifar100": 100}
BEST = 0.3  # of the networks


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
            what = f"{DATA[data]}, {name.removeprefix(f'paper/{data}/')}"
            asked = (f"{row['mflops']:.2f}", row["params"], row["activations"])
            text = f"{row['mflops']:.2f} M, {row['params']:,}, {row['activations']:,}"
            holds = (f"{flops / 1e6:.2f}", params, activations) == asked
            yield Check(what, text, f"{flops:,}, {params:,}, {activations:,}", "counted", holds)


def _basis(sample: SampleData, n: int) -> str:
    return f"n = {n:,}, seed {sample.seed}"


def _sample(study: StudyData) -> SampleData | None:
    return study.samples[0] if study.samples else None


def exponential(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Lilliefors' test of every predictor's scores, in the form in which they are positive."""
    sample = _sample(study)
    for name in PREDICTORS:
        test = None if sample is None else sample.exponential.get(name)
        if sample is None or test is None:
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
    sample = _sample(study)
    for pair in entry["pairs"]:
        what, found = f"tau of {' and '.join(pair)}", None if sample is None else sample.correlation
        if sample is None or found is None or not set(pair) <= set(found.names):
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
    sample, predictor = _sample(study), entry["predictor"]
    if sample is None or predictor not in sample.trees:
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


def shares(
    sample: SampleData, name: str, conditions: Sequence[Sequence[Any]], by_size: bool = False
) -> tuple[float, float]:
    """Part of the best 30 % of the networks that satisfies all conditions, and part of all networks.

    Networks without a score are left out; of equal scores the network that was drawn first is the better one.
    """
    scored = sample.frame[np.isfinite(sample.frame[name].to_numpy(dtype=np.float64))]
    scores = scored[name].to_numpy(dtype=np.float64)
    order = np.argsort(-(np.abs(scores) if by_size else scores), kind="stable")
    satisfied = np.ones(len(scored), dtype=np.bool_)
    for which, sign, value in conditions:
        column = scored[which].to_numpy()
        satisfied &= column >= value if sign == ">=" else column < value
    best = order[: max(1, round(BEST * len(scored)))]
    return float(satisfied[best].mean()), float(satisfied.mean())
