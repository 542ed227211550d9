"""Checks of refinements, and all checks by the names that claims.toml gives them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import interval_text
from netlore.report.text.phrases import count
from paper.checks import best_networks, complexities, exponential, least_error, order_of_errors, size, tau
from paper.pages import DATA, Check, Entry, runs_of
from paper.table1 import GRIDS, Principles, basis, printed

Found = tuple[str, bool | None]
Others = Mapping[str, Principles]
Look = Callable[[RefinementData, Refinement, Entry, Others], Found]


def _each(
    look: Look, said: Callable[[Entry, Entry, str, str], str], sets: Sequence[str]
) -> Callable[[Entry, StudyData, Entry], Iterator[Check]]:
    """A check per data set, predictor and seed; `said` gives what the paper says of a predictor."""

    def checks(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
        runs = runs_of(study)
        for data in sets:
            ends = {name: run.first.principles for (where, name), run in runs.items() if where == data}
            for name in entry["predictors"]:
                what, text = f"{DATA[data]}, {name}", said(entry, paper, data, name)
                if name not in ends:
                    yield Check(what, text)
                    continue
                run, others = runs[data, name], {other: end for other, end in ends.items() if other != name}
                for one in run.refinements:
                    ours, holds = look(run, one, entry, others)
                    yield Check(what, text, ours, basis(run, one), holds)

    return checks


def _course(look: Look) -> Callable[[Entry, StudyData, Entry], Iterator[Check]]:
    """Of how refinements go; what is printed may name columns of Table II."""
    return _each(
        look, lambda e, paper, data, n: e["printed"].format(**paper["table2"][data][f"paper/{data}/{n}"]), [*DATA]
    )


def _ends(
    look: Callable[[Principles, Entry, Others], Found],
) -> Callable[[Entry, StudyData, Entry], Iterator[Check]]:
    """Of where predictors end on CIFAR-10, which Figs. 6 to 9 are about, and the others'."""

    def said(entry: Entry, paper: Entry, data: str, name: str) -> str:
        rows = {other: printed(row) for other, row in paper["table1"][data].items()}
        return look(rows.pop(name), entry, rows)[0]

    return _each(lambda run, one, entry, others: look(one.principles, entry, others), said, ["cifar10"])


def _rises(run: RefinementData, one: Refinement, entry: Entry, others: Others) -> Found:
    scores = [run.scores(each) for each in one.rounds]
    means = [float(each.mean()) for each in scores]
    if len(means) == 1:
        return "one round", None
    worst = 0.0
    for before, after in pairwise(scores):
        error = math.sqrt(sum(float(each.var()) / len(each) for each in (before, after)))
        worst = max(worst, float(before.mean() - after.mean()) / error if error > 0 else 0.0)
    rising, steps = sum(after > before for before, after in pairwise(means)), len(means) - 1
    text = f"{rising} of {steps} rise, from {means[0]:.5g} to {means[-1]:.5g}"
    return text + (f"; largest fall {worst:.1f} standard errors" if worst else ""), rising == steps


def _shrinks(run: RefinementData, one: Refinement, entry: Entry, others: Others) -> Found:
    cardinalities = one.cardinalities
    sizes = np.log10(np.asarray(cardinalities, dtype=np.float64))
    if len(sizes) < 3:
        return "too few rounds", None
    rounds = np.arange(len(sizes))
    slope, start = np.polyfit(rounds, sizes, 1)
    r2 = 1 - float(np.sum((sizes - start - slope * rounds) ** 2)) / float(np.sum((sizes - sizes.mean()) ** 2))
    ended = f"{len(sizes) - 1} rounds, {cardinalities[-1]:,} left"
    return f"R^2 = {r2:.3f}, a factor of {10**slope:.2g} a round, {ended}", r2 >= entry["least"]


def _flops(run: RefinementData, one: Refinement, entry: Entry, others: Others) -> Found:
    """The median of the last round's FLOPs, or how far they spread, in millions."""
    low, median, high = (value / 1e6 for value in one.rounds[-1].estimates["flops"])
    spread = f"95 % {low:.1f} to {high:.1f} M"
    if entry["of"] == "median":
        return f"median {median:.1f} M, {spread}", median >= entry["least"]
    return spread, high - low >= entry["least"]


