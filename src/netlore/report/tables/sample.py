"""Tables of a scored sample: scores, rank correlations, Lilliefors' test, trees, costs, importances."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np

from netlore.analysis.correlation import Correlation
from netlore.report.data import SampleData
from netlore.report.names import measure_title
from netlore.report.tables.table import PREDICTOR, NamedTable, named_table
from netlore.report.text.phrases import count


def sample_tables(sample: SampleData) -> list[NamedTable]:
    """Give every table that a sample's analyses fill."""
    makers: tuple[tuple[object, Callable[[SampleData], list[NamedTable]]], ...] = (
        (sample.predictors, _scores),
        (sample.correlation, _correlation),
        (sample.exponential, _exponential),
        (sample.trees, _trees),
        (sample.partial, _partial),
        (sample.importance, _importance),
    )
    return [table for found, make in makers if found for table in make(sample)]


def ranked_pairs(found: Correlation) -> list[tuple[str, str, float, int, int]]:
    """Give every pair of predictors: (one, other, tau, n, dropped); the highest tau first, undefined ones last."""
    pairs = [
        (found.names[i], found.names[j], float(found.tau[i, j]), int(found.n[i, j]), int(found.dropped[i, j]))
        for i, j in combinations(range(len(found.names)), 2)
    ]
    return sorted(pairs, key=lambda pair: (np.isnan(pair[2]), -pair[2]))


def _of(sample: SampleData) -> str:
    return f"{count(len(sample.frame), 'network')} of {sample.family} on {sample.data}"


def _scores(sample: SampleData) -> list[NamedTable]:
    rows = []
    for name in sample.predictors:
        raw = sample.frame[name].to_numpy(dtype=np.float64)
        scores = raw[np.isfinite(raw)]
        middle = (scores.min(), np.median(scores), scores.max()) if len(scores) else (None, None, None)
        rows.append((name, len(scores), len(raw) - len(scores), *middle))
    columns = (PREDICTOR, "Scored", "Failed", "Minimum", "Median", "Maximum")
    return [named_table("scores", f"Raw scores of {_of(sample)}.", columns, rows)]


def _correlation(sample: SampleData) -> list[NamedTable]:
    found = sample.correlation
    assert found is not None
    caption = f"Kendall's rank correlation between predictors over {_of(sample)}"
    matrix = [(name, *row) for name, row in zip(found.names, found.tau, strict=True)]
    columns = ("Predictor", "Other predictor", "Kendall's tau", "n", "Dropped")
    return [
        named_table("correlation", f"{caption}.", (PREDICTOR, *found.names), matrix),
        named_table(
            "correlation-pairs",
            f"{caption}: n networks with both scores, dropped ones without.",
            columns,
            ranked_pairs(found),
        ),
    ]


def _exponential(sample: SampleData) -> list[NamedTable]:
    rows = [
        (
            name,
            sample.transforms[name].positive_label,
            test.statistic,
            test.p_value,
            test.n,
            f"{'' if test.rejected else 'not '}rejected at {test.level * 100:g} %",
        )
        for name, test in sample.exponential.items()
    ]
    caption = (
        f"Lilliefors' test for the exponential distribution over {_of(sample)}. D is the largest distance between "
        "the distributions; p is known between 0.001 and 0.99 and given as these beyond."
    )
    columns = (PREDICTOR, "Form", "D", "p", "n", "Exponential distribution")
    return [named_table("exponential", caption, columns, rows)]


def _trees(sample: SampleData) -> list[NamedTable]:
    rows = [
        (name, rule.text, rule.level, rule.share, rule.purity, tree.accuracy, tree.baseline)
        for name, tree in sample.trees.items()
        for rule in tree.rules
    ]
    caption = (
        f"Rules of the decision trees over {_of(sample)}: share of all networks, purity (share of the rule's "
        "networks at its level), cross-validated accuracy, and the accuracy without any split."
    )
    columns = (PREDICTOR, "Rule", "Level", "Share", "Purity", "Accuracy", "Baseline")
    return [named_table("trees", caption, columns, rows)]


def _partial(sample: SampleData) -> list[NamedTable]:
    rows = [
        (name, measure_title(measure), plain, partial, found.explained, found.n)
        for name, found in sample.partial.items()
        for measure, plain, partial in zip(found.names, found.plain, found.partial, strict=True)
    ]
    caption = (
        f"Spearman's rho between scores and costs over {_of(sample)}: plain, partial (given the other costs), and "
        "the share of the variance of a predictor's ranks that all costs together explain."
    )
    columns = (PREDICTOR, "Cost", "Plain rho", "Partial rho", "Explained by all", "n")
    return [named_table("partial-correlation", caption, columns, rows)]


def _importance(sample: SampleData) -> list[NamedTable]:
    names = list(dict.fromkeys(name for found in sample.importance.values() for name in found.names))
    rows = []
    for predictor, found in sample.importance.items():
        for what, values in (("importance", found.values), ("spread", found.spread)):
            by_name = dict(zip(found.names, values, strict=True))
            rows.append((predictor, what, *(by_name.get(name) for name in names), found.r2, found.n))
    caption = (
        f"Permutation importance of hyperparameters over {_of(sample)}: mean loss of R² when one is shuffled, "
        "standard deviation over the folds, and R² with nothing shuffled."
    )
    return [named_table("importance", caption, (PREDICTOR, "Quantity", *names, "R²", "n"), rows)]
