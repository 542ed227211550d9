"""All tables of a study: principles and complexities as in the paper, and every other result of refinements."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import product

import numpy as np

from netlore.analysis.determination import LEAST
from netlore.errors import InvalidInput
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import kept_text, measure_title, unique
from netlore.report.regimes import regimes_of, side_by_side
from netlore.report.tables.front import front
from netlore.report.tables.members import members, without_seed
from netlore.report.tables.sample import sample_tables
from netlore.report.tables.table import DATA, NO_VALUE, PREDICTOR, SEED, NamedTable, Row, named_table
from netlore.report.tables.training import epochs, performance, score_accuracy
from netlore.report.text.determination import determination_of, undetermined_note
from netlore.report.text.methods import by_elites, interval_note, principles_caption, share_note
from netlore.space.architecture import Architecture
from netlore.space.complexity import MEASURES, columns, complexity
from netlore.space.distribution import is_category
from netlore.space.family import baselines_of
from netlore.space.named import named
from netlore.space.totals import Value

_Maker = Callable[[StudyData], NamedTable]
_ENDS = ("Low", "Median", "High")
_BASELINE_PIXELS = 32


def tables(study: StudyData) -> list[NamedTable]:
    """Give every table that a study fills, the paper's first; none is empty.

    Tables of a second sample are numbered: `scores-2`.
    """
    first: tuple[_Maker, ...] = (_principles, _complexities_of_best, performance)
    intervals = (_intervals, _shares, _complexity, members)
    repeats = (_determination, _stability, _repeatability)
    last: tuple[_Maker, ...] = (front, _regimes, _sizes, *intervals, *repeats, _agreement)
    found = [
        *(make(study) for make in first),
        *(table for sample in study.samples for table in sample_tables(sample)),
        *(make(study) for make in (*last, epochs, score_accuracy)),
    ]
    filled = [table for table in found if not table.frame.empty]
    final = unique(table.name for table in filled)
    return [dataclasses.replace(table, name=name) for table, name in zip(filled, final, strict=True)]


def _each(study: StudyData) -> Iterator[tuple[Row, RefinementData, Refinement]]:
    """Every replicate: what it is, what it is one of, and itself."""
    for one in study.refinements:
        for each in one.refinements:
            yield {DATA: one.data, PREDICTOR: one.predictor, SEED: each.seed}, one, each


def _principles(study: StudyData) -> NamedTable:
    """The paper's Table I."""
    rows: list[Row] = [
        {
            **which,
            "# iterations": len(each.rounds),
            **{name: kept_text(ends) for name, ends in each.principles.items()},
        }
        for which, _, each in _each(study)
    ]
    caption = principles_caption(study.refinements) + undetermined_note(study.refinements)
    return named_table("table1-principles", caption, without_seed(study, rows))


def _regimes(study: StudyData) -> NamedTable:
    """The principles under each budget next to each other, a row for each hyperparameter and seed."""
    rows: list[Row] = []
    for runs in side_by_side(study.refinements):
        seeds = dict.fromkeys(each.seed for one in runs for each in one.refinements)
        for name, seed in product(dict.fromkeys(name for one in runs for name in one.grids), seeds):
            found = {
                one.regime: kept_text(each.principles[name])
                for one in runs
                for each in one.refinements
                if each.seed == seed and name in one.grids
            }
            which = {DATA: _source(runs[0]), PREDICTOR: runs[0].predictor, "Hyperparameter": name, SEED: seed}
            rows.append({**which, **{budget: found.get(budget) for budget in regimes_of(study)}})
    return named_table("regimes", "Design principles under each budget.", without_seed(study, rows))


def _complexities_of_best(study: StudyData) -> NamedTable:
    """The paper's Table II without its error rates."""
    known = {data: _baselines(study, data) for data in dict.fromkeys(_source(one) for one in study.refinements)}
    which = "Baseline or predictor" if any(known.values()) else PREDICTOR

    limited = {name for one in study.refinements for name in one.first.space.budget.limits()}

    def row(data: str, what: str, seed: int | None, one: Architecture) -> Row:
        cost: Mapping[str, Value] = {}
        for name in columns(limited) if data in study.classes else ():
            with suppress(InvalidInput):  # tables of devices do not have the networks of all families
                cost = {**complexity(one, *study.classes[data], measures=(name,)).as_dict(), **cost}
        measures = {measure_title(name): cost.get(name) for name in columns(limited)}
        return {DATA: data, which: what, SEED: seed, "Architecture": str(one), **measures}

    rows = []
    for data, baselines in known.items():
        rows += [row(data, name.removeprefix("baseline/"), None, named(name)) for name in baselines]
        for _, one, each in _each(study):
            best = each.best_architecture
            if _source(one) == data and best is not None:
                rows.append(row(one.data, one.predictor, each.seed, best))
    what = "the baselines and of " if any(known.values()) else ""
    caption = f"Complexity of {what}the network that scored highest in each refinement."
    return named_table("table2-complexity", caption, without_seed(study, rows))


def _source(one: RefinementData) -> str:
    """The data set, whatever the budget."""
    return one.configuration.data


def _baselines(study: StudyData, data: str) -> list[str]:
    """The families' baselines, where these were refined on images as small as theirs."""
    if study.classes.get(data, (0, 0))[1] != _BASELINE_PIXELS:
        return []
    families = dict.fromkeys(one.family for one in study.refinements if _source(one) == data)
    return list(dict.fromkeys(name for family in families for name in baselines_of(family)))


