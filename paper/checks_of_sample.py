"""Checks of the sample of the initial space (section VI-A); what they need of it may not have been computed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from netlore.report.data import StudyData
from netlore.report.sample_data import SampleData
from paper.pages import PREDICTORS, Check, Entry

BEST = 0.3  # of the networks


def exponential(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Lilliefors' test of every predictor's scores, in the form in which they are positive."""
    sample = next(iter(study.samples), None)
    for name in PREDICTORS:
        if sample is None or (test := sample.exponential.get(name)) is None:
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
        yield Check(name, entry["printed"], ours, f"n = {test.n:,}, seed {sample.seed}", not test.rejected)


def tau(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Kendall's tau of pairs of predictors, which has to be at least `low` and below `below`."""
    sample = next(iter(study.samples), None)
    for pair in entry["pairs"]:
        what = f"tau of {' and '.join(pair)}"
        found = sample and sample.correlation
        if sample is None or not found or not set(pair) <= set(found.names):
            yield Check(what, entry["printed"])
            continue
        at = tuple(map(found.names.index, pair))
        value = float(found.tau[at])
        holds = None if math.isnan(value) else entry["low"] <= value < entry["below"]
        yield Check(what, entry["printed"], f"{value:+.3f}", f"n = {found.n[at]:,}, seed {sample.seed}", holds)


def best_networks(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """What a predictor's best networks have in common, by its tree and by counting."""
    conditions, share, predictor = entry["conditions"], entry.get("share"), entry["predictor"]
    words, first = " and ".join(f"{name} {sign} {value}" for name, sign, value in conditions), conditions[0][0]
    asked = {
        "first split of the tree": f"on {first}",
        "largest rule for high scores": words,
        f"best {100 * BEST:.0f} % with {words}": f"{100 * share:.0f} %" if share else "all; asked for: over half",
    }
    sample = next(iter(study.samples), None)
    if sample is None or predictor not in sample.trees:
        yield from map(Check, asked, asked.values())
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
    for (what, text), (found, holds) in zip(asked.items(), ours, strict=True):
        yield Check(what, text, found, f"n = {tree.n:,}, seed {sample.seed}", holds)


def shares(
    sample: SampleData, name: str, conditions: Sequence[Sequence[Any]], by_size: bool = False
) -> tuple[float, float]:
    """Part of the best 30 % of the networks that satisfies all conditions, and part of all networks.

    Networks without a score are left out; of equal scores the network that was drawn first is the better one.
    """
    scored = sample.frame[np.isfinite(sample.frame[name].to_numpy(dtype=np.float64))]
    scores = scored[name].to_numpy(dtype=np.float64)
    order = np.argsort(-(np.abs(scores) if by_size else scores), kind="stable")
    satisfied = scored.eval(" and ".join(" ".join(map(str, one)) for one in conditions)).to_numpy()
    best = order[: max(1, round(BEST * len(scored)))]
    return float(satisfied[best].mean()), float(satisfied.mean())
