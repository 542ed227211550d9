"""What a scored sample tells, in sentences that stand on its numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netlore.analysis.correlation import PartialCorrelation
from netlore.analysis.exponential import SMALLEST_P, ExponentialTest
from netlore.analysis.trees import Tree
from netlore.report.data import SampleData
from netlore.report.numbers import comparisons, percent
from netlore.report.tables.sample import ranked_pairs
from netlore.report.text.phrases import count, join

MOSTLY = 0.75
"""Share of the variance of a predictor's ranks from which on it is called mostly a matter of cost."""


def sample_verdicts(sample: SampleData) -> list[str]:
    """Say what a sample tells: how predictors agree, their distributions, trees, and relation to cost."""
    parts: tuple[Callable[[SampleData], list[str]], ...] = (_what, _agreement, _exponential, _trees, _costs)
    return [sentence for part in parts for sentence in part(sample)]


def _what(sample: SampleData) -> list[str]:
    networks, failed = len(sample.frame), {name: n for name, n in sample.failed.items() if n}
    verb = "was" if networks == 1 else "were"
    text = (
        f"{count(networks, 'network')} of {sample.family} ({sample.budget}) {verb} scored on {sample.data} by "
        f"{count(len(sample.predictors), 'predictor')}."
    )
    if failed:
        total, scores = sum(failed.values()), networks * len(sample.predictors)
        of = join([f"{n:,} of {name}" for name, n in failed.items()])
        text += f" {total:,} of {count(scores, 'score')} {'is' if total == 1 else 'are'} missing: {of}."
    return [text]


def _agreement(sample: SampleData) -> list[str]:
    """The pairs of predictors with the highest and with the lowest tau."""
    ranked = ranked_pairs(sample.correlation) if sample.correlation else []
    pairs = [pair for pair in ranked if np.isfinite(pair[2])]
    if not pairs:
        return []
    (a, b, tau, n, _), (c, d, least, m, _) = pairs[0], pairs[-1]
    if len(pairs) == 1:
        return [f"{a} and {b} rank the networks of {sample.data} with Kendall's tau = {tau:.2f} (n = {n:,})."]
    undefined = len(ranked) - len(pairs)
    more = f" ({undefined} more without a defined tau)" if undefined else ""
    return [
        f"Of {len(pairs)} pairs of predictors on {sample.data}{more}, {a} and {b} agree most (Kendall's tau = "
        f"{tau:.2f}, n = {n:,}), {c} and {d} least (tau = {least:.2f}, n = {m:,})."
    ]


def _exponential(sample: SampleData) -> list[str]:
    sentences = []
    for level in dict.fromkeys(test.level for test in sample.exponential.values()):
        tests = {name: test for name, test in sample.exponential.items() if test.level == level}
        rejected, kept = (
            [_test_words(sample, name, test) for name, test in tests.items() if test.rejected == whether]
            for whether in (True, False)
        )
        of = f"that scores on {sample.data} are distributed exponentially, at {level * 100:g} %"
        if rejected:
            rest = "" if kept else ": for every predictor tested"
            sentences.append(f"Lilliefors' test rejects {of}, for {join(rejected)}{rest}.")
        if kept:
            sentences.append(f"Lilliefors' test does not reject {of}, for {join(kept)}, which is no proof of it.")
    return sentences


def _test_words(sample: SampleData, name: str, test: ExponentialTest) -> str:
    form = sample.transforms[name].positive_label
    # At the ends of the table, p is only known to be beyond.
    sign = "\N{LESS-THAN OR EQUAL TO}" if test.p_value <= SMALLEST_P else "="
    return f"{name} ({form}: D = {test.statistic:.3f}, p {sign} {test.p_value:.3g}, n = {test.n:,})"


def _trees(sample: SampleData) -> list[str]:
    return [_tree_words(name, tree) for name, tree in sample.trees.items()]


def _tree_words(name: str, tree: Tree) -> str:
    if tree.root.split is None:
        return f"The decision tree of {name} finds nothing to split {count(tree.n, 'network')} by."
    split, value = tree.root.split
    text = f"The decision tree of {name} splits first at {split} \N{GREATER-THAN OR EQUAL TO} {value}"
    top = tree.rules[0]
    if top.level == "high":
        rule = f"; its top rule, {comparisons(top.text)}, holds {percent(top.share)} of the networks"
        text += f"{rule}, of which {percent(top.purity)} score high"
    else:
        text += "; none of its rules is mostly of high scores"
    trust = "no better than" if tree.accuracy <= tree.baseline else "against"
    accuracy = (
        f"accuracy {percent(tree.accuracy)}, cross-validated, {trust} {percent(tree.baseline)} without a split"
    )
    return f"{text} ({accuracy})."


def _costs(sample: SampleData) -> list[str]:
    """Which predictors are mostly a matter of cost, and which are not."""
    known = {name: found for name, found in sample.partial.items() if np.isfinite(found.explained)}
    mostly = [_cost_words(name, found) for name, found in known.items() if found.explained >= MOSTLY]
    less = [_cost_words(name, found) for name, found in known.items() if found.explained < MOSTLY]
    costs = join(list(dict.fromkeys(_cost_name(name) for found in known.values() for name in found.names)))
    sentences = []
    if mostly:
        verb = "is" if len(mostly) == 1 else "are"
        sentences.append(
            f"{join(mostly)} {verb} mostly a matter of cost on {sample.data}: {costs} explain {MOSTLY:.0%} or "
            "more of the variance of the ranks."
        )
    if less:
        verb = "is" if len(less) == 1 else "are"
        sentences.append(
            f"{join(less)} {verb} not mostly a matter of cost on {sample.data}: {costs} explain less than "
            f"{MOSTLY:.0%} of the variance of the ranks."
        )
    return sentences


def _cost_words(name: str, found: PartialCorrelation) -> str:
    strengths = np.abs(found.partial)
    if not np.isfinite(strengths).any():
        return f"{name} ({percent(found.explained)}, n = {found.n:,})"
    top = int(np.nanargmax(strengths))
    partial = f"partial rho with {_cost_name(found.names[top])} = {found.partial[top]:.2f}"
    return f"{name} ({percent(found.explained)}, strongest {partial}, n = {found.n:,})"


def _cost_name(measure: str) -> str:
    return "FLOPs" if measure == "flops" else measure
