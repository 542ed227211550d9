"""All tables of a comparison of methods as data frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def comparison_tables(findings: ComparisonFindings) -> list[NamedTable]:
    """Give every table of a comparison, the most important first; none is empty."""
    makers = (_methods, _repetition, _best_known, _best_architectures, _final_intervals, _agreement, _courses)
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


def _hyperparameters(findings: ComparisonFindings) -> list[str]:
    return list(dict.fromkeys(name for group in findings.groups for name in group.first.grids))


def _three(values: tuple[float, ...]) -> _Row:
    return (min(values), median(values), max(values)) if values else (None, None, None)


def _methods(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        scores = group.elite_scores(one)
        luck = None if group.anew is None or one.luck is None else group.in_noise(one.luck)
        fresh = (*_three(one.fresh_scores), luck) if findings.anew else ()
        below = group.in_noise(group.best_known - median(scores)) if scores else None
        yield (
            *(len(one.replicates), min(one.networks), max(one.networks)),
            *(*_three(one.elite_scores), *fresh, below),
            *(*_three(one.best_scores), one.elite_draws),
        )

    caption = (
        "How high methods of refinement end. Elite score: mean of a seed's twelve best architectures, each by the "
        "mean of its own scores; below the best known score: the median one, in units of the noise of "
        "initialisation, negative if above it. Best mean: that of the best architecture alone. Scores of an "
        "elite: how many each of the twelve has; the fewer, the more luck is in their means."
    )
    if findings.anew:
        caption += (
            " Fresh elite score: mean of the twelve that a seed holds for the best (those of its own elite score, "
            "with memory those that are worth most), each by the mean of scores with initial weights that no seed "
            "had seen; luck: the median of how far a seed's own elite score lies above it, in noise units. "
            "Where there is a fresh elite score, the best known score is a mean of fresh scores, too, and the "
            "fresh one lies below it."
        )
    fresh = (*(f"{which} fresh elite score" for which in ("Lowest", "Median", "Highest")), "Luck, noise units")
    columns = (
        *(*_WHICH, SEEDS, "Fewest networks", "Most networks"),
        *("Lowest elite score", "Median elite score", "Highest elite score"),
        *(*(fresh if findings.anew else ()), "Below best known, noise units"),
        *BEST_MEANS,
        "Scores of an elite",
    )
    return named_table("methods", caption, columns, _rows(findings, of))


def _repetition(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        shares: _Row = (None, None)
        if one.stability is not None:
            shares = (np.mean(one.stability.containment), np.mean(one.stability.jaccard))
        scores = group.elite_scores(one)
        spread = group.in_noise(max(scores) - min(scores)) if scores[1:] else None
        near = f"{len(one.reached)} of {len(one.replicates)}"
        yield len(one.replicates), spread, *shares, one.width, near, _until(one)

    caption = (
        "Whether the seeds of a method agree. Spread: highest less lowest elite score. Containment: share of "
        "ordered pairs of seeds in which the interval of one holds the median of the other; Jaccard: share of "
        "the values of either interval that are in both; interval width: share of the grid that a final interval "
        "covers, for wide intervals agree whatever was found; means over the hyperparameters. Near the best "
        "known score: seeds that scored an architecture at most one noise unit below it, and the median of the "
        "networks that they scored until then."
    )
    if findings.anew:
        caption += " Where elites were scored anew, all scores in this table are means of fresh scores."
    columns = (
        *(*_WHICH, SEEDS, "Spread, noise units", "Containment", "Jaccard", "Interval width"),
        *("Near best known", "Networks until near it"),
    )
    return named_table("repetition", caption, columns, _rows(findings, of))


def _until(one: MethodFindings) -> int | float | None:
    """The median of the networks until near the best known score, of the seeds that came there."""
    if not one.reached:
        return None
    found = median(one.reached)
    return int(found) if found == int(found) else found


def _best_known(findings: ComparisonFindings) -> NamedTable:
    rows = [
        (
            *(group.first.data, group.first.predictor, len(group.methods)),
            *(sum(len(one.replicates) for one in group.methods), sum(sum(one.networks) for one in group.methods)),
            *(group.noise, group.best_known, *(_anew(group) if findings.anew else ())),
        )
        for group in findings.groups
    ]
    caption = (
        "What all methods are measured by. Noise: pooled standard deviation of the scores of an architecture "
        "over its initialisations, over all refinements. Best known: the highest mean score of an architecture "
        "over all of them, of those scored twice if there are any."
    )
    if findings.anew:
        caption += (
            " Where elites were scored anew, it is the highest mean of fresh scores of an elite architecture, and "
            "fresh scores count in the noise, about means of their own."
        )
    columns = (
        *(DATA, PREDICTOR, "Methods", "Refinements", "Networks scored", "Noise", "Best known"),
        *(("Elites scored anew", "Fresh scores") if findings.anew else ()),
    )
    return named_table("best-known", caption, columns, rows)


def _anew(group: GroupFindings) -> _Row:
    return (None, None) if group.anew is None else (group.anew.architectures, group.anew.scores)


def _best_architectures(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        for found in one.replicates:
            best = found.best
            own, common = (best.score, best.draws), (best.score_of_all, best.draws_of_all)
            fresh = (best.fresh, best.fresh_draws) if findings.anew else ()
            yield found.refinement.seed, best.identity, best.text, *own, *common, *fresh

    caption = (
        "The best architecture of every seed: with memory the one that is worth most, else the one with the "
        "highest mean of that seed's own scores; beside it the mean over the scores of all refinements of that "
        "predictor on that data set. The mean of one score is rather too high: "
        "the best of many is also the luckiest."
    )
    if findings.anew:
        caption += " The mean of fresh scores, with initial weights that no seed had seen, holds no such luck."
    columns = (
        *(*_WHICH, SEED, "Id", "Architecture"),
        *("Mean score", "Scores", "Mean of all refinements", "Scores in all refinements"),
        *(("Mean of fresh scores", "Fresh scores") if findings.anew else ()),
    )
    return named_table("best-architectures", caption, columns, _rows(findings, of))


def _final_intervals(findings: ComparisonFindings) -> NamedTable:
    hyperparameters = _hyperparameters(findings)

    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        for story in one.run.refinements:
            ends = [story.principles.get(name) for name in hyperparameters]
            yield story.seed, len(story.rounds), *(None if end is None else interval_text(*end) for end in ends)

    columns = (*_WHICH, SEED, "# iterations", *hyperparameters)
    caption = "The final interval of every hyperparameter, for every seed."
    return named_table("final-intervals", caption, columns, _rows(findings, of))


def _agreement(findings: ComparisonFindings) -> NamedTable:
    hyperparameters = _hyperparameters(findings)

    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        shares = {"interval width": one.widths}
        if one.stability is not None:
            names = one.stability.names
            shares["containment"] = dict(zip(names, one.stability.containment, strict=True))
            shares["Jaccard"] = dict(zip(names, one.stability.jaccard, strict=True))
        for what, values in shares.items():
            yield len(one.replicates), what, *(values.get(name) for name in hyperparameters)

    caption = (
        "Interval width and agreement of the seeds for every hyperparameter, as means over the seeds and over "
        "pairs of them."
    )
    columns = (*_WHICH, SEEDS, "Quantity", *hyperparameters)
    return named_table("agreement", caption, columns, _rows(findings, of))


def _courses(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Iterator[_Row]:
        elite, best = one.elite, one.best
        networks = elite.networks.astype(int)
        yield from zip(
            networks, elite.low, elite.middle, elite.high, best.low, best.middle, best.high, strict=True
        )

    caption = (
        "Elite score and mean of the best architecture after as many networks. Lowest, median and highest of the "
        "seeds; one that stopped keeps its last value."
    )
    columns = (
        *(*_WHICH, "Networks scored", "Lowest elite score", "Median elite score", "Highest elite score"),
        *BEST_MEANS,
    )
    return named_table("courses", caption, columns, _rows(findings, of))
