"""The checks of claims on refinements, and all checks by name, each from an entry of claims.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from jinja2 import Environment, StrictUndefined

from netlore.analysis.determination import Trend, trend
from netlore.analysis.judgements import LEVEL, holm
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import kept_text
from paper.checks_of_sample import best_networks, exponential, tau
from paper.checks_of_tables import complexities, costliest, lower_error, same_order, size
from paper.checks_of_trainings import least_error, order_of_errors
from paper.pages import DATA, Check, Entry, interval_text, runs_of, within
from paper.table1 import GRIDS, Principles, basis, printed

LANGUAGE = Environment(undefined=StrictUndefined)
"""Of `holds` and `shows` in claims.toml."""

SMALL = 0.56
"""Probability that a network of a later round scores higher from which on a trend is an effect: what Vargha and
Delaney (2000) call a small one."""


class Climb(NamedTuple):
    """How a refinement's scores rise over its rounds, and p adjusted for all refinements of a study."""

    trend: Trend
    p_value: float

    @property
    def holds(self) -> bool | None:
        """Whether they climb."""
        known = within(self.trend.low, self.trend.high, SMALL)
        return None if known and self.p_value > LEVEL else known


@cache
def climbs(study: StudyData) -> dict[tuple[str, str, int], Climb]:
    """By data set, predictor and seed, of all refinements that have two rounds or more."""
    found = {
        (*key, one.seed): rise
        for key, run in runs_of(study).items()
        for one in run.refinements
        if (rise := trend(list(run.scores(one).values()))) is not None
    }
    adjusted = holm([one.p_value for one in found.values()])
    return {key: Climb(one, p) for (key, one), p in zip(found.items(), adjusted, strict=True)}


def idle(study: StudyData) -> set[tuple[str, str, int]]:
    """Refinements whose scores do not climb: what they end with is no preference, and is compared with nothing."""
    return {key for key, one in climbs(study).items() if one.holds is False}


def rising(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Whether scores rise over the rounds, by data set, predictor and seed."""
    runs, found = runs_of(study), climbs(study)
    for data in DATA:
        for name in entry["predictors"]:
            what = f"{DATA[data]}, {name}"
            if (data, name) not in runs:
                yield Check(what, entry["printed"])
                continue
            run = runs[data, name]
            for one in run.refinements:
                if (climb := found.get((data, name, one.seed))) is None:
                    yield Check(what, entry["printed"], "one round", basis(run, one))
                    continue
                superiority, low, high, _ = climb.trend
                p_value = "p < 0.001" if climb.p_value < 0.001 else f"p = {climb.p_value:.3f}"
                ours = f"{interval_text(superiority, low, high, '.3f')}, {p_value}, {len(one.rounds)} rounds"
                yield Check(what, entry["printed"], ours, basis(run, one), climb.holds)


class Ends(NamedTuple):
    """An interval on its grid."""

    low: int
    high: int
    grid: Sequence[int]

    @property
    def values(self) -> list[int]:
        """The values of the grid in it."""
        return [value for value in self.grid if self.low <= value <= self.high]

    @property
    def middle(self) -> float:
        """Where its middle lies on the grid: 0 for the first value, 1 for the last."""
        return (self.grid.index(self.low) + self.grid.index(self.high)) / 2 / (len(self.grid) - 1)

    def __str__(self) -> str:
        """The interval."""
        return kept_text((self.low, self.high))


def of_ends(found: Principles, names: Sequence[str], others: Mapping[str, Principles] = {}) -> dict[str, Any]:
    """The measures of principles, those of the named hyperparameters, and those of the other predictors."""
    ends = {name: Ends(*found[name], grid) for name, grid in GRIDS.items()}
    return {
        **ends,
        "named": ", ".join(f"{name} {ends[name]}" for name in names),
        "total": sum(len(ends[name].values) for name in names),
        "several": sum(one.low < one.high for one in ends.values()),
        "others": {name: of_ends(other, names) for name, other in others.items()},
    }


def of_course(run: RefinementData, one: Refinement) -> dict[str, Any]:
    """The measures of how a refinement goes: of the size of the space, and of costs."""
    sizes = one.cardinalities
    rounds, logarithms = np.arange(len(sizes)), np.log10(np.asarray(sizes, dtype=np.float64))
    slope, start = np.polyfit(rounds, logarithms, 1)
    variance = float(np.sum((logarithms - logarithms.mean()) ** 2))
    return {
        "sizes": sizes,
        "factor": 10**slope,
        "r2": 1 - float(np.sum((logarithms - start - slope * rounds) ** 2)) / variance if variance else 0.0,
        "first": one.rounds[0].estimates,
        "last": one.rounds[-1].estimates,
    }


def judged(entry: Entry, measures: Mapping[str, Any]) -> tuple[str, bool | None]:
    """What an entry shows of measures, and whether it holds; None where it says nothing of them."""
    shown = LANGUAGE.from_string(entry.get("shows", "{{ named }}")).render(**entry, **measures)
    return shown, LANGUAGE.compile_expression(entry["holds"])(**entry, **measures)


def refined(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Per data set, predictor and seed; claims with `names` are of Figs. 6 to 9, which are about CIFAR-10.

    Of a refinement whose scores do not climb, intervals decide nothing, and no other's are compared with them.
    """
    runs, names, still = runs_of(study), entry.get("names"), idle(study)
    for data in DATA if names is None else ("cifar10",):
        ends = {
            name: run.first.principles
            for (where, name), run in runs.items()
            if where == data and (data, name, run.first.seed) not in still
        }
        rows = {name: printed(row) for name, row in paper["table1"][data].items()}
        for name in entry["predictors"]:
            if names is None:
                text = entry["printed"].format(**paper["table2"][data][f"paper/{data}/{name}"])
            else:
                text, _ = judged(entry, of_ends(rows[name], names, _without(rows, name)))
            if (data, name) not in runs:
                yield Check(f"{DATA[data]}, {name}", text)
                continue
            run = runs[data, name]
            for one in run.refinements:
                measures = of_ends(one.principles, names or (), _without(ends, name)) | of_course(run, one)
                ours, holds = judged(entry, measures)
                rests = basis(run, one)
                if names is not None and (data, name, one.seed) in still:
                    holds, rests = None, f"{rests}; its scores do not climb"
                yield Check(f"{DATA[data]}, {name}", text, ours, rests, holds)


def _without(rows: Mapping[str, Principles], name: str) -> dict[str, Principles]:
    return {other: row for other, row in rows.items() if other != name}


CHECKS: Mapping[str, Callable[[Entry, StudyData, Entry], Iterator[Check]]] = {
    check.__name__: check
    for check in (
        *(size, complexities, exponential, tau, best_networks, rising, refined),
        *(lower_error, costliest, same_order, order_of_errors, least_error),
    )
}
"""By name: (entry of claims.toml, what was found, what the paper printed) to checks."""