def _moves(run: RefinementData, one: Refinement, entry: Entry, others: Others) -> Found:
    first, last = (one.rounds[i].estimates[entry["measure"]].median for i in (0, -1))
    return f"median {first:,.0f} in the first round, {last:,.0f} in the last", entry["sign"] * (last - first) > 0


def _text(found: Principles, names: Iterable[str]) -> str:
    return ", ".join(f"{name} {interval_text(*found[name])}" for name in names)


def _middle(name: str, found: Principles) -> float:
    """Where on its grid the middle of an interval lies: 0 for the first value, 1 for the last."""
    grid = GRIDS[name]
    return sum(grid.index(end) for end in found[name]) / 2 / (len(grid) - 1)


def _values(names: Iterable[str], found: Principles) -> int:
    """Values of the grids in intervals."""
    return sum(found[name][0] <= value <= found[name][1] for name in names for value in GRIDS[name])


def _within(found: Principles, entry: Entry, others: Others) -> Found:
    limits = entry["limits"]
    holds = all(low <= found[name][0] and found[name][1] <= high for name, (low, high) in limits.items())
    return _text(found, limits), holds


def _halves(found: Principles, entry: Entry, others: Others) -> Found:
    wanted = dict.fromkeys(entry["upper"], True) | dict.fromkeys(entry.get("lower", ()), False)
    return _text(found, wanted), all((_middle(name, found) > 0.5) == upper for name, upper in wanted.items())


def _multiples(found: Principles, entry: Entry, others: Others) -> Found:
    factors = entry["factors"]
    chains = [all(found[n][0] <= one * k <= found[n][1] for n, k in factors.items()) for one in GRIDS["w1"]]
    return _text(found, factors), any(chains)


def _reaches(found: Principles, entry: Entry, others: Others) -> Found:
    least, name = entry["least"], entry["centred"]
    text = f"{_text(found, least)}; {name} against {count(len(others), 'other predictor')}"
    higher = all(_middle(name, found) > _middle(name, other) for other in others.values())
    return text, all(found[one][1] >= low for one, low in least.items()) and higher if others else None


def _several(found: Principles, entry: Entry, others: Others) -> Found:
    several = sum(low < high for low, high in found.values())
    return f"{several} of {len(found)} intervals hold several values", 2 * several > len(found)


def _most_values(found: Principles, entry: Entry, others: Others) -> Found:
    names = entry["names"]
    size, rest = _values(names, found), {other: _values(names, one) for other, one in others.items()}
    text = f"{_text(found, names)}: {size} values; the others {', '.join(f'{n} {k}' for n, k in rest.items())}"
    return text, size > max(rest.values()) if rest else None


def _whole_grid(found: Principles, entry: Entry, others: Others) -> Found:
    names = entry["names"]
    return _text(found, names), all(tuple(found[name]) == (GRIDS[name][0], GRIDS[name][-1]) for name in names)


ENDS = {
    "within": _within,
    "halves": _halves,
    "multiples": _multiples,
    "reaches": _reaches,
    "several": _several,
    "most_values": _most_values,
    "whole_grid": _whole_grid,
}
"""Checks of principles, by name: (principles, entry, the others' principles) to text and whether it holds."""

COURSE: Mapping[str, Look] = {"rises": _rises, "shrinks": _shrinks, "flops": _flops, "moves": _moves}
SINGLE = (size, complexities, exponential, tau, best_networks, order_of_errors, least_error)

CHECKS: Mapping[str, Callable[[Entry, StudyData, Entry], Iterator[Check]]] = {
    **{check.__name__: check for check in SINGLE},
    **{name: _course(look) for name, look in COURSE.items()},
    **{name: _ends(look) for name, look in ENDS.items()},
}
"""By name: (entry of claims.toml, what was found, what the paper printed) to checks."""
