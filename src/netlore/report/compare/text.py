"""What a comparison of methods found, in sentences; each stands on the numbers it states."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from netlore.refinement.result import Refinement
from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings, ScoredAnew
from netlore.report.data import scoring_seconds
from netlore.report.numbers import number_text, percent
from netlore.report.text.phrases import count, duration, join, short


def comparison_headline(findings: ComparisonFindings) -> list[tuple[str, str]]:
    """Give the comparison in a few facts, (what, value)."""
    refinements = [each for group in findings.groups for one in group.methods for each in one.run.refinements]
    facts = (
        ("method", len(findings.labels)),
        ("refinement", len(refinements)),
        ("network", sum(one.networks_scored for one in refinements)),
        *((("fresh score", sum(one.scores for one in anew)),) if (anew := _scored_anew(findings)) else ()),
    )
    counted = [(what if number == 1 else f"{what}s", short(number)) for what, number in facts]
    seconds = [*map(scoring_seconds, refinements), *(one.seconds for one in _scored_anew(findings))]
    return [*counted, ("scoring time", duration(math.fsum(seconds)))]


def _scored_anew(findings: ComparisonFindings) -> list[ScoredAnew]:
    return [group.anew for group in findings.groups if group.anew is not None]


def comparison_summary(findings: ComparisonFindings) -> list[str]:
    """Say of every group which method ends highest and how surely, and of every method whether its seeds agree."""
    parts = (_anew, _highest, _below, _repetition, _luck, _flattered, _not_anew, _unfinished)
    return [sentence for group in findings.groups for part in parts for sentence in part(group)]


def _anew(group: GroupFindings) -> Iterator[str]:
    """That elites were scored anew, and how often."""
    anew = group.anew
    if anew is not None:
        often = count(anew.draws, "time") if anew.draws > 1 else "once"
        often = often if anew.scores == anew.draws * anew.architectures else f"up to {often}"
        yield (
            f"{group.title}: the best architectures of all seeds, {anew.architectures:,} in all, were scored "
            f"anew, {often} each, with initial weights that no seed had seen."
        )


def _highest(group: GroupFindings) -> Iterator[str]:
    """Which method has the highest median, how far above the next, and whether their seeds overlap."""
    if len(group.ranked) < 2:
        return
    (first, highest), (second, next_highest) = group.ranked[:2]
    methods = count(len(group.ranked), "method")
    anew = "" if group.anew is None else ", scored anew,"
    if highest == next_highest:
        yield (
            f"{group.title}: {first.label} and {second.label} have{anew} the same median elite score, "
            f"{number_text(highest)}, the highest of {methods}, after {_networks(first.run.refinements)} and "
            f"{_networks(second.run.refinements)}."
        )
        return
    yield (
        f"{group.title}: of {methods}, {first.label} has{anew} the highest median elite score, "
        f"{number_text(highest)} after {_networks(first.run.refinements)}; that of {second.label} is "
        f"{_distance(group, highest - next_highest)} lower, {number_text(next_highest)} after "
        f"{_networks(second.run.refinements)}. {_surely(group, first, second)}"
    )


def _surely(group: GroupFindings, first: MethodFindings, second: MethodFindings) -> str:
    """What the seeds of two methods say of others."""
    scores, others = group.elite_scores(first), group.elite_scores(second)
    single = [one.label for one, found in ((first, scores), (second, others)) if len(found) == 1]
    if single:
        return f"One seed of {join(single)} does not tell where others end."
    if min(scores) > max(others):
        return f"Every seed of {first.label} ends above every seed of {second.label}."
    return (
        f"But their seeds overlap ({_span(scores)} and {_span(others)}), so neither method is shown to end higher."
    )


def _below(group: GroupFindings) -> Iterator[str]:
    """How far each method ends from the best known score."""
    words = []
    for one, score in group.ranked:
        below = group.best_known - score
        words.append(f"{one.label} {_distance(group, abs(below))} {'above' if below < 0 else 'below'}")
    anew = "" if group.anew is None else " scored anew"
    if words:
        yield (
            f"{group.title}: against the best known mean score of an architecture{anew}, "
            f"{number_text(group.best_known)}, median elite scores are: {'; '.join(words)}."
        )


def _repetition(group: GroupFindings) -> Iterator[str]:
    """Whether the seeds of each method agree, and how many came near the best known score."""
    for one in group.methods:
        about = f"{group.title}, {one.label}, {count(len(one.replicates), 'seed')}"
        if one.stability is None:
            yield f"{about}: whether other seeds agree is not known; {_near(group, one)}."
            continue
        share = percent(float(np.mean(one.stability.containment)))
        yield (
            f"{about}: an interval holds another seed's median in {share} of cases, and covers "
            f"{one.width:.0%} of its grid on average; {_apart(group, one)}{_near(group, one)}."
        )


def _apart(group: GroupFindings, one: MethodFindings) -> str:
    """How far the elites of a method's seeds lie apart, if that is known of two."""
    scores = group.elite_scores(one)
    if len(scores) < 2:
        return ""
    elites = "final elites" if group.anew is None else "final elites, scored anew,"
    return f"{elites} lie {_distance(group, max(scores) - min(scores))} apart; "


