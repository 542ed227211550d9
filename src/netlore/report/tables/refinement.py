"""All tables of a study as data frames: principles and complexities as in the paper, and every other result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from netlore.report.data import RefinementFindings, StudyFindings
from netlore.report.names import interval_text, measure_title, unique
from netlore.report.story import RefinementStory
from netlore.report.tables.sample import sample_tables
from netlore.report.tables.table import DATA, NO_VALUE, PREDICTOR, SEED, NamedTable, named_table
from netlore.report.tables.training import epochs, performance, score_accuracy
from netlore.report.text.methods import by_elites, interval_note, principles_caption
from netlore.space import families
from netlore.space.complexity import MEASURES, complexity
from netlore.space.named import named, names

__all__ = ["NamedTable", "tables"]

_Maker = Callable[[StudyFindings], NamedTable]


def tables(findings: StudyFindings) -> list[NamedTable]:
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


def _stories(findings: StudyFindings) -> Iterator[RefinementStory]:
    for one in findings.refinements:
        yield from one.replicates


def _replicated(findings: StudyFindings) -> bool:
    return any(len(one.replicates) > 1 for one in findings.refinements)


def _hyperparameters(findings: StudyFindings) -> list[str]:
    return list(dict.fromkeys(name for story in _stories(findings) for name in story.grids))


def _principles(findings: StudyFindings) -> NamedTable:
    """The paper's Table I."""
    hyperparameters, seeds = _hyperparameters(findings), _replicated(findings)
    rows = [
        (
            story.data,
            story.predictor,
            *((story.seed,) if seeds else ()),
            len(story.rounds),
            *(
                interval_text(*story.principles[name]) if name in story.principles else None
                for name in hyperparameters
            ),
        )
        for story in _stories(findings)
    ]
    columns = (DATA, PREDICTOR, *((SEED,) if seeds else ()), "# iterations", *hyperparameters)
    return named_table("table1-principles", principles_caption(list(_stories(findings))), columns, rows)


def _complexities_of_best(findings: StudyFindings) -> NamedTable:
    """The paper's Table II without its error rates."""
    seeds = _replicated(findings)
    rows: list[tuple[object, ...]] = []
    for data in findings.data:
        for name in _baselines(findings, data):
            one = named(name)
            cost = complexity(one, *findings.classes[data]).as_dict().values()
            rows.append((data, name.removeprefix("baseline/"), *((None,) if seeds else ()), str(one), *cost))
        for story in (story for story in _stories(findings) if story.data == data and story.best):
            identity, text, _ = story.best[0]
            rows.append(
                (
                    data,
                    story.predictor,
                    *((story.seed,) if seeds else ()),
                    text,
                    *_cost(findings, data, identity),
                )
            )
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


def _baselines(findings: StudyFindings, data: str) -> list[str]:
    """The paper's baselines, where its design space was refined on small images as theirs."""
    alike = any(one.first.family == "anynet" for one in findings.refined(data))
    small = findings.classes.get(data, (0, 0))[1] == 32
    return [name for name in names() if name.startswith("baseline/")] if alike and small else []


def _cost(findings: StudyFindings, data: str, identity: str) -> tuple[object, ...]:
    """Exact complexities of an architecture on a data set; None each where either is not known."""
    if identity not in findings.architectures or data not in findings.classes:
        return (None,) * len(list(MEASURES))
    architecture = families.architecture(*findings.architectures[identity])
    return tuple(complexity(architecture, *findings.classes[data]).as_dict().values())


def _sizes(findings: StudyFindings) -> NamedTable:
    rows = []
    for story in _stories(findings):
        within = story.cardinalities_within_budget or (None,) * len(story.cardinalities)
        rows += [
            (story.data, story.predictor, story.seed, number, size, inside)
            for number, (size, inside) in enumerate(zip(story.cardinalities, within, strict=True))
        ]
    what = "within the intervals of" if by_elites(list(_stories(findings))) else "in the design space after"
    caption = f"Architectures {what} every round; round 0 is the original design space."
    columns = (DATA, PREDICTOR, SEED, "Round", "Architectures", "Within the budget")
    return named_table("sizes", caption, columns, rows)


def _intervals(findings: StudyFindings) -> NamedTable:
    rows = [
        (story.data, story.predictor, story.seed, entry.number, name, *entry.intervals[name])
        for story in _stories(findings)
        for entry in story.rounds
        for name in story.grids
    ]
    note = interval_note(list(_stories(findings)))
    caption = f"Interval and median of every hyperparameter after every round.{note}"
    columns = (DATA, PREDICTOR, SEED, "Round", "Hyperparameter", "Low", "Median", "High")
    return named_table("intervals", caption, columns, rows)


def _complexity(findings: StudyFindings) -> NamedTable:
    rows = [
        (story.data, story.predictor, story.seed, entry.number, measure_title(name), *entry.complexities[name])
        for story in _stories(findings)
        for entry in story.rounds
        for name in MEASURES
        if name in entry.complexities
    ]
    best = "best networks after" if by_elites(list(_stories(findings))) else "best network in"
    caption = f"Interval and median of the complexity of the {best} every round."
    columns = (DATA, PREDICTOR, SEED, "Round", "Complexity", "Low", "Median", "High")
    return named_table("complexity", caption, columns, rows)


def _stability(findings: StudyFindings) -> NamedTable:
    hyperparameters = _hyperparameters(findings)
    rows = [row for one in findings.refinements for row in _stability_rows(one, hyperparameters)]
    caption = (
        "How principles repeat over seeds. Containment: share of ordered pairs of seeds in which the interval of "
        "one holds the median of the other; Jaccard: mean share of the values of either interval that are in both."
    )
    columns = (DATA, PREDICTOR, "Seeds", "Quantity", *hyperparameters)
    return named_table("stability", caption, columns, rows)


def _stability_rows(one: RefinementFindings, hyperparameters: list[str]) -> Iterator[tuple[object, ...]]:
    found = one.stability
    if found is None:
        return
    for what, values in (("containment", found.containment), ("Jaccard", found.jaccard)):
        by_name = dict(zip(found.names, values, strict=True))
        shares = (by_name.get(name) for name in hyperparameters)
        yield one.first.data, one.first.predictor, found.replicates, what, *shares


def _repeatability(findings: StudyFindings) -> NamedTable:
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


def _repeatability_rows(one: RefinementFindings) -> Iterator[tuple[object, ...]]:
    found, intervals, seeds = one.repeatability, one.stability, len(one.replicates)
    if found is None or intervals is None:
        return
    yield (
        *(one.first.data, one.first.predictor, one.first.method, seeds),
        *(np.mean(intervals.containment), np.mean(intervals.jaccard)),
        *(found.noise, min(found.elite_scores), max(found.elite_scores), found.spread, found.best_known),
        ", ".join(NO_VALUE if number is None else f"{number:,}" for number in found.reached),
        ", ".join(f"{story.networks_scored:,}" for story in one.replicates),
        f"{len(set(found.best))} of {seeds}",
    )


def _agreement(findings: StudyFindings) -> NamedTable:
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
