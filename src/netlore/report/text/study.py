"""What a study found, in sentences for the top of a page; each stands on the numbers it states."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from operator import itemgetter

import numpy as np

from netlore.analysis.replicate_comparison import Repeatability
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData, scoring_seconds
from netlore.report.names import classes_of
from netlore.report.numbers import number_text, percent
from netlore.report.text.method_note import method_verdicts
from netlore.report.text.methods import WORDS, by_elites
from netlore.report.text.phrases import count, duration, join, preferences, short
from netlore.report.text.sample import sample_verdicts
from netlore.report.text.training import training_verdicts
from netlore.space.complexity import MEASURES

UPPER_END = 0.9
"""From where on, between the least and the most complex network of the first round, is its upper end."""
_UNITS = {"flops": "FLOPs", "params": "parameters", "activations": "activations"}


def headline(findings: StudyData) -> list[tuple[str, str]]:
    """Give the study in a few facts, (what, value); what there is none of is left out.

    A network counts each time it is drawn, and once for all predictors of a sample. Data sets are those that were
    scored on: those that were trained on often hold the same images under another name.
    """
    refinements = [each for one in findings.refinements for each in one.refinements]
    records = [record for one in findings.trainings for record in one.replicates]
    predictors = {name for one in findings.samples for name in one.predictors}
    predictors |= {one.predictor for one in findings.refinements}
    data = {one.data for one in findings.samples} | {one.data for one in findings.refinements}
    networks = sum(len(one.frame) for one in findings.samples) + sum(one.networks_scored for one in refinements)
    scoring = math.fsum([one.seconds for one in findings.samples] + [scoring_seconds(one) for one in refinements])
    scored = (
        ("network{} scored", networks),
        ("predictor{}", len(predictors)),
        ("data set{}", len(data)),
        ("refinement{}", len(refinements)),
        ("round{}", sum(len(one.rounds) for one in refinements)),
    )
    trained = (
        ("architecture{} trained", len({one.architecture for one in findings.trainings})),
        ("training{}", len(records)),
        ("epoch{} of training", sum(len(one.epochs) for one in records)),
    )
    return [
        *_counted(scored, "scoring time", scoring),
        *_counted(trained, "training time", math.fsum(one.seconds for one in records)),
    ]


def _counted(facts: Sequence[tuple[str, int]], time: str, seconds: float) -> list[tuple[str, str]]:
    """The facts that there are, and how long they took; nothing if there are none."""
    found = [(what.format("" if number == 1 else "s"), short(number)) for what, number in facts if number]
    return [*found, *([(time, duration(seconds))] if found else [])]


def summary(findings: StudyData) -> list[str]:
    """Say what the samples, the refinements and the trainings tell; only what the findings hold."""
    parts: tuple[Callable[[StudyData, str], Iterator[str]], ...] = (
        _sizes,
        _preferences,
        _overlaps,
        _unfinished,
        _repetition,
        _distances,
        _upper_ends,
    )
    sampled = [sentence for sample in findings.samples for sentence in sample_verdicts(sample)]
    refined = [sentence for data in findings.data for part in parts for sentence in part(findings, data)]
    return sampled + method_verdicts(findings) + refined + training_verdicts(findings)


def _sizes(findings: StudyData, data: str) -> Iterator[str]:
    """How many orders of magnitude each refinement removed, in how many rounds."""
    found = findings.refined(data)
    what = f"that refinement on {data} took off the design space"
    if by_elites(found):
        what = f"by which the last intervals on {data} hold less than the design space"
    yield f"Orders of magnitude {what}: {'; '.join(map(_removed, found))}."


def _removed(one: RefinementData) -> str:
    sizes = [(max(story.cardinalities[0], 1), max(story.cardinalities[-1], 1)) for story in one.refinements]
    orders = sorted(math.log10(before) - math.log10(after) for before, after in sizes)
    rounds = sorted(len(story.rounds) for story in one.refinements)
    low, high = f"{orders[0]:.1f}", f"{orders[-1]:.1f}"
    span = "" if low == high else f"{low} to "
    course = "" if rounds[0] == rounds[-1] else f"{rounds[0]} to "
    seeds = f" ({len(rounds)} seeds)" if len(rounds) > 1 else ""
    return f"{_who(one)} {span}{high} in {course}{count(rounds[-1], 'round')}{seeds}"


def _preferences(findings: StudyData, data: str) -> Iterator[str]:
    """What each predictor prefers; classes of hyperparameters without any preference are not mentioned."""
    for one in findings.refined(data):
        story = one.first
        found = {
            name: story.principles[name]
            for group in classes_of(one.grids)
            for name in group.names
            if any(story.principles[other] != _ends(one.grids[other]) for other in group.names)
        }
        begin = f"On {data}, {_who(one, _seed(one, story))} prefers"
        words = [
            # Hyperparameters of no known meaning are named in the text itself.
            entry.text if " = " in entry.text else f"{entry.what.lower()} of {entry.text}"
            for entry in preferences(found, one.grids)
        ]
        yield f"{begin} {'; '.join(words)}." if words else f"{begin} nothing: every interval is the whole grid."


def _who(one: RefinementData, seed: str = "") -> str:
    """The predictor; where a baseline speaks for it, that too."""
    words = WORDS[one.method]
    return f"{one.predictor}{seed}" if words.settles else f"{one.predictor}{seed}, by {words.noun},"


def _ends(grid: tuple[int, ...]) -> tuple[int, int]:
    return grid[0], grid[-1]


def _seed(one: RefinementData, story: Refinement) -> str:
    """Which of several replicates is meant."""
    return f" (seed {story.seed})" if len(one.refinements) > 1 else ""


def _overlaps(findings: StudyData, data: str) -> Iterator[str]:
    """Whose principles overlap most and least."""
    found = findings.agreement.get(data)
    if found is None:
        return
    pairs = [
        (float(found.jaccard[i, j]), f"{found.names[i]} and {found.names[j]}")
        for i, j in combinations(range(len(found.names)), 2)
    ]
    (most, closest), (least, farthest) = max(pairs, key=itemgetter(0)), min(pairs, key=itemgetter(0))
    common = "of their values in common, mean Jaccard index"
    if most == least:
        which = closest if len(pairs) == 1 else "every two predictors"
        yield f"The principles of {which} on {data} overlap ({percent(most)} {common})."
    else:
        yield (
            f"Of the principles on {data}, those of {closest} overlap most ({percent(most)} {common}), those of "
            f"{farthest} least ({percent(least)})."
        )


def _unfinished(findings: StudyData, data: str) -> Iterator[str]:
    """Which refinements ended before their intervals settled."""
    ends = (("round limit", "stopped at the limit of rounds"), ("unfinished", "was interrupted"))
    for one in findings.refined(data):
        for story in one.refinements:
            for reason, words in ends:
                if reason == story.stopped_because and (WORDS[one.method].settles or reason == "unfinished"):
                    yield (
                        f"The {WORDS[one.method].noun} for {one.predictor} on {data}{_seed(one, story)} "
                        f"{words}, after {count(len(story.rounds), 'round')}: its intervals had not settled."
                    )


def _repetition(findings: StudyData, data: str) -> Iterator[str]:
    """Which hyperparameters do not repeat over seeds."""
    for one in findings.refined(data):
        found = one.stability
        if found is None:
            continue
        of = f"of {one.predictor} on {data}"
        shares = [(name, share) for name, share in zip(found.names, found.containment, strict=True) if share < 1]
        seeds = f"over {count(found.replicates, 'seed')}: the interval of one seed"
        if shares:
            verb = "does" if len(shares) == 1 else "do"
            words = join([f"{percent(share)} of ordered pairs for {name}" for name, share in shares[:1]])
            words = join([words, *(f"{percent(share)} for {name}" for name, share in shares[1:])])
            which = f"{len(shares)} of {count(len(found.names), 'hyperparameter')}"
            yield f"{which} {of} {verb} not repeat {seeds} holds the median of another in {words}."
        else:
            every = f"All {len(found.names)} hyperparameters" if len(found.names) > 1 else found.names[0]
            verb = "repeat" if len(found.names) > 1 else "repeats"
            yield f"{every} {of} {verb} {seeds} always holds the median of another."


def _distances(findings: StudyData, data: str) -> Iterator[str]:
    """How far apart replicates end."""
    for one in findings.refined(data):
        if one.repeatability is None or one.stability is None:
            continue
        share = percent(float(np.mean(one.stability.containment)))
        yield (
            f"{one.predictor}'s {WORDS[one.method].noun} on {data}, "
            f"{count(len(one.refinements), 'seed')}: an interval holds another seed's median in {share} of cases; "
            f"{_distance(one.repeatability)}."
        )


def _distance(found: Repeatability) -> str:
    """How far elites are apart, and who came near the best known score, as far as the noise can tell."""
    seeds = count(len(found.reached), "seed")
    near = f"{sum(number is not None for number in found.reached)} of {seeds}"
    low, high = number_text(min(found.elite_scores)), number_text(max(found.elite_scores))
    if found.spread is not None:
        apart = number_text(round(found.spread, 1))
        return (
            f"final elites, each seed's twelve best architectures, lie {apart} noise units apart; "
            f"{near} came within one noise unit of the best known score"
        )
    why = (
        "no architecture has two scores, so how much of a difference is noise is not known"
        if found.noise is None
        else "the scores of an architecture do not differ between initialisations"
    )
    return f"{why}; elite scores are {low} to {high}; {near} scored an architecture with the best known score"


def _upper_ends(findings: StudyData, data: str) -> Iterator[str]:
    """Whose best networks are as complex as the budget lets them be."""
    for measure in MEASURES:
        limited = [one for one in findings.refined(data) if _UNITS[measure].lower() in one.budget.lower()]
        words = [text for one in limited for text in [_upper_end(one, measure)] if text]
        if words:
            when = "after" if by_elites(limited) else "in"
            yield (
                f"At the upper end of the budget on {data}, by the median of the best networks {when} the last "
                f"round against the range of all networks of the first: {'; '.join(words)} {_UNITS[measure]}."
            )


def _upper_end(one: RefinementData, measure: str) -> str | None:
    """The median of the last round and the range of the first, if the one is at the upper end of the other."""
    story, frame = one.first, one.networks
    first = frame.loc[(frame["round"] == 1) & (frame["seed"] == story.seed), measure].to_numpy(dtype=np.float64)
    if len(first) == 0 or measure not in story.rounds[-1].estimates:
        return None
    low, high, median = first.min(), first.max(), story.rounds[-1].estimates[measure].median
    if median < low + UPPER_END * (high - low):
        return None
    return f"{one.predictor}{_seed(one, story)} {number_text(median)} of {number_text(low)} to {number_text(high)}"
