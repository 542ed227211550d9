"""All tables of a comparison of methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median

import numpy as np

from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings
from netlore.report.names import interval_text
from netlore.report.tables.table import DATA, PREDICTOR, SEED, NamedTable, named_table

METHOD, SEEDS = "Method", "Seeds"
_WHICH = (DATA, PREDICTOR, METHOD)
_Row = tuple[object, ...]
MAIN = ("methods", "repetition")
"""Names of the tables that a reader looks for first."""
BEST_MEANS = ("Lowest best mean", "Median best mean", "Highest best mean")
_RANGE = ("Lowest", "Median", "Highest")


def comparison_tables(findings: ComparisonFindings) -> list[NamedTable]:
    """Give every table of a comparison, the most important first; none is empty."""
    makers = (_methods, _repetition, _best_known, _best_architectures, _final_intervals)
    return [make(findings) for make in makers]


def _rows(
    findings: ComparisonFindings, of: Callable[[GroupFindings, MethodFindings], Iterator[_Row]]
) -> list[_Row]:
    """What `of` says of every method, behind data set, predictor and method."""
    return [
        (group.first.data, group.first.predictor, one.label, *row)
        for group in findings.groups
        for one in group.methods
        for row in of(group, one)
    ]


def _three(values: Sequence[float]) -> _Row:
    return (min(values), median(values), max(values)) if values else (None, None, None)


def _methods(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        scores = group.elite_scores(one)
        bias = None if group.rescored is None or one.selection_bias is None else group.in_noise(one.selection_bias)
        yield (
            *(len(one.replicates), min(one.networks), max(one.networks), *_three(one.elite_scores)),
            *((*_three(one.rescored), bias) if findings.rescored else ()),
            group.in_noise(group.best_known - median(scores)) if scores else None,
            *(*_three([each.best.score for each in one.replicates]), one.elite_draws),
        )

    caption = (
        "How high methods of refinement end. Elite score: mean of a seed's twelve best architectures, each by "
        "the mean of its own scores; below the best known score: the median one, in units of the noise of "
        "initialisation, negative if above it. Best mean: that of the best architecture alone. Scores of an "
        "elite: how many each of the twelve has; the fewer, the larger the selection bias of their means."
    )
    if findings.rescored:
        caption += (
            " Rescored elite score: the same of a seed's elites, by scores under initialisations that no seed had "
            "seen; selection bias: the median of how far a seed's own elite score lies above it, in noise units."
        )
    columns = (
        *(*_WHICH, SEEDS, "Fewest networks", "Most networks"),
        *(f"{which} elite score" for which in _RANGE),
        *(
            (*(f"{which} rescored elite score" for which in _RANGE), "Selection bias, noise units")
            * findings.rescored
        ),
        *("Below best known, noise units", *BEST_MEANS, "Scores of an elite"),
    )
    return named_table("methods", caption, columns, _rows(findings, of))


def _repetition(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        shares: _Row = (None, None)
        if one.stability is not None:
            shares = (np.mean(one.stability.containment), np.mean(one.stability.jaccard))
        scores, found = group.elite_scores(one), median(one.reached) if one.reached else None
        spread = group.in_noise(max(scores) - min(scores)) if scores[1:] else None
        until = int(found) if found is not None and found == int(found) else found
        near = f"{len(one.reached)} of {len(one.replicates)}"
        yield len(one.replicates), spread, *shares, one.width, near, until

    caption = (
        "Whether the seeds of a method agree. Spread: highest less lowest elite score. Containment: share of "
        "ordered pairs of seeds in which the interval of one holds the median of the other; Jaccard: share of "
        "the values of either interval that are in both; interval width: share of the grid that a final interval "
        "covers, for wide intervals agree whatever was found; means over the hyperparameters. Near the best "
        "known score: seeds that scored an architecture at most one noise unit below it, and the median of the "
        "networks that they scored until "
        f"then.{' By rescored elites where there are any.' if findings.rescored else ''}"
    )
    columns = (
        *(*_WHICH, SEEDS, "Spread, noise units", "Containment", "Jaccard", "Interval width"),
        *("Near best known", "Networks until near it"),
    )
    return named_table("repetition", caption, columns, _rows(findings, of))


def _best_known(findings: ComparisonFindings) -> NamedTable:
    rows = [
        (
            *(group.first.data, group.first.predictor, len(group.methods)),
            *(sum(len(one.replicates) for one in group.methods), sum(sum(one.networks) for one in group.methods)),
            *(group.noise, group.best_known),
            *((None, None) if group.rescored is None else (group.rescored.architectures, group.rescored.scores)),
        )
        for group in findings.groups
    ]
    caption = (
        "What all methods are measured by. Noise: pooled standard deviation of the scores of an architecture "
        "over its initialisations, over all refinements. Best known: the highest mean score of an architecture "
        "over all of them, of those scored twice if there are any; of rescored elites where there are any."
    )
    columns = [DATA, PREDICTOR, "Methods", "Refinements", "Networks scored", "Noise", "Best known"]
    new = ("Elites rescored", "New scores") if findings.rescored else ()
    return named_table("best-known", caption, (*columns, *new), [row[: len(columns) + len(new)] for row in rows])


def _best_architectures(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        for found in one.replicates:
            best = found.best
            new = (best.rescored, best.rescored_draws) if findings.rescored else ()
            scores = (best.score, best.draws, best.score_of_all, best.draws_of_all)
            yield found.refinement.seed, best.identity, best.text, *scores, *new

    caption = (
        "The best architecture of every seed: its first elite, or where a method has none the one with the "
        "highest mean of that seed's own scores; beside it the mean over the scores of all refinements of that "
        "predictor on that data set. The mean of one score is rather too high: the best of many is also the "
        "luckiest."
    )
    columns = (
        *(*_WHICH, SEED, "Id", "Architecture", "Mean score", "Scores"),
        *("Mean of all refinements", "Scores in all refinements"),
        *(("Rescored mean", "New scores") if findings.rescored else ()),
    )
    return named_table("best-architectures", caption, columns, _rows(findings, of))


def _final_intervals(findings: ComparisonFindings) -> NamedTable:
    names = list(dict.fromkeys(name for group in findings.groups for name in group.first.grids))

    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        for found in one.run.refinements:
            ends = [found.principles.get(name) for name in names]
            yield found.seed, len(found.rounds), *(None if end is None else interval_text(*end) for end in ends)

    caption = "The final interval of every hyperparameter, for every seed."
    columns = (*_WHICH, SEED, "# iterations", *names)
    return named_table("final-intervals", caption, columns, _rows(findings, of))
