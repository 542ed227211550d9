"""What finished searches of a landscape come to: winners, tests, ranks and agreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.method_ranks import PairedTest, Ranks, average_ranks, median_interval, paired_tests
from netlore.analysis.resampling import Statistic
from netlore.analysis.seed_agreement import SeedAgreement, seed_agreement
from netlore.refinement.searches.searchers import Searcher
from netlore.refinement.searches.selection import OWN
from netlore.report.text.phrases import count, join, minus

LEVEL = 0.05
"""Of tests."""
EARLY = 300
"""Paid scores after which methods are compared on their way as well."""
SHORT = {
    "permuted": "Permuted grids",
    "two-peaks": "Two peaks",
    "interaction": "An interaction",
    "tuning": "The closed form, tuning",
}
_DIGITS = 6  # of regrets that are taken to be equal


@dataclass(frozen=True, eq=False)
class Kept:
    """One searcher's file: its seeds in order."""

    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Of the searcher."""
        return str(self.document["searcher"])

    @cached_property
    def seeds(self) -> dict[int, Mapping[str, Any]]:
        """What each seed came to."""
        return dict(sorted((int(seed), found) for seed, found in self.document["seeds"].items()))


@dataclass(frozen=True, eq=False)
class Compared:
    """All searchers of one landscape, over the seeds that all of them have finished.

    Attributes:
        name: Of the landscape.
        kept: The searchers' files.
        searchers: Who they are, by name.
    """

    name: str
    kept: Sequence[Kept]
    searchers: Mapping[str, Searcher]

    @property
    def names(self) -> list[str]:
        """Of the searchers."""
        return [one.name for one in self.kept]

    @property
    def first(self) -> Mapping[str, Any]:
        """What all files say alike: title, noise, optimum, grids, most and at."""
        return self.kept[0].document

    @property
    def noise(self) -> str:
        """How much of it scores have, in words."""
        noise = self.first["noise"]
        return f"noise of {noise:g}" if noise else "without noise"

    @property
    def title(self) -> str:
        """What the landscape is, in full."""
        return f"{self.first['title']}, {self.noise}"

    @property
    def heading(self) -> str:
        """What it is called where many stand side by side."""
        if self.name.startswith("closed-form-noise-"):
            return f"The closed form, {self.noise}"
        if self.name in SHORT:
            return SHORT[self.name]
        *where, what = self.first["title"].split(", ")[:3]
        return ", ".join([*where, "accuracy" if self.name.endswith("-accuracy") else what])

    @cached_property
    def seeds(self) -> list[int]:
        """Those that every searcher has."""
        return sorted(set.intersection(*({*one.seeds} for one in self.kept)))

    def label(self, name: str) -> str:
        """What a searcher is called."""
        return self.searchers[name].label

    def each(self, one: Kept, value: Callable[[Mapping[str, Any]], Any]) -> Floats:
        """A number of every seed; NaN where there is none."""
        found = [value(one.seeds[seed]) for seed in self.seeds]
        return np.asarray([np.nan if entry is None else entry for entry in found], dtype=np.float64)

    def end(self, one: Kept, what: str, rule: str) -> Floats:
        """`regret`, `elite_regret` or `bias` of every seed at the end."""
        return self.each(one, lambda seed: seed["ends"][rule][what])

    @cached_property
    def regrets(self) -> Floats:
        """Of the picks at the end, by own means, shape (searchers, seeds)."""
        return np.stack([self.end(one, "regret", OWN) for one in self.kept])

    @cached_property
    def tests(self) -> list[PairedTest]:
        """Of every pair of searchers; none of fewer than two seeds."""
        return paired_tests(self.regrets, self.names) if len(self.seeds) > 1 else []

    @cached_property
    def winner(self) -> Kept:
        """The lowest median regret at the end; of equal ones the one that is lower on the way, in the mean over
        the numbers of paid scores at which all are judged."""
        places = range(len(self.first["at"]))

        def rank(one: Kept) -> tuple[float, float]:
            courses = [self.each(one, partial(course_at, place)) for place in places]
            return self.median(one), float(np.nanmean(courses))

        return min(self.kept, key=rank)

    def median(self, one: Kept) -> float:
        """The median regret at the end."""
        return round(float(np.median(self.end(one, "regret", OWN))), _DIGITS)

    @property
    def equal(self) -> list[str]:
        """Labels of the searchers whose median regret at the end is the winner's."""
        lowest = self.median(self.winner)
        return [self.label(one.name) for one in self.kept if one is not self.winner and self.median(one) == lowest]

    @cached_property
    def early(self) -> tuple[Kept, Statistic] | None:
        """The lowest median regret after `EARLY` paid scores, of equal ones the lowest mean; None if nothing is
        judged there."""
        if EARLY not in self.first["at"]:
            return None
        value = partial(course_at, self.first["at"].index(EARLY))
        found = {one.name: self.each(one, value) for one in self.kept}
        best = min(self.kept, key=lambda one: (np.nanmedian(found[one.name]), np.nanmean(found[one.name])))
        return best, median_interval(self.each(best, value))

    @property
    def undecided(self) -> list[str]:
        """Labels of the searchers that cannot be distinguished from the winner."""
        names = {self.winner.name}
        pairs = [one for one in self.tests if names & {one.one, one.other} and one.adjusted >= LEVEL]
        return [self.label(one.other if one.one in names else one.one) for one in pairs]

    def agreement(self, one: Kept, rule: str = OWN) -> SeedAgreement | None:
        """How far the intervals of the elites agree over seeds; None of a single seed."""
        if len(self.seeds) < 2:
            return None
        grids = {name: tuple(grid) for name, grid in self.first["grids"].items()}
        return seed_agreement([one.seeds[seed]["ends"][rule]["intervals"] for seed in self.seeds], grids)


