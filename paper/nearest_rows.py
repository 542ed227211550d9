"""Whether principles are nearest to the paper's row of their own predictor, and what that rule accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import permutations, product
from typing import Any, NamedTuple

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.interval_overlap import overlap
from netlore.analysis.resampling import LEVEL, Statistic, resampled_counts, statistic_of
from netlore.report.text.phrases import join
from paper.pages import DATA, NO_VALUE, PREDICTORS, Entry, Verdict, interval_text, within
from paper.table1 import GRIDS, Principles, Row, gap, printed

Papers = Mapping[str, Mapping[str, Principles]]
"""The paper's rows by data set and predictor."""
PLACEMENTS = 200
"""Of the intervals of each of our rows, at random."""
COUNTS = np.concatenate([np.ones((1, len(GRIDS))), resampled_counts(len(GRIDS))])
"""Weights of the hyperparameters: as they are, then of every resample."""


def likeness(ours: Principles, rows: Mapping[str, Principles]) -> Floats:
    """Jaccard of every hyperparameter's interval with that of every predictor's row, shape (7, 12)."""
    return np.array([[_shared(name, ours[name], rows[each][name]) for name in GRIDS] for each in PREDICTORS])


@cache
def _shared(name: str, one: tuple[int, int], other: tuple[int, int]) -> float:
    return overlap({name: one}, {name: other}, {name: GRIDS[name]})


def _ahead(found: Floats, own: str) -> Floats:
    """How much more like its own row than like each other one, first as it is, then of resamples, (1 + r, 6)."""
    means, place = COUNTS @ found.T / len(GRIDS), PREDICTORS.index(own)
    return np.asarray(means[:, [place]] - np.delete(means, place, axis=1))


def margin(found: Floats, own: str) -> Statistic:
    """How much more like its own row than like the best other row, means over hyperparameters.

    With a bootstrap interval over the hyperparameters, whose best other row is found again in every resample.
    """
    return statistic_of(_ahead(found, own).min(axis=1), len(GRIDS))


def verdict(found: Floats, own: str) -> Verdict:
    """Agrees if the interval of the margin lies above 0; differs if another row is more like it; else undecided.

    The best of six rows that are as like as its own is somewhat more like by chance. So the interval of the
    difference to that one row must lie below 0 at a level that holds for six together (Bonferroni).
    """
    if within(*margin(found, own)[1:3], 0):
        return Verdict.AGREES
    ahead = _ahead(found, own)
    each = [statistic_of(one, len(GRIDS), level=1 - (1 - LEVEL) / ahead.shape[1]) for one in ahead.T]
    return Verdict.DIFFERS if any(within(*one[1:3], 0) is False for one in each) else Verdict.UNDECIDED


class Likeness(NamedTuple):
    """A predictor's row of the paper's table as a claim.

    Attributes:
        rows: Our refinements, without those that merely repeat another data set's, seed by seed.
        found: Per data set with one, the mean likeness over its seeds, shape (7, 12).
        climbs: Whether the scores of all of them climb: if not, their intervals are compared with nothing.
        papers: Likeness of the paper's row for each data set with its rows for the other one.
    """

    predictor: str
    rows: tuple[Row, ...]
    found: Mapping[str, Floats]
    climbs: bool
    papers: tuple[Floats, Floats]

    @property
    def mean(self) -> Floats:
        """Likeness, mean over the data sets."""
        return np.asarray(np.mean([*self.found.values()], axis=0))

    @property
    def verdict(self) -> Verdict:
        """By the margin."""
        if not self.rows:
            return Verdict.MISSING
        return verdict(self.mean, self.predictor) if self.climbs else Verdict.UNDECIDED

    @property
    def p_value(self) -> float:
        """Of all choices of one of the paper's rows per data set, the share that is as like ours as its own."""
        sums = [one.mean(axis=1) for one in self.found.values()]
        own = sum(one[PREDICTORS.index(self.predictor)] for one in sums)
        return float(np.mean([sum(chosen) >= own - 1e-12 for chosen in product(*sums)]))

    @property
    def summary(self) -> tuple[str, str, str, str]:
        """Its line of the summary."""
        text = interval_text(*margin(self.mean, self.predictor)[:3], "+.2f") if self.rows else NO_VALUE
        return (
            "Table I",
            f"{self.predictor}'s principles, among the rows of all predictors",
            f"margin {text}",
            self.verdict,
        )

    @property
    def line(self) -> Sequence[str]:
        """Its line of the table of verdicts."""
        ceiling = np.mean(self.papers, axis=0)
        own, last = PREDICTORS.index(self.predictor), interval_text(*margin(ceiling, self.predictor)[:3], "+.2f")
        paper = (f"{ceiling[own].mean():.2f}", last, self.verdict)
        if not self.rows:
            return self.predictor, *[NO_VALUE] * 5, *paper
        means = self.mean.mean(axis=1)
        others = {name: value for name, value in zip(PREDICTORS, means, strict=True) if name != self.predictor}
        best = max(others, key=others.__getitem__)
        sizes = {f"{DATA[row.data]} seed {row.ours.seed}": None for row in self.rows if row.ours is not None}
        rests = join([*sizes]) + ("" if self.climbs else "; scores do not climb")
        shown = interval_text(*margin(self.mean, self.predictor)[:3], "+.2f")
        return (
            *(self.predictor, rests, f"{means[own]:.2f}", f"{best} {others[best]:.2f}", shown),
            *(f"{self.p_value:.3f}", *paper),
        )


