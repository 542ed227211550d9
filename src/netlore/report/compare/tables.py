"""All tables of a comparison of methods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np

from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings
from netlore.report.names import kept_text
from netlore.report.tables.table import DATA, PREDICTOR, SEED, NamedTable, Row, named_table

METHOD, SEEDS = "Method", "Seeds"
MAIN = ("methods", "repetition")
"""Names of the tables that a reader looks for first."""
BEST_MEANS = ("Lowest best mean", "Median best mean", "Highest best mean")


def comparison_tables(findings: ComparisonFindings) -> list[NamedTable]:
    """Give every table of a comparison, the most important first; none is empty."""
    makers = (_methods, _repetition, _best_known, _best_architectures, _final_intervals)
    return [make(findings) for make in makers]


def _each(findings: ComparisonFindings) -> Iterator[tuple[Row, GroupFindings, MethodFindings]]:
    """Every method: what it is, its group, and itself."""
    for group in findings.groups:
        for one in group.methods:
            yield {DATA: group.first.data, PREDICTOR: group.first.predictor, METHOD: one.label}, group, one


def _three(values: Sequence[float], what: str) -> Row:
    """The lowest, the median and the highest."""
    found = (min(values), median(values), max(values)) if values else (None, None, None)
    return {f"{which} {what}": value for which, value in zip(("Lowest", "Median", "Highest"), found, strict=True)}


def _methods(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Row:
        scores, bias = group.elite_scores(one), one.selection_bias if group.rescored else None
        rescored = {
            **_three(one.rescored, "rescored elite score"),
            "Selection bias, noise units": group.in_noise(bias),
        }
        below = group.best_known - median(scores) if scores else None
        return {
            SEEDS: len(one.replicates),
            "Fewest networks": min(one.networks),
            "Most networks": max(one.networks),
            "Fewest distinct": min(one.distinct),
            "Most distinct": max(one.distinct),
            **_three(one.elite_scores, "elite score"),
            **(rescored if findings.rescored else {}),
            "Below best known, noise units": group.in_noise(below),
            **_three([each.best.score for each in one.replicates], "best mean"),
            "Scores of an elite": np.mean([each.elite_draws for each in one.replicates]),
        }

    caption = (
        "How high methods of refinement end. Distinct: architectures, each once; one that comes again counts as "
        "a further network. Elite score: mean of a seed's twelve best architectures, each by "
        "the mean of its own scores; below the best known score: the median one, in units of the noise of "
        "initialisation, negative if above it. Best mean: that of the best architecture alone. Scores of an "
        "elite: how many each of the twelve has; the fewer, the larger the selection bias of their means."
    )
    if findings.rescored:
        caption += (
            " Rescored elite score: the same of a seed's elites, by scores under initialisations that no seed had "
            f"seen{_on_batches(findings)}; selection bias: how far the means of the same elites' own scores lie "
            "above that, in noise units, the median of the seeds."
        )
    return named_table("methods", caption, ({**which, **of(group, one)} for which, group, one in _each(findings)))


def _on_batches(findings: ComparisonFindings) -> str:
    """On which images elites were rescored, where there are others than those that they were selected by."""
    several = {one.rescored.batches for one in findings.groups if one.rescored} - {1}
    return f", on up to {max(several)} batches" if several else ""


def _repetition(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings, one: MethodFindings) -> Row:
        stable, scores = one.stability, group.elite_scores(one)
        found = median(one.reached) if one.reached else None
        return {
            SEEDS: len(one.replicates),
            "Spread, noise units": group.in_noise(max(scores) - min(scores)) if scores[1:] else None,
            "Containment": None if stable is None else np.mean(stable.containment),
            "Jaccard": None if stable is None else np.mean(stable.jaccard),
            "Interval width": one.width,
            "Near best known": f"{len(one.reached)} of {len(one.replicates)}",
            "Networks until near it": int(found) if found is not None and found == int(found) else found,
        }

    caption = (
        "Whether the seeds of a method agree. Spread: highest less lowest elite score. Containment: share of "
        "ordered pairs of seeds in which the interval of one holds the median of the other; Jaccard: share of "
        "the values of either interval that are in both; interval width: share of the grid that a final interval "
        "covers, for wide intervals agree whatever was found; means over the hyperparameters. Near the best "
        "known score: seeds that scored an architecture at most one noise unit below it, and the median of the "
        "networks that they scored until "
        f"then.{' By rescored elites where there are any.' if findings.rescored else ''}"
    )
    return named_table(
        "repetition", caption, ({**which, **of(group, one)} for which, group, one in _each(findings))
    )


def _best_known(findings: ComparisonFindings) -> NamedTable:
    def of(group: GroupFindings) -> Row:
        new = group.rescored
        elites = {
            "Elites rescored": None if new is None else new.architectures,
            "New scores": None if new is None else new.scores,
            "Batches": None if new is None else new.batches,
        }
        return {
            DATA: group.first.data,
            PREDICTOR: group.first.predictor,
            "Methods": len(group.methods),
            "Refinements": sum(len(one.replicates) for one in group.methods),
            "Networks scored": sum(sum(one.networks) for one in group.methods),
            "Noise": group.noise,
            "Best known": group.best_known,
            **(elites if findings.rescored else {}),
        }

    caption = (
        "What all methods are measured by. Noise: pooled standard deviation of the scores of an architecture "
        "over its initialisations, over all refinements. Best known: the highest mean score of an architecture "
        "over all of them, of those scored twice if there are any; of rescored elites where there are any."
    )
    return named_table("best-known", caption, map(of, findings.groups))


def _best_architectures(findings: ComparisonFindings) -> NamedTable:
    rows = (
        {
            **{**which, SEED: found.refinement.seed, "Id": best.identity, "Architecture": best.text},
            **{"Mean score": best.score, "Scores": best.draws},
            **{"Mean of all refinements": best.score_of_all, "Scores in all refinements": best.draws_of_all},
            **({"Rescored mean": best.rescored, "New scores": best.rescored_draws} if findings.rescored else {}),
        }
        for which, _, one in _each(findings)
        for found in one.replicates
        for best in [found.best]
    )
    caption = (
        "The best architecture of every seed: its first elite, or where a method has none the one with the "
        "highest mean of that seed's own scores; next to it the mean over the scores of all refinements of that "
        "predictor on that data set. The mean of one score is rather too high: the best of many is also the "
        "luckiest."
    )
    return named_table("best-architectures", caption, rows)


def _final_intervals(findings: ComparisonFindings) -> NamedTable:
    rows = (
        {
            **{**which, SEED: found.seed, "# iterations": len(found.rounds)},
            **dict.fromkeys(group.first.grids),
            **{name: kept_text(ends) for name, ends in found.principles.items()},
        }
        for which, group, one in _each(findings)
        for found in one.run.refinements
    )
    return named_table("final-intervals", "The final interval of every hyperparameter, for every seed.", rows)
