"""Checks of the sample of the initial space (section VI-A); what they need of it may not have been computed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from netlore.analysis import Column, Floats
from netlore.analysis.correlation import TESTABLE
from netlore.analysis.rank_agreement import kendall_samples
from netlore.analysis.resampling import Statistic, resampled_counts, statistic_of
from netlore.analysis.trees import LEVELS, Tree
from netlore.report.data import StudyData
from netlore.report.sample_data import SampleData
from paper.pages import PREDICTORS, Check, Entry, interval_text, within

BEST = 0.3  # of the networks


def tau_between(one: Column, other: Column) -> Statistic:
    """Kendall's tau-b of networks that have both, with a bootstrap interval over five networks or more.

    Of fewer, even a perfect order may be chance, which resamples of it would not show.
    """
    both = np.isfinite(one) & np.isfinite(other)
    n = int(both.sum())
    if not n:
        return Statistic(None)
    found = statistic_of(kendall_samples(one[both], other[both], resampled_counts(n)), n)
    return found if n >= TESTABLE else found._replace(low=None, high=None)


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
    """Kendall's tau of pairs of predictors, whose interval has to be at least `low` and below `below`."""
    sample = next(iter(study.samples), None)
    for pair in entry["pairs"]:
        what = f"tau of {' and '.join(pair)}"
        if sample is None or not set(pair) <= set(sample.predictors):
            yield Check(what, entry["printed"])
            continue
        found = tau_between(*(sample.frame[name].to_numpy(dtype=np.float64) for name in pair))
        if found.value is None:
            yield Check(what, entry["printed"])
            continue
        holds = within(found.low, found.high, entry["low"], entry["below"])
        basis = f"n = {found.n:,}, seed {sample.seed}"
        yield Check(what, entry["printed"], interval_text(*found[:3]), basis, holds)


def best_networks(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Which networks score high, by a predictor's tree and by counting."""
    conditions, share, predictor = entry["conditions"], entry.get("share"), entry["predictor"]
    words, first = " and ".join(f"{name} {sign} {value}" for name, sign, value in conditions), conditions[0][0]
    asked = {
        "first split of the tree": f"on {first}",
        "largest rule for high scores": words,
        f"levels of networks with {words}": "mostly high",
    }
    if share:
        asked[f"share of all networks with {words}"] = f"{share:.0%}"
    sample = next(iter(study.samples), None)
    if sample is None or predictor not in sample.trees:
        yield from map(Check, asked, asked.values())
        return
    tree = sample.trees[predictor]
    split, rule = tree.root.split, tree.rules[0]
    # A rule bounded on both sides reads `16 <= w1 < 64`.
    bounded = all(f"{name} {sign} " in rule.text or f"<= {name} <" in rule.text for name, sign, _ in conditions)
    parts, ahead, case = levels(sample, predictor, conditions, tree)
    shown = ", ".join(f"{name} {part:.0%}" for name, part in parts.items())
    ours = [
        ("none" if split is None else f"{split[0]} >= {split[1]}", split is not None and split[0] == first),
        (f"{rule.text} ({rule.share:.0%} of all)", bounded and rule.level == "high"),
        (f"{shown}; ahead {interval_text(*ahead[:3], '+.0%')}", within(ahead.low, ahead.high, 0)),
    ]
    if share:
        holds = within(case.low, case.high, share - entry["near"], share + entry["near"])
        ours.append((interval_text(*case[:3], ".1%"), holds))
    for (what, text), (found, holds) in zip(asked.items(), ours, strict=True):
        yield Check(what, text, found, f"n = {tree.n:,}, seed {sample.seed}", holds)


def levels(
    sample: SampleData, name: str, conditions: Sequence[Sequence[Any]], tree: Tree
) -> tuple[Mapping[str, float], Statistic, Statistic]:
    """Of the networks that satisfy all conditions: which parts score low, medium and high; how far the part that
    scores high is ahead of the larger one of the others; and their share of all networks. Intervals: bootstrap."""
    scored = sample.frame[np.isfinite(sample.frame[name].to_numpy(dtype=np.float64))]
    level = np.searchsorted(np.asarray(tree.quantiles), scored[name].to_numpy(dtype=np.float64), side="left")
    inside = np.asarray(_satisfied(scored, conditions), dtype=np.bool_)
    table = np.column_stack([inside & (level == one) for one in range(len(LEVELS))]).astype(np.float32)
    counts = np.concatenate([np.ones((1, len(table)), dtype=np.float32), resampled_counts(len(table))])
    sums: Floats = (counts @ table).astype(np.float64)
    with np.errstate(invalid="ignore"):  # in a resample, or at all, none may satisfy them
        parts = sums / sums.sum(axis=1, keepdims=True)
    ahead = statistic_of(parts[:, 2] - parts[:, :2].max(axis=1), len(table))
    case = statistic_of(sums.sum(axis=1) / len(table), len(table))
    return dict(zip(LEVELS, parts[0].tolist(), strict=True)), ahead, case


def shares(
    sample: SampleData, name: str, conditions: Sequence[Sequence[Any]], by_size: bool = False
) -> tuple[float, float]:
    """Part of the best 30 % of the networks that satisfies all conditions, and part of all networks.

    Networks without a score are left out; of equal scores the network that was drawn first is the better one.
    """
    scored = sample.frame[np.isfinite(sample.frame[name].to_numpy(dtype=np.float64))]
    scores = scored[name].to_numpy(dtype=np.float64)
    order = np.argsort(-(np.abs(scores) if by_size else scores), kind="stable")
    satisfied = _satisfied(scored, conditions)
    best = order[: max(1, round(BEST * len(scored)))]
    return float(satisfied[best].mean()), float(satisfied.mean())


def _satisfied(scored: Any, conditions: Sequence[Sequence[Any]]) -> Any:
    return scored.eval(" and ".join(" ".join(map(str, one)) for one in conditions)).to_numpy()