def _near(group: GroupFindings, one: MethodFindings) -> str:
    what = "came within one noise unit of" if group.noise else "scored an architecture with"
    found = f"{len(one.reached)} of {count(len(one.replicates), 'seed')} {what} the best known score"
    if not one.reached:
        return found
    number = count(round(median(one.reached)), "network")
    return f"{found}, after {number}" + (" (median)" if len(one.reached) > 1 else "")


def _luck(group: GroupFindings) -> Iterator[str]:
    """Whether the elites of some methods rest on fewer scores than those of others."""
    words = [f"{one.elite_draws:.1f}" for one in group.methods]
    if len(set(words)) > 1 and group.anew is None:
        means = join([f"{number} in {one.label}" for number, one in zip(words, group.methods, strict=True)])
        yield (
            f"{group.title}: how many scores an elite architecture has, on average: {means}. The best of many "
            "means of few scores are also the luckiest, so elite scores that rest on fewer are rather too high."
        )


def _flattered(group: GroupFindings) -> Iterator[str]:
    """Whose own elite scores were luck by more than one noise unit."""
    luck = {one.label: one.luck for one in group.methods if one.luck is not None}
    if not luck or not group.noise:
        return
    much = {label: value for label, value in luck.items() if value > group.noise}
    if not much:
        yield f"{group.title}: own elite scores flatter no method by more than one noise unit (median of seeds)."
        return
    words = join([f"{label} by {_distance(group, value)}" for label, value in much.items()])
    yield (
        f"{group.title}: own elite scores flatter {words} (median of seeds), for the best of many means of few "
        "scores are also the luckiest."
    )


def _not_anew(group: GroupFindings) -> Iterator[str]:
    """Which seeds have no elite score by fresh scores."""
    if group.anew is None:
        return
    for one in group.methods:
        seeds = [str(found.refinement.seed) for found in one.replicates if found.fresh is None]
        if seeds:
            yield (
                f"{group.title}, {one.label}: seed{'s' if seeds[1:] else ''} {join(seeds)} "
                f"{'have' if seeds[1:] else 'has'} no elite score scored anew, as an elite lacks fresh scores."
            )


def _unfinished(group: GroupFindings) -> Iterator[str]:
    """Which refinements had not ended."""
    for one in group.methods:
        stories = [found for found in one.run.refinements if found.stopped_because == "unfinished"]
        if stories:
            seeds = f"seed{'s' if stories[1:] else ''} {join([str(story.seed) for story in stories])}"
            yield (
                f"{group.title}, {one.label}: {seeds} {'were' if stories[1:] else 'was'} interrupted, after "
                f"{_networks(stories)}; more networks may lead higher."
            )


def _distance(group: GroupFindings, difference: float) -> str:
    units = group.in_noise(difference)
    if units is not None:
        return f"{units:,.1f} noise units"
    return f"{number_text(difference)} ({'no noise' if group.noise == 0 else 'noise not known'})"


def _networks(stories: Sequence[Refinement]) -> str:
    """How many networks each of them scored."""
    low, high = (end(story.networks_scored for story in stories) for end in (min, max))
    return count(low, "network") if low == high else f"{low:,} to {high:,} networks"


def _span(scores: tuple[float, ...]) -> str:
    return f"{number_text(min(scores))} to {number_text(max(scores))}"
