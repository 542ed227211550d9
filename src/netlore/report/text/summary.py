"""The most important of what was found, in at most ten sentences, each about a figure or table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from netlore.analysis.correlation import TESTABLE
from netlore.analysis.judgements import (
    LEVEL,
    MOSTLY_COST,
    Order,
    Pair,
    extreme_pairs,
    is_mostly_cost,
    is_near_upper_end,
    order_of,
    rejected_orders,
    repeated,
)
from netlore.refinement.result import StopReason
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import measure_title
from netlore.report.numbers import percent
from netlore.report.score_accuracy import ScoreComparison, by_source, score_comparisons
from netlore.report.text.methods import method_of, stop_sentence
from netlore.report.text.phrases import count, join, short
from netlore.report.training_groups import counted_errors, mean_error, training_groups

MOST = 10
"""Sentences on a page."""

COMPARISON = "compare"
"""The folder beside a study's page for the comparison of its methods."""


@dataclass(frozen=True)
class Sentence:
    """One statement.

    Attributes:
        text: With its number.
        about: The figure or table that shows it, by name; empty: none.
    """

    text: str
    about: str = ""


def summary(study: StudyData) -> list[Sentence]:
    """Say what was found in at most ten sentences, the most important first."""
    parts: tuple[Callable[[StudyData], Iterator[Sentence]], ...] = (
        *(_compared, _left, _agreement, _overlap, _costs, _repeated, _near, _trained, _ranks, _unfinished),
        *(_upper_ends, _exponential, _missing),
    )
    return list(islice(chain.from_iterable(part(study) for part in parts), MOST))


def _compared(study: StudyData) -> Iterator[Sentence]:
    """Which methods are not on this page."""
    if study.compared:
        others = dict.fromkeys(method for *_, methods in study.compared for method in methods[1:])
        labels = join([method_of(one).label for one in others])
        text = f"{count(len(study.compared), 'refinement')} also ran by {labels}"
        yield Sentence(f"{text}: the folder {COMPARISON} puts the methods side by side.")


def _left(study: StudyData) -> Iterator[Sentence]:
    """How much of the design space is left, and after how many rounds."""
    if not study.refinements:
        return
    sizes = [(each.cardinalities[-1], one, each) for one in study.refinements for each in one.refinements]
    least, most = (pick(sizes, key=lambda found: found[0]) for pick in (min, max))
    size, one, each = least
    of = f"Of {count(each.cardinalities[0], 'architecture')}"
    rounds = [len(found.rounds) for _, _, found in sizes]
    after = count(max(rounds), "round") if min(rounds) == max(rounds) else f"{min(rounds)} to {max(rounds)} rounds"
    if len(sizes) == 1:
        text = f"{of}, the last intervals hold {short(size)} after {after}. {stop_sentence(one.method, each)}"
    elif least[0] == most[0]:
        text = f"{of}, the last intervals of all {len(sizes)} refinements hold {short(size)}, after {after}."
    else:
        text = f"{of}, the last intervals hold {short(size)} ({_of(one)}) to {short(most[0])} ({_of(most[1])})"
        text += f", after {after}."
    yield Sentence(text, "fig5-sizes")


def _of(one: RefinementData) -> str:
    return f"{one.predictor} on {one.data}"


def _agreement(study: StudyData) -> Iterator[Sentence]:
    """The predictors that rank networks most and least alike."""
    for sample in study.samples[:1]:
        found = sample.correlation and extreme_pairs(sample.correlation.names, sample.correlation.tau)
        if found:
            most, least = found
            tau = f"Kendall's tau = {_signed(most.value)}"
            text = f"{_pair(most)} rank the networks of {sample.data} most alike ({tau})"
            text += f", {_pair(least)} least ({_signed(least.value)})."
            if most == least:
                text = f"{_pair(most)} rank the networks of {sample.data} with {tau}."
            yield Sentence(text, "fig2-correlation")


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def _pair(pair: Pair) -> str:
    return f"{pair.one} and {pair.other}"


def _overlap(study: StudyData) -> Iterator[Sentence]:
    """Whose principles overlap most and least, over all data sets."""
    ends = {data: extreme_pairs(found.names, found.jaccard) for data, found in study.agreement.items()}
    pairs = [(pair, data) for data, found in ends.items() if found for pair in found]
    if pairs:
        most, least = (pick(pairs, key=lambda found: found[0].value) for pick in (max, min))
        text = f"Principles of {_pair(most[0])} on {most[1]} share {percent(most[0].value)} of their values"
        if most != least:
            text += f", the most; those of {_pair(least[0])} on {least[1]} {percent(least[0].value)}, the least"
        yield Sentence(f"{text}.", "agreement")


def _costs(study: StudyData) -> Iterator[Sentence]:
    """Which predictors are mostly a matter of cost."""
    for sample in study.samples[:1]:
        known = {name: found for name, found in sample.partial.items() if np.isfinite(found.explained)}
        mostly = [f"{name} ({percent(one.explained)})" for name, one in known.items() if is_mostly_cost(one)]
        if known:
            which = join(mostly) if mostly else f"none of {count(len(known), 'predictor')}"
            text = f"Costs explain {MOSTLY_COST:.0%} or more of the variance of the ranks of {which}"
            yield Sentence(f"{text}, on {sample.data}.", "partial-correlation")