def papers_of(table: Mapping[str, Mapping[str, Entry]]) -> dict[str, dict[str, Principles]]:
    """The paper's rows as principles."""
    return {data: {name: printed(row) for name, row in rows.items()} for data, rows in table.items()}


def likenesses(rows: Sequence[Row], papers: Papers, idle: set[tuple[str, str, int]]) -> list[Likeness]:
    """Every predictor's row as a claim; `idle` are refinements whose scores do not climb."""
    seen, made, (one, other) = [], [], DATA
    for row in rows:
        if row.ours is not None:
            seen.append((row.predictor, row.ours.seed, row.ours.principles))
    for name in PREDICTORS:
        own = tuple(
            row
            for row in rows
            if row.predictor == name
            and row.ours is not None
            and (row.data == one or seen.count((name, row.ours.seed, row.ours.principles)) == 1)
        )
        found = {
            data: np.mean([likeness(row.ours.principles, papers[data]) for row in same if row.ours], axis=0)
            for data in DATA
            if (same := [row for row in own if row.data == data])
        }
        still = any((row.data, name, row.ours.seed) in idle for row in own if row.ours)
        both = (likeness(papers[one][name], papers[other]), likeness(papers[other][name], papers[one]))
        made.append(Likeness(name, own, found, not still, both))
    return made


def shuffled(claims: Sequence[Likeness]) -> tuple[float, int] | None:
    """How likely our rows are as like their own of the paper's if labels are exchanged: p over all permutations.

    Of the predictors whose scores climb; with how many there are. None for fewer than two.
    """
    known = [one for one in claims if one.rows and one.climbs]
    if len(known) < 2:
        return None
    places = [PREDICTORS.index(one.predictor) for one in known]
    table = np.array([one.mean.mean(axis=1)[places] for one in known])
    own, order = float(np.trace(table)), np.arange(len(known))
    sums = [float(table[order, list(each)].sum()) for each in permutations(order)]
    return float(np.mean([one >= own - 1e-12 for one in sums])), len(known)


def formerly(ours: Principles, paper: Principles) -> bool:
    """What this page called agreement, at least in part, before: of the intervals that can miss, neither being the
    whole grid, half overlap or come within one step of the grid."""
    gaps = {name: gap(paper[name], ours[name], grid) for name, grid in GRIDS.items()}
    whole = {n: (grid[0], grid[-1]) for n, grid in GRIDS.items()}
    free = [name for name, ends in whole.items() if ends not in (tuple(paper[name]), tuple(ours[name]))]
    near = sum(gaps[name] <= 1 for name in free)
    return not any(gaps.values()) or 2 * near >= len(free)


def placed(ours: Principles, rng: np.random.Generator) -> dict[str, tuple[Any, Any]]:
    """Intervals that hold as many values as ours, each anywhere on its grid."""
    made = {}
    for name, grid in GRIDS.items():
        low, high = (list(grid).index(value) for value in ours[name])
        start = int(rng.integers(len(grid) - (high - low)))
        made[name] = (grid[start], grid[start + high - low])
    return made


def power_lines(claims: Sequence[Likeness], papers: Papers) -> Iterator[Sequence[str]]:
    """What the rule of old and the one of now accept, row by row: (what, rows, old, now, undecided now)."""
    ours = [row for one in claims for row in one.rows if row.ours is not None]
    rng, (one, other) = np.random.default_rng(0), DATA
    own = [(row.ours.principles, row.data, row.predictor) for row in ours if row.ours]
    wrong = [(found, data, name) for found, data, right in own for name in PREDICTORS if name != right]
    random = [(placed(found, rng), data, name) for found, data, name in own for _ in range(PLACEMENTS)]
    both = [
        (papers[data][name], elsewhere, name) for name in PREDICTORS for data, elsewhere in (DATA, (other, one))
    ]
    cases: dict[str, Sequence[tuple[Principles, str, str]]] = {
        "right: the paper's rows, each against those for the other data set": both,
        "right: our rows": own,
        "wrong: our rows, each as another predictor's": wrong,
        "wrong: intervals as wide as ours, placed at random": random,
    }
    for what, entries in cases.items():
        old = sum(formerly(found, papers[data][name]) for found, data, name in entries)
        now = [verdict(likeness(found, papers[data]), name) for found, data, name in entries]
        yield (
            what,
            f"{len(entries):,}",
            *(
                f"{count:,} ({count / len(entries):.0%})" if entries else NO_VALUE
                for count in (old, now.count(Verdict.AGREES), now.count(Verdict.UNDECIDED))
            ),
        )
