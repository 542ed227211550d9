"""All tables of a study as data frames: principles and complexities as in the paper, and every other result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData, best_architecture
from netlore.report.names import interval_text, measure_title, unique
from netlore.report.tables.sample import sample_tables
from netlore.report.tables.table import DATA, NO_VALUE, PREDICTOR, SEED, NamedTable, named_table
from netlore.report.tables.training import epochs, performance, score_accuracy
from netlore.report.text.methods import by_elites, interval_note, principles_caption
from netlore.space.architecture import Architecture
from netlore.space.complexity import MEASURES, complexity
from netlore.space.named import named, names

__all__ = ["NamedTable", "tables"]

_Maker = Callable[[StudyData], NamedTable]


def tables(findings: StudyData) -> list[NamedTable]:
    """Give every table that the findings fill, the paper's first; none is empty.

    Tables of a second sample are numbered: `scores-2`.
    """
    refined: tuple[_Maker, ...] = (_principles, _complexities_of_best)
    courses: tuple[_Maker, ...] = (_sizes, _intervals, _complexity, _stability, _repeatability, _agreement)
    trained: tuple[_Maker, ...] = (epochs, score_accuracy)
    found = [make(findings) for make in refined if findings.refinements]
    found += [performance(findings)] if findings.trainings else []
    found += [table for sample in findings.samples for table in sample_tables(sample)]
    found += [make(findings) for make in courses if findings.refinements]
    found += [make(findings) for make in trained if findings.trainings]
    filled = [table for table in found if not table.frame.empty]
    final = unique(table.name for table in filled)
    return [dataclasses.replace(table, name=name) for table, name in zip(filled, final, strict=True)]


def _each(findings: StudyData) -> Iterator[tuple[RefinementData, Refinement]]:
    """Every replicate, after what it is one of."""
    for one in findings.refinements:
        for each in one.refinements:
            yield one, each


def _replicated(findings: StudyData) -> bool:
    return any(len(one.refinements) > 1 for one in findings.refinements)


def _hyperparameters(findings: StudyData) -> list[str]:
    return list(dict.fromkeys(name for one in findings.refinements for name in one.grids))


def _principles(findings: StudyData) -> NamedTable:
    """The paper's Table I."""
    hyperparameters, seeds = _hyperparameters(findings), _replicated(findings)
    rows = [
        (
            one.data,
            one.predictor,
            *((story.seed,) if seeds else ()),
            len(story.rounds),
            *(
                interval_text(*story.principles[name]) if name in story.principles else None
                for name in hyperparameters
            ),
        )
        for one, story in _each(findings)
    ]
    columns = (DATA, PREDICTOR, *((SEED,) if seeds else ()), "# iterations", *hyperparameters)
    return named_table("table1-principles", principles_caption(findings.refinements), columns, rows)


def _complexities_of_best(findings: StudyData) -> NamedTable:
    """The paper's Table II without its error rates."""
    seeds = _replicated(findings)
    rows: list[tuple[object, ...]] = []
    for data in findings.data:
        for name in _baselines(findings, data):
            one = named(name)
            cost = complexity(one, *findings.classes[data]).as_dict().values()
            rows.append((data, name.removeprefix("baseline/"), *((None,) if seeds else ()), str(one), *cost))
        for refined, each in _each(findings):
            best = best_architecture(each)
            if refined.data == data and best is not None:
                seed = (each.seed,) if seeds else ()
                rows.append((data, refined.predictor, *seed, str(best), *_cost(findings, data, best)))
    baselines = "the baselines and of " if any(_baselines(findings, data) for data in findings.data) else ""
    caption = f"Complexity of {baselines}the network that scored highest in each refinement."
    columns = (
        DATA,
        "Baseline or predictor" if baselines else PREDICTOR,
        *((SEED,) if seeds else ()),
        "Architecture",
        *map(measure_title, MEASURES),
    )
    return named_table("table2-complexity", caption, columns, rows)


def _baselines(findings: StudyData, data: str) -> list[str]:
    """The paper's baselines, where its design space was refined on small images as theirs."""
    alike = any(one.family == "anynet" for one in findings.refined(data))
    small = findings.classes.get(data, (0, 0))[1] == 32
    return [name for name in names() if name.startswith("baseline/")] if alike and small else []


def _cost(findings: StudyData, data: str, architecture: Architecture) -> tuple[object, ...]:
    """Exact complexities of an architecture on a data set; None each where that is not known."""
    if data not in findings.classes:
        return (None,) * len(list(MEASURES))
    return tuple(complexity(architecture, *findings.classes[data]).as_dict().values())


