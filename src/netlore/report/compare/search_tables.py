"""Tables of searches of a benchmark; each says which accuracy is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from netlore.analysis import Floats
from netlore.analysis.search_courses import at, over_seeds
from netlore.refinement.methods import PAPER, RANDOM
from netlore.refinement.searches.compare import Line
from netlore.report.compare.search_data import SearchData, decimals, interval_text, label_of
from netlore.report.tables.table import NamedTable, Row, named_table
from netlore.report.text.phrases import minus

METHOD = "Method"
MAIN = ("accuracy", "above-random", "whole-space")
"""Names of the tables that a reader looks for first."""


def search_tables(data: SearchData) -> list[NamedTable]:
    """Give every table, the most important first."""
    makers = (_accuracies, _regrets, _above_random, _whole, _ends, _numbers)
    return [make(data) for make in makers]


def courses_frame(data: SearchData) -> pd.DataFrame:
    """Every course of every seed where its pick changes, and at its end."""
    rows = [
        (label_of(one.name), seed, int(place) + 1, float(course[place]))
        for one in data.found.lines
        for seed, course in enumerate(one.courses)
        for place in _changes(course)
    ]
    return pd.DataFrame(rows, columns=["method", "seed", "networks", "accuracy"])


def _changes(course: Floats) -> list[int]:
    changed = np.flatnonzero(np.diff(course, prepend=np.nan) != 0)
    found = [place for place in changed.tolist() if np.isfinite(course[place])]
    return sorted({*found, len(course) - 1} if np.isfinite(course[-1]) else found)


def _each(data: SearchData, name: str, caption: str, cell: Callable[[Line, int], str]) -> NamedTable:
    """A row for each method, a column for each number of networks."""
    rows = (
        {METHOD: label_of(one.name), **{f"{networks:,}": cell(one, networks) for networks in data.at}}
        for one in data.found.lines
    )
    return named_table(name, f"{caption} {data.said}", rows)


def _accuracies(data: SearchData) -> NamedTable:
    caption = (
        f"Accuracy of the pick after so many networks, {data.unit}: median of {data.found.seeds} seeds, and the "
        "2.5 and 97.5 percentiles of the seeds. The best of the space has "
        f"{data.found.best:.{decimals(data.point)}f}."
    )
    return _each(data, "accuracy", caption, lambda one, n: _three(at(one.courses, [n]), data.point))


def _regrets(data: SearchData) -> NamedTable:
    caption = f"Regret, {data.unit}: the best accuracy of the space less that of the pick; median and interval."
    best = data.found.best
    return _each(data, "regret", caption, lambda one, n: _three(best - at(one.courses, [n]), data.point))


def _above_random(data: SearchData) -> NamedTable:
    caption = (
        "How much more accurate the pick is than that of random search after as many networks, in points: the "
        f"mean difference over {data.found.seeds} seeds, with its 95 % bootstrap interval over seeds. Under one "
        "seed refinements, random search and evolution begin with the same networks."
    )
    found = data.found
    table = _each(
        data, "above-random", caption, lambda one, n: interval_text(found.above_random(one, n), data.point)
    )
    kept = table.frame[table.frame[METHOD] != label_of(RANDOM.name)].reset_index(drop=True)
    return NamedTable(table.name, table.caption, kept)


def _whole(data: SearchData) -> NamedTable:
    found, name = data.found, data.found.known.name
    rows: list[Row] = [
        {
            "Quantity": f"highest {name}" if one == name else label_of(one),
            f"Accuracy, {data.unit}": value,
            f"Regret, {data.unit}": found.best - value,
        }
        for one, value in found.whole.items()
    ]
    caption = (
        f"What would be picked of all {len(found.known):,} networks; of equal ones the mean. No search by a "
        f"quantity ends elsewhere once it has looked at all. {data.said}"
    )
    return named_table("whole-space", caption, rows)


def _ends(data: SearchData) -> NamedTable:
    def rows() -> Iterator[Row]:
        architectures = data.found.known.accuracies.architectures
        for one in data.searches:
            known = Counter(place for place in one.picked if place >= 0)
            place, seeds = min(known.items(), key=lambda item: (-item[1], item[0])) if known else (-1, 0)
            last = [float(course[-1]) for course in one.courses]
            yield {
                METHOD: label_of(one.name),
                **_networks(one.networks),
                **_paid(data, one),
                f"Accuracy, {data.unit}": _three(np.asarray([last]), data.point),
                "Different picks": len(known),
                "Most frequent": architectures[place].string or str(architectures[place]) if seeds else None,
                "Its seeds": seeds,
            }
            if one.name == PAPER.name:
                drawn = data.found.drawn
                yield {
                    METHOD: "its best of 25 drawn",
                    **_networks(drawn.networks.astype(int).tolist()),
                    f"Accuracy, {data.unit}": _three(drawn.accuracies[np.newaxis], data.point),
                }

    caption = (
        "Where searches end: the networks that they looked at, what scoring them takes (medians: FLOPs of a "
        "forward pass and, where they are stored, seconds), and their last pick. What the paper does in the end, "
        "drawing 25 networks of the final space and taking the best of them, is a row of its own. "
        f"{data.said}"
    )
    return named_table("ends", caption, rows())


def _numbers(data: SearchData) -> NamedTable:
    def rows() -> Iterator[Row]:
        for one in data.found.lines:
            for networks in data.at:
                middle, low, high = (float(end[0]) for end in data.found.over_seeds(one, [networks]))
                yield {
                    METHOD: label_of(one.name),
                    "Networks": networks,
                    f"Accuracy, {data.unit}": middle,
                    f"Low, {data.unit}": low,
                    f"High, {data.unit}": high,
                    f"Regret, {data.unit}": data.found.best - middle,
                }

    return named_table("searches", f"The same as numbers, a row each. {data.said}", rows())


def _networks(counts: list[int]) -> Row:
    return {
        "Fewest networks": min(counts),
        "Median networks": int(np.median(counts)),
        "Most networks": max(counts),
    }


def _paid(data: SearchData, one: Line) -> Row:
    """Other currencies than networks, as far as they are known."""
    costs = {"flops": ("GFLOPs", 1e9), "seconds": ("Seconds of scoring", 1.0)}
    found = {head: data.found.paid(one, cost) / unit for cost, (head, unit) in costs.items()}
    return {head: value for head, value in found.items() if np.isfinite(value)}


def _three(values: Floats, point: float) -> str:
    """The median of the seeds and the ends of their interval, shape (1, seeds) in."""
    middle, low, high = (float(end[0]) for end in over_seeds(values))
    if not np.isfinite(middle):
        return "\N{EN DASH}"
    digits = decimals(point)
    return minus(f"{middle:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]")
