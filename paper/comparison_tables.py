"""Tables of searches side by side: winners, ranks, and for each landscape every currency, rule and test."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from netlore.analysis.method_ranks import median_interval
from netlore.refinement.searches.selection import OWN, SHRUNKEN
from netlore.report.tables.table import NamedTable, Row, named_table
from netlore.report.text.phrases import count, join, number_text
from paper.comparison_findings import EARLY, Compared, Kept, course_at, ranks_of, three_text

METHOD = "Method"


def tables_of(cases: Sequence[Compared]) -> list[NamedTable]:
    """Tables over all landscapes: winners, and average ranks where there are two landscapes or more."""

    def row(one: Compared) -> Row:
        return {
            "Landscape": one.heading,
            "Lowest median regret": one.label(one.winner.name),
            "Regret, median [95 %]": three_text(median_interval(one.end(one.winner, "regret", OWN))),
            "Not distinguishable from it": join(one.undecided) or "none",
            f"Lowest after {EARLY} scores": one.label(one.early[0].name) if one.early else None,
            "Regret there": three_text(one.early[1]) if one.early else None,
            "Seeds": len(one.seeds),
        }

    caption = (
        "The method with the lowest median regret at its end, of equal ones the one that is lower on the way, and "
        "all that do not differ from it by Wilcoxon's signed-rank test over pairs of "
        "equal seeds, Holm's correction over all pairs of methods, at 5 %. Beside it, who is lowest after "
        f"{EARLY} scores."
    )
    tables = [named_table("winners", caption, map(row, cases))]
    found = ranks_of(cases)
    if found is not None:
        who = {name: own for one in cases for name, own in one.searchers.items()}
        caption = (
            f"Average rank of the median regret over {found.blocks} landscapes, 1 is the best; Friedman's test: "
            f"p = {number_text(found.p)}. Ranks that differ by less than {found.critical:.2f} are not "
            "distinguishable at 5 % (Nemenyi). Landscapes that are one form under several noises are no "
            "independent blocks, so the test is too sure."
        )
        order = np.argsort(found.average, kind="stable")
        rows = ({METHOD: who[found.names[i]].label, "Average rank": found.average[i]} for i in order)
        tables.append(named_table("average-ranks", caption, rows))
    return tables


def tables_of_landscape(one: Compared) -> list[NamedTable]:
    """Regrets in every currency, search against selection, agreement, and tests."""
    return [_currencies(one), _crossed(one), _agreement(one), *([_tests(one)] if one.tests else [])]


def _currencies(one: Compared) -> NamedTable:
    at = one.first["at"]
    chosen = [n for n in (100, 200, 500, 1_000) if n in at] + [at[-1]]

    def row(kept: Kept) -> Row:
        courses = {
            f"Regret after {n:,}": three_text(median_interval(one.each(kept, partial(course_at, at.index(n)))))
            for n in dict.fromkeys(chosen)
        }
        return {
            METHOD: one.label(kept.name),
            **courses,
            "Distinct networks": int(np.median(one.each(kept, lambda seed: seed["distinct"]))),
            "Paid scores": int(np.median(one.each(kept, lambda seed: seed["paid"]))),
            "Asked for": int(np.median(one.each(kept, lambda seed: seed["asked"]))),
            "GFLOPs scored": float(np.median(one.each(kept, lambda seed: seed["flops"]))) / 1e9,
            "Own seconds": float(np.median(one.each(kept, lambda seed: seed["seconds"]))),
        }

    caption = (
        f"{one.title}. Regret of the pick by its own mean: the exact optimum {one.first['optimum']:.2f} less the "
        f"pick's true score, median of {count(len(one.seeds), 'seed')} and the 95 % interval of the median. The "
        "rest are medians at the end. Own seconds: what the method computes beside scores, on one core."
    )
    return named_table(f"{one.name}-currencies", caption, map(row, one.kept))


def _crossed(one: Compared) -> NamedTable:
    def row(kept: Kept) -> Row:
        found: Row = {"Whose networks": one.label(kept.name)}
        for rule in (OWN, SHRUNKEN):
            for what, head in (("regret", "Pick"), ("elite_regret", "Elites"), ("bias", "Selection bias")):
                found[f"{head}, {rule}"] = three_text(median_interval(one.end(kept, what, rule)))
        return found

    caption = (
        f"{one.title}. Search and selection apart: regret of the pick and of the twelve elites at the end by "
        "whose networks were scored (rows) and by which rule the best of them are taken (columns); selection "
        "bias: how much higher the elites were taken to be than they are. Medians and their 95 % intervals."
    )
    return named_table(f"{one.name}-search-and-selection", caption, map(row, one.kept))


def _agreement(one: Compared) -> NamedTable:
    def rows() -> list[Row]:
        found: list[Row] = []
        for kept in one.kept:
            for rule in (OWN, SHRUNKEN):
                if (each := one.agreement(kept, rule)) is not None:
                    found.append(
                        {
                            METHOD: one.label(kept.name),
                            "Elites by": rule,
                            "Containment": each.containment,
                            "Width": each.width,
                            "Corrected [95 %]": three_text(each.corrected),
                            "Medians equal": each.equal,
                            "Within one step": each.near,
                        }
                    )
        return found

    caption = (
        f"{one.title}. Agreement of {count(len(one.seeds), 'seed')}, intervals of all methods by the same rules: "
        "the range of the twelve elites. Corrected for chance and width: (containment - width) / (1 - width), "
        "with its 95 % interval over resampled seeds."
    )
    return named_table(f"{one.name}-agreement", caption, rows())


def _tests(one: Compared) -> NamedTable:
    name = one.winner.name
    pairs = [each for each in one.tests if name in (each.one, each.other)]
    rows = (
        {
            "Against": one.label(each.other if each.one == name else each.one),
            "Median difference": (each.difference if each.one == name else -each.difference) + 0.0,  # no -0
            "p": each.p,
            "p, Holm": each.adjusted,
        }
        for each in pairs
    )
    caption = (
        f"{one.title}. Tests of {one.label(name)} against each other method: the median over seeds of its regret "
        f"less the other's, and Wilcoxon's signed-rank test, corrected for all {len(one.tests)} pairs."
    )
    return named_table(f"{one.name}-tests", caption, rows)