def winner_sentence(one: Compared) -> str:
    """Who has the lowest median regret, and who cannot be distinguished from that."""
    found = median_interval(one.end(one.winner, "regret", OWN))
    text = f"{one.heading}: lowest median regret by {one.label(one.winner.name)}, {three_text(found)}"
    text += f" ({count(len(one.seeds), 'seed')}, at most {one.first['most']:,} paid scores)"
    text += f", and by {join(one.equal)}, higher on the way" if one.equal else ""
    if one.early is not None:
        text += f"; after {EARLY} scores by {one.label(one.early[0].name)}, {three_text(one.early[1])}"
    if not one.tests:
        return f"{text}; a single seed decides nothing."
    others = one.undecided
    return f"{text}; at the end not distinguishable from {one.label(one.winner.name)}: {join(others) or 'none'}."


def winners_text(cases: Sequence[Compared]) -> str:
    """On how many landscapes each method is the lowest, at the end and on the way, as two sentences."""
    ends = [one.label(one.winner.name) for one in cases]
    ways = [one.label(one.early[0].name) for one in cases if one.early is not None]
    return " ".join(
        f"{when} of {len(names)}: {join([f'{name} on {n}' for name, n in Counter(names).most_common()])}."
        for when, names in (
            (f"At the end, {cases[0].first['most']:,} paid scores at most, the lowest median regret has,", ends),
            (f"After {EARLY} paid scores,", ways),
        )
        if names
    )


def ranks_of(cases: Sequence[Compared]) -> Ranks | None:
    """Average ranks of the searchers that all landscapes have; None of fewer than two of either."""
    if len(cases) < 2:
        return None
    names = [name for name in cases[0].names if all(name in one.names for one in cases)]
    if len(names) < 2:
        return None
    table = [[np.median(one.regrets[one.names.index(name)]) for name in names] for one in cases]
    return average_ranks(np.asarray(table), names)


def course_at(place: int, seed: Mapping[str, Any]) -> Any:
    """The regret of a seed's pick at one of the numbers of paid scores; None before the first score."""
    return seed["course"][OWN][place]


def flops_at(place: int, seed: Mapping[str, Any]) -> Any:
    """The FLOPs of all that a seed had scored there."""
    return seed["course_flops"][place]


def three_text(found: Statistic) -> str:
    """A value and its interval, if there is one."""
    if found.value is None:
        return "\N{EN DASH}"
    value, *ends = (round(one, 2) + 0.0 for one in found[:3] if one is not None)  # a zero has no sign
    return minus(f"{value:.2f}" + (f" [{ends[0]:.2f}, {ends[1]:.2f}]" if len(ends) == 2 else ""))