def _repeated(study: StudyData) -> Iterator[Sentence]:
    """How many hyperparameters repeat over seeds."""
    found = [(one, one.stability) for one in study.refinements if one.stability is not None]
    shares = [(len(repeated(stable)) / len(stable.names), len(repeated(stable)), one) for one, stable in found]
    if shares:
        least, most = (pick(shares, key=lambda share: share[0]) for pick in (min, max))
        of = f"of {count(len(most[2].grids), 'hyperparameter')}"
        text = f"{most[1]} {of} of {_of(most[2])} repeat with every seed"
        if least[0] < most[0]:
            text += f", the most; {least[1]} of {_of(least[2])}, the fewest"
        elif len(shares) > 1:
            text = f"{most[1]} {of} repeat with every seed in each of {len(shares)} replicated refinements"
        yield Sentence(f"{text}.", "stability")


def _near(study: StudyData) -> Iterator[Sentence]:
    """How far apart the seeds end, and how many came near the best known score."""
    found = [(one, one.repeatability) for one in study.refinements if one.repeatability is not None]
    if found:
        seeds = [number for _, repeat in found for number in repeat.reached]
        near = sum(number is not None for number in seeds)
        apart = [(repeat.spread, one) for one, repeat in found if repeat.spread is not None]
        text = f"{near} of {count(len(seeds), 'seed')} came near the best known score of their predictor"
        if apart:
            spread, one = max(apart, key=lambda pair: pair[0])
            text += f"; seeds end at most {spread:.1f} noise units apart ({_of(one)})"
        yield Sentence(f"{text}.", "repeatability")


def _trained(study: StudyData) -> Iterator[Sentence]:
    """Which architecture has the lowest error, and how far its lead is settled."""
    for group in training_groups(study.trainings):
        ranked = sorted(group.finished, key=mean_error)
        if not ranked:
            continue
        best = ranked[0]
        text = f"{best.name} has the lowest error on {group.label}, {mean_error(best):.2f} %"
        if ranked[1:]:
            second = ranked[1]
            order = order_of(counted_errors(best), counted_errors(second))
            text += f" against {mean_error(second):.2f} % of {second.name}; {_ORDERS[order]}"
        conditions = f"recipe {group.recipe}, {count(group.epochs, 'epoch')}"
        yield Sentence(f"{text} ({conditions}).", "table2-performance")


_ORDERS = {
    Order.UNKNOWN: "with a single seed, that order may be chance",
    Order.SETTLED: "every seed of the one is ahead of every seed of the other",
    Order.OPEN: "their seeds overlap, so that order is not settled",
}


def _ranks(study: StudyData) -> Iterator[Sentence]:
    """Whether scores rank trained networks as their accuracies do."""
    for found in by_source(score_comparisons(study)):
        scores = {one.what: one for one in found if one.of_predictor and one.correlation.tau is not None}
        if scores:
            best, worst = (
                pick(scores.values(), key=lambda one: one.correlation.tau or 0.0) for pick in (max, min)
            )
            passed = rejected_orders({name: one.correlation for name, one in scores.items()})
            text = f"Kendall's tau of scores with accuracy on {best.group.label} is {_tau_words(best)}"
            text += f" to {_tau_words(worst)}" if worst is not best else ""
            verdict = f"at {LEVEL:.0%}, chance is rejected for {join(passed) if passed else 'no predictor'}"
            if all(one.correlation.too_few for one in scores.values()):
                verdict = f"fewer than {TESTABLE} networks cannot tell that from chance"
            yield Sentence(f"{text}; {verdict}.", "score-accuracy")


def _tau_words(one: ScoreComparison) -> str:
    return f"{_signed(one.correlation.tau or 0.0)} ({one.what}, n = {one.correlation.n:,})"


def _unfinished(study: StudyData) -> Iterator[Sentence]:
    """Which refinements ended before their intervals settled."""
    early = [
        f"{_of(one)} (seed {each.seed})"
        for one in study.refinements
        for each in one.refinements
        if each.stopped_because == StopReason.UNFINISHED
        or (each.stopped_because == StopReason.ROUND_LIMIT and method_of(one.method).settles)
    ]
    if early:
        shown = join([*early[:3], *([f"{len(early) - 3} more"] if early[3:] else [])])
        yield Sentence(
            f"{count(len(early), 'refinement')} had not settled at the end: {shown}.", "table1-principles"
        )


def _upper_ends(study: StudyData) -> Iterator[Sentence]:
    """Whose best networks are as complex as the budget lets them be."""
    for measure in dict.fromkeys(name for one in study.refinements for name in one.first.space.budget.limits()):
        names = [_of(one) for one in study.refinements if _at_upper_end(one, measure)]
        if names:
            text = f"The best networks of {join(names)} are at the upper end of the budget of"
            yield Sentence(f"{text} {measure_title(measure)}.", "fig10-complexity")


def _at_upper_end(one: RefinementData, measure: str) -> bool:
    """Whether the median of the last round is at the upper end of the networks of the first."""
    last, frame = one.first.rounds[-1].estimates, one.first.rounds[0].frame
    if measure not in last or measure not in frame or measure not in one.first.space.budget.limits():
        return False
    return is_near_upper_end(last[measure].median, float(frame[measure].min()), float(frame[measure].max()))


def _exponential(study: StudyData) -> Iterator[Sentence]:
    """How often scores are not distributed exponentially."""
    for sample in study.samples[:1]:
        if tests := sample.exponential.values():
            text = f"An exponential distribution of scores is rejected for {sum(one.rejected for one in tests)} of"
            yield Sentence(f"{text} {count(len(tests), 'predictor')} on {sample.data}.", "exponential")


def _missing(study: StudyData) -> Iterator[Sentence]:
    """How many scores there are not."""
    failed = sum(sum(one.failed.values()) for one in study.samples) + sum(one.failed for one in study.refinements)
    asked = sum(len(one.frame) * len(one.predictors) for one in study.samples)
    asked += sum(each.networks_scored for one in study.refinements for each in one.refinements)
    if failed:
        yield Sentence(f"Left out everywhere: {failed:,} of {count(asked, 'score')} without a value.", "scores")
