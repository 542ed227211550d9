"""What trainings tell, in sentences that stand on their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netlore.analysis.correlation import FEWEST, TELLING
from netlore.report.data import StudyData, TrainingData
from netlore.report.score_accuracy import ScoreComparison, by_source, score_comparisons
from netlore.report.text.phrases import count, join
from netlore.report.training_groups import TrainingGroup, counted_errors, mean_error, training_groups

LEVEL = 0.05
_COSTS = {"flops": "FLOPs"}


def training_verdicts(findings: StudyData) -> list[str]:
    """Say which architectures have the lowest errors, what is unfinished, and whether scores told it before."""
    parts: tuple[Callable[[TrainingGroup], Iterator[str]], ...] = (_errors, _unfinished)
    groups = training_groups(findings.trainings)
    told = [sentence for group in groups for part in parts for sentence in part(group)]
    return told + [sentence for found in by_source(score_comparisons(findings)) for sentence in _ranks(found)]


def _conditions(group: TrainingGroup) -> str:
    return f"on {group.label} (recipe {group.recipe}, {count(group.epochs, 'epoch')})"


def _percent(error: float) -> str:
    return f"{error:.2f} %"


def _seeds(one: TrainingData) -> str:
    """How many seeds an error is the mean of, and how far apart they are; nothing for one."""
    errors = counted_errors(one)
    if len(errors) == 1:
        return ""
    return f", the mean of {len(errors)} seeds from {min(errors):.2f} to {_percent(max(errors))}"


def _errors(group: TrainingGroup) -> Iterator[str]:
    """Which architecture has the lowest error, by how much, and how much that says."""
    ranked = sorted(group.finished, key=mean_error)
    if not ranked:
        return
    best = ranked[0]
    error = f"{_percent(mean_error(best))} of {count(best.validation_images, 'validation image')}"
    if len(ranked) == 1:
        yield f"Trained {_conditions(group)}, {best.name} misclassifies {error}{_seeds(best)}."
        return
    second, last = ranked[1], ranked[-1]
    gap = mean_error(second) - mean_error(best)
    less = f"{gap:.2f} percentage points less than" if gap else "as much as"
    worst = f"; {last.name} has the highest, {_percent(mean_error(last))}" if len(ranked) > 2 else ""
    yield (
        f"Of {len(ranked)} architectures trained {_conditions(group)}, {best.name} has the lowest error: it "
        f"misclassifies {error}{_seeds(best)}, {less} {second.name} "
        f"({_percent(mean_error(second))}{_seeds(second)}){worst}. {_weight(best, second)}"
    )


def _weight(best: TrainingData, second: TrainingData) -> str:
    """How far the order of the best two can be trusted."""
    lower, higher = counted_errors(best), counted_errors(second)
    if len(lower) == 1 or len(higher) == 1:
        single = "each" if len(lower) == len(higher) else "for one of them"
        return f"With a single seed {single}, it is not known how much of that another seed would change."
    if max(lower) < min(higher):
        return f"Every seed of {best.name} is ahead of every seed of {second.name}."
    return "The seeds of the two overlap, so their order is not settled."


def _unfinished(group: TrainingGroup) -> Iterator[str]:
    """Which trainings ended early."""
    words = [
        f"{one.name} (seed {record.seed}, {len(record.epochs):,} of {count(record.planned, 'epoch')})"
        for one in group.trainings
        for record in one.replicates
        if not record.finished
    ]
    if words:
        verb = "is" if len(words) == 1 else "are"
        yield f"Unfinished {_conditions(group)}, and not compared, {verb} {join(words)}."


def _ranks(found: Sequence[ScoreComparison]) -> Iterator[str]:
    """Whether scores of one source rank networks as their accuracies do, and whether costs do."""
    scores, costs = (
        sorted(
            (one for one in found if one.of_predictor == whether and one.correlation.tau is not None),
            key=lambda one: -(one.correlation.tau or 0.0),
        )
        for whether in (True, False)
    )
    about = f"{_conditions(found[0].group)} and scored on {found[0].source}"
    if not scores:
        some = [one for one in found if one.of_predictor and one.correlation.n >= FEWEST]
        why = "scores or errors are all equal" if some else f"fewer than {FEWEST} have any"
        yield f"Scores of networks trained {about} cannot be compared with accuracies: {why}."
        return
    if all(one.correlation.too_few for one in scores):
        yield (
            f"Whether scores go with accuracy cannot be told for networks trained {about}: fewer than {TELLING} "
            f"have both (Kendall's tau with accuracy: {join([_tau_words(one) for one in scores])})."
        )
        return
    yardstick = f" Of costs, {_tau_words(costs[0])} goes most with accuracy." if costs else ""
    yield (
        f"Kendall's tau between scores and accuracy, over networks trained {about}: {_extremes(scores)}. "
        f"{_chance(scores)}{yardstick}"
    )


def _extremes(scores: Sequence[ScoreComparison]) -> str:
    if len(scores) == 1:
        return _tau_words(scores[0])
    return f"highest for {_tau_words(scores[0])}, lowest for {_tau_words(scores[-1])}, of {len(scores)} predictors"


def _chance(scores: Sequence[ScoreComparison]) -> str:
    """Which orders are hardly random, given that the best of several predictors looks good by chance."""
    level = LEVEL / len(scores)
    told = [
        f"{one.what}{', in reverse' if (one.correlation.tau or 0.0) < 0 else ''}"
        for one in scores
        if one.correlation.p_value is not None and one.correlation.p_value < level
    ]
    among = f", with Bonferroni's correction for {len(scores)} predictors" if len(scores) > 1 else ""
    if told:
        return f"At {LEVEL * 100:g} %{among}, a random order is rejected for {join(told)}."
    return f"At {LEVEL * 100:g} %{among}, a random order is not rejected."


def _tau_words(one: ScoreComparison) -> str:
    found = one.correlation
    p = "" if found.p_value is None else f", p {'< 0.001' if found.p_value < 0.001 else f'= {found.p_value:.2g}'}"
    return f"{_COSTS.get(one.what, one.what)} ({found.tau:.2f}, n = {found.n:,}{p})"
