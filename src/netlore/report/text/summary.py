"""The most important of what was found, in at most ten sentences, each about a figure or table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple, TypeVar

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
from netlore.report.members import nearest_text
from netlore.report.names import data_ending, measure_title
from netlore.report.text.determination import undetermined_text
from netlore.report.text.methods import method_of, stop_sentence
from netlore.report.text.phrases import count, join, minus, percent, short, span
from netlore.report.text.regimes import moves_text
from netlore.report.trainings import by_source, counted_errors, mean_error, score_comparisons, training_groups

V = TypeVar("V")

MOST = 10
"""Sentences on a page."""

COMPARISON = "compare"
"""The folder next to a study's page for the comparison of its methods."""


class Sentence(NamedTuple):
    """A statement with its number, and the name of the figure or table that shows it; empty: none does."""

    text: str
    about: str = ""


def summary(study: StudyData) -> list[Sentence]:
    """Say what was found in at most ten sentences, the most important first."""
    parts: tuple[Callable[[StudyData], Iterator[Sentence]], ...] = (
        *(_compared, _left, _undetermined, _moved, _agreement, _overlap, _costs, _repeated, _near, _trained),
        *(_ranks, _unfinished, _upper_ends, _exponential, _missing),
    )
    return list(islice(chain.from_iterable(part(study) for part in parts), MOST))


def _ends(found: Iterable[V], key: Callable[[V], float]) -> tuple[V, V]:
    """The entries with the lowest and the highest key, of equal ones the first."""
    entries = list(found)
    return min(entries, key=key), max(entries, key=key)


def _of(one: RefinementData) -> str:
    return f"{one.predictor} on {one.data}"


def _pair(pair: Pair) -> str:
    return f"{pair.one} and {pair.other}"


def _compared(study: StudyData) -> Iterator[Sentence]:
    """Which methods are not on this page."""
    if study.compared:
        others = dict.fromkeys(method for *_, methods in study.compared for method in methods[1:])
        labels = join([method_of(one).label for one in others])
        text = f"{count(len(study.compared), 'refinement')} also ran by {labels}"
        yield Sentence(f"{text}: the folder {COMPARISON} puts the methods side by side.")


def _left(study: StudyData) -> Iterator[Sentence]:
    """How much of the design space is left, and after how many rounds."""
    sizes = [(each.cardinalities[-1], one, each) for one in study.refinements for each in one.refinements]
    if not sizes:
        return
    least, most = _ends(sizes, lambda found: found[0])
    size, one, each = least
    of = f"Of {count(each.cardinalities[0], 'architecture')}, the last intervals"
    after = span([len(found.rounds) for _, _, found in sizes], "round")
    text = f"{of} hold {short(size)} ({_of(one)}) to {short(most[0])} ({_of(most[1])}), after {after}."
    if len(sizes) == 1:
        text = f"{of} hold {short(size)} after {after}. {stop_sentence(one.method, each)}"
    elif least[0] == most[0]:
        text = f"{of} of all {len(sizes)} refinements hold {short(size)}, after {after}."
    yield Sentence(text, "fig5-sizes")


def _undetermined(study: StudyData) -> Iterator[Sentence]:
    """Whose intervals are not to be trusted."""
    if text := undetermined_text(study.refinements):
        yield Sentence(text, "determination")


def _moved(study: StudyData) -> Iterator[Sentence]:
    """Whose principles move most and least with the budget, and by which members of combinations."""
    if text := moves_text(study):
        yield Sentence(text, "regimes")
    yield from (
        Sentence(text, "members") for one in study.refinements if (text := nearest_text(one.members, _of(one)))
    )


def _agreement(study: StudyData) -> Iterator[Sentence]:
    """The predictors that rank networks most and least alike."""
    for sample in study.samples[:1]:
        found = sample.correlation and extreme_pairs(sample.correlation.names, sample.correlation.tau)
        if found:
            most, least = found
            tau = minus(f"Kendall's tau = {most.value:.2f}")
            text = f"{_pair(most)} rank the networks of {sample.data} most alike ({tau})"
            text += f", {_pair(least)} least ({minus(f'{least.value:.2f}')})."
            if most == least:
                text = f"{_pair(most)} rank the networks of {sample.data} with {tau}."
            yield Sentence(text, "fig2-correlation")


def _overlap(study: StudyData) -> Iterator[Sentence]:
    """Whose principles overlap most and least, over all data sets."""
    ends = {data: extreme_pairs(found.names, found.jaccard) for data, found in study.agreement.items()}
    pairs = [(pair, data) for data, found in ends.items() if found for pair in found]
    if pairs:
        least, most = _ends(pairs, lambda found: found[0].value)
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
        least, most = _ends(shares, lambda share: share[0])
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
        best, *others = ranked
        text = f"{best.name} has the lowest error on {group.label}, {mean_error(best):.2f} %"
        for second in others[:1]:
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
    compared = by_source(score_comparisons(study))
    for found in compared:
        taus = {one.what: one.correlation for one in found if one.of_predictor and one.correlation.tau is not None}
        if taus:
            (worst, low), (best, high) = _ends(taus.items(), lambda named: named[1].tau or 0.0)
            words = [
                minus(f"{one.tau:.2f}") + f" ({name}, n = {one.n:,})" for name, one in ((best, high), (worst, low))
            ]
            group, source = found[0].group, f" on {found[0].source}" if compared[1:] else ""
            text = f"Kendall's tau of scores{source} with accuracy on {group.label} is "
            text += words[0] if best == worst else " to ".join(words)
            verdict = f"at {LEVEL:.0%}, chance is rejected for {join(rejected_orders(taus) or ['no predictor'])}"
            if all(one.too_few for one in taus.values()):
                verdict = f"fewer than {TESTABLE} networks are too few to distinguish that from chance"
            yield Sentence(f"{text}; {verdict}.", "score-accuracy")


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
        text = f"{count(len(early), 'refinement')} had not settled at the end: {shown}."
        yield Sentence(text, "table1-principles")


def _upper_ends(study: StudyData) -> Iterator[Sentence]:
    """Whose best networks are as complex as the budget lets them be."""
    for measure in dict.fromkeys(name for one in study.refinements for name in one.first.space.budget.limits()):
        ends = [one for one in study.refinements if _at_upper_end(one, measure)]
        if ends:
            text = f"The best networks of {join([_of(one) for one in ends])} are at the upper end of the budget of"
            figure = f"fig10-complexity{data_ending(ends[0].data, study.data)}"
            yield Sentence(f"{text} {measure_title(measure)}.", figure)


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
    failed = sum(one.missing_scores for one in study.samples) + sum(one.failed for one in study.refinements)
    asked = sum(one.networks * len(one.predictors) for one in study.samples)
    asked += sum(each.networks_scored for one in study.refinements for each in one.refinements)
    if failed:
        yield Sentence(f"Left out everywhere: {failed:,} of {count(asked, 'score')} without a value.", "scores")