def _sizes(findings: StudyData) -> NamedTable:
    rows = []
    for one in findings.refinements:
        for each, inside in zip(one.refinements, one.sizes_within_budget, strict=True):
            sizes = each.cardinalities
            within: list[int | str | None] = [found.value if found.exact else str(found) for found in inside]
            pairs = zip(sizes, within or [None] * len(sizes), strict=True)
            rows += [(one.data, one.predictor, each.seed, number, *pair) for number, pair in enumerate(pairs)]
    what = "within the intervals of" if by_elites(findings.refinements) else "in the design space after"
    caption = f"Architectures {what} every round; round 0 is the original design space."
    columns = (DATA, PREDICTOR, SEED, "Round", "Architectures", "Within the budget")
    return named_table("sizes", caption, columns, rows)


def _intervals(findings: StudyData) -> NamedTable:
    rows = [
        (one.data, one.predictor, story.seed, entry.number, name, *entry.estimates[name])
        for one, story in _each(findings)
        for entry in story.rounds
        for name in one.grids
    ]
    note = interval_note(findings.refinements)
    caption = f"Interval and median of every hyperparameter after every round.{note}"
    columns = (DATA, PREDICTOR, SEED, "Round", "Hyperparameter", "Low", "Median", "High")
    return named_table("intervals", caption, columns, rows)


def _complexity(findings: StudyData) -> NamedTable:
    rows = [
        (one.data, one.predictor, story.seed, entry.number, measure_title(name), *entry.estimates[name])
        for one, story in _each(findings)
        for entry in story.rounds
        for name in MEASURES
        if name in entry.estimates
    ]
    best = "best networks after" if by_elites(findings.refinements) else "best network in"
    caption = f"Interval and median of the complexity of the {best} every round."
    columns = (DATA, PREDICTOR, SEED, "Round", "Complexity", "Low", "Median", "High")
    return named_table("complexity", caption, columns, rows)


def _stability(findings: StudyData) -> NamedTable:
    hyperparameters = _hyperparameters(findings)
    rows = [row for one in findings.refinements for row in _stability_rows(one, hyperparameters)]
    caption = (
        "How principles repeat over seeds. Containment: share of ordered pairs of seeds in which the interval of "
        "one holds the median of the other; Jaccard: mean share of the values of either interval that are in both."
    )
    columns = (DATA, PREDICTOR, "Seeds", "Quantity", *hyperparameters)
    return named_table("stability", caption, columns, rows)


def _stability_rows(one: RefinementData, hyperparameters: list[str]) -> Iterator[tuple[object, ...]]:
    found = one.stability
    if found is None:
        return
    for what, values in (("containment", found.containment), ("Jaccard", found.jaccard)):
        by_name = dict(zip(found.names, values, strict=True))
        shares = (by_name.get(name) for name in hyperparameters)
        yield one.data, one.predictor, found.replicates, what, *shares


def _repeatability(findings: StudyData) -> NamedTable:
    rows = [row for one in findings.refinements for row in _repeatability_rows(one)]
    caption = (
        "How far refinements with other seeds end apart. Containment and Jaccard: means over the hyperparameters. "
        "Noise: pooled standard deviation of the scores of an architecture over its initialisations. Elite score: "
        "mean of a seed's twelve best architectures, each by the mean of its scores; spread: highest less lowest. "
        "Best known: the highest mean of an architecture, of those scored twice if there are any. Networks until "
        "near it: scored by each seed until an architecture at most one noise unit below it. Best architectures: "
        "how many different ones the seeds have."
    )
    columns = (
        *(DATA, PREDICTOR, "Method", "Seeds", "Containment", "Jaccard"),
        *("Noise", "Lowest elite score", "Highest elite score", "Spread, noise units", "Best known"),
        *("Networks until near it", "Networks scored", "Best architectures"),
    )
    return named_table("repeatability", caption, columns, rows)


def _repeatability_rows(one: RefinementData) -> Iterator[tuple[object, ...]]:
    found, intervals, seeds = one.repeatability, one.stability, len(one.refinements)
    if found is None or intervals is None:
        return
    yield (
        *(one.data, one.predictor, one.method, seeds),
        *(np.mean(intervals.containment), np.mean(intervals.jaccard)),
        *(found.noise, min(found.elite_scores), max(found.elite_scores), found.spread, found.best_known),
        ", ".join(NO_VALUE if number is None else f"{number:,}" for number in found.reached),
        ", ".join(f"{story.networks_scored:,}" for story in one.refinements),
        f"{len(set(found.best))} of {seeds}",
    )


def _agreement(findings: StudyData) -> NamedTable:
    predictors = list(dict.fromkeys(name for found in findings.agreement.values() for name in found.names))
    rows = [
        (data, name, *(by_name.get(other) for other in predictors))
        for data, found in findings.agreement.items()
        for name, shares in zip(found.names, found.jaccard, strict=True)
        for by_name in [dict(zip(found.names, shares, strict=True))]
    ]
    caption = (
        "How far the principles of predictors overlap: values in both intervals over values in either, mean over "
        "the hyperparameters."
    )
    return named_table("agreement", caption, (DATA, PREDICTOR, *predictors), rows)