def _sizes(study: StudyData) -> NamedTable:
    within = (sizes for one in study.refinements for sizes in one.sizes_within_budget)
    rows = []
    for (which, _, each), inside in zip(_each(study), within, strict=True):
        counts: list[int | str | None] = [found.value if found.exact else str(found) for found in inside]
        pairs = zip(each.cardinalities, counts or [None] * len(each.cardinalities), strict=True)
        for number, (size, count) in enumerate(pairs):
            rows.append({**which, "Round": number, "Architectures": size, "Within the budget": count})
    what = "within the intervals of" if by_elites(study.refinements) else "in the design space after"
    caption = f"Architectures {what} every round; round 0 is the original design space."
    return named_table("sizes", caption, rows)


def _intervals(study: StudyData) -> NamedTable:
    rows = (
        {
            **{**which, "Round": entry.number, "Hyperparameter": name},
            **dict(zip(_ENDS, entry.estimates[name], strict=True)),
        }
        for which, one, each in _each(study)
        for entry in each.rounds
        for name, grid in one.grids.items()
        if not is_category(grid)
    )
    note = interval_note(study.refinements)
    return named_table("intervals", f"Interval and median of every hyperparameter after every round.{note}", rows)


def _shares(study: StudyData) -> NamedTable:
    rows = (
        {
            **{**which, "Round": entry.number, "Hyperparameter": name, "Name": value},
            **{"Share": entry.estimates[name].shares.get(value, 0.0)},
            **{"Kept": "yes" if value in entry.intervals[name] else "no"},
        }
        for which, one, each in _each(study)
        for entry in each.rounds
        for name, grid in one.grids.items()
        if is_category(grid)
        for value in grid
    )
    note = share_note(study.refinements)
    return named_table("shares", f"Share of every name of every category after every round.{note}", rows)


def _complexity(study: StudyData) -> NamedTable:
    rows = (
        {
            **{**which, "Round": entry.number, "Complexity": measure_title(name)},
            **dict(zip(_ENDS, entry.estimates[name], strict=True)),
        }
        for which, _, each in _each(study)
        for entry in each.rounds
        for name in MEASURES
        if name in entry.estimates
    )
    best = "best networks after" if by_elites(study.refinements) else "best network in"
    return named_table("complexity", f"Interval and median of the complexity of the {best} every round.", rows)


def _determination(study: StudyData) -> NamedTable:
    """Whether scores determine the intervals that are found."""
    rows: list[Row] = [
        {
            **which,
            "Last above first": found.superiority,
            "Supported rounds": found.supported,
            "Rounds": found.rounds,
            "Intervals": "undetermined" if found.undetermined else "determined",
        }
        for which, one, each in _each(study)
        if (found := determination_of(one, each)) is not None
    ]
    caption = (
        "Whether scores determine the intervals. Last above first: probability that a network of the last round, "
        f"drawn from the intervals, scores above one of the first; below {LEAST:.2f} they are undetermined. "
        "Supported rounds: as many rounds, from the first, gave intervals whose networks scored higher than the "
        "round's own."
    )
    return named_table("determination", caption, rows)


def _stability(study: StudyData) -> NamedTable:
    rows = (
        {
            **{DATA: one.data, PREDICTOR: one.predictor, "Seeds": found.replicates, "Quantity": what},
            **dict(zip(found.names, values, strict=True)),
        }
        for one in study.refinements
        if (found := one.stability) is not None
        for what, values in (("containment", found.containment), ("Jaccard", found.jaccard))
    )
    caption = (
        "How principles repeat over seeds. Containment: share of ordered pairs of seeds in which the interval of "
        "one holds the median of the other; Jaccard: mean share of the values of either interval that are in both."
    )
    return named_table("stability", caption, rows)


def _repeatability(study: StudyData) -> NamedTable:
    rows = [
        {
            **{DATA: one.data, PREDICTOR: one.predictor, "Method": one.method, "Seeds": len(one.refinements)},
            "Containment": np.mean(intervals.containment),
            "Jaccard": np.mean(intervals.jaccard),
            "Noise": found.noise,
            "Lowest elite score": min(found.elite_scores),
            "Highest elite score": max(found.elite_scores),
            "Spread, noise units": found.spread,
            "Best known": found.best_known,
            "Networks until near it": ", ".join(NO_VALUE if n is None else f"{n:,}" for n in found.reached),
            "Networks scored": ", ".join(f"{each.networks_scored:,}" for each in one.refinements),
            "Best architectures": f"{len(set(found.best))} of {len(one.refinements)}",
        }
        for one in study.refinements
        if (found := one.repeatability) is not None and (intervals := one.stability) is not None
    ]
    caption = (
        "How far refinements with other seeds end apart. Containment and Jaccard: means over the hyperparameters. "
        "Noise: pooled standard deviation of the scores of an architecture over its initialisations. Elite score: "
        "mean of a seed's twelve best architectures, each by the mean of its scores; spread: highest less lowest. "
        "Best known: the highest mean of an architecture, of those scored twice if there are any. Networks until "
        "near it: scored by each seed until an architecture at most one noise unit below it. Best architectures: "
        "how many different ones the seeds have."
    )
    return named_table("repeatability", caption, rows)


def _agreement(study: StudyData) -> NamedTable:
    rows = (
        {DATA: data, PREDICTOR: name, **dict(zip(found.names, shares, strict=True))}
        for data, found in study.agreement.items()
        for name, shares in zip(found.names, found.jaccard, strict=True)
    )
    caption = (
        "How far the principles of predictors overlap: values in both intervals over values in either, mean over "
        "the hyperparameters."
    )
    return named_table("agreement", caption, rows)
