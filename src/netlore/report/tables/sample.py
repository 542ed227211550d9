"""Tables of a scored sample: scores, rank correlations, Lilliefors' test, trees, costs, importances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from netlore.report.names import measure_title
from netlore.report.sample_data import SampleData
from netlore.report.tables.table import PREDICTOR, SHARE, NamedTable, Row, named_table
from netlore.report.text.phrases import NOISE, count
from netlore.space.complexity import BUILT_IN
from netlore.space.module import FAMILY as MODULE


def sample_tables(sample: SampleData) -> list[NamedTable]:
    """Give a table of each analysis of a sample; empty ones have no rows."""
    of = f"{sample.drawn} of {sample.family} on {sample.data}"
    everything = f"{count(sample.networks, 'network')} of {sample.family} on {sample.data}"
    noise = f" {SHARE}: {NOISE}, {sample.noise.about}" if sample.noise.predictors else ""
    correlation = f"Kendall's rank correlation between predictors over {of}"
    return [
        named_table("modules", f"{of[0].upper()}{of[1:]}, with their raw scores.", _modules(sample)),
        named_table("scores", f"Raw scores of {everything}.{noise}", _scores(sample)),
        named_table("best", f"The best of all {everything}, with their raw scores.", _best(sample)),
        named_table("correlation", f"{correlation}.", _correlation(sample)),
        named_table(
            "correlation-pairs",
            f"{correlation}: n networks with both scores, dropped ones without.",
            _pairs(sample),
        ),
        named_table(
            "exponential",
            f"Lilliefors' test for the exponential distribution over {of}. D is the largest distance between "
            "the distributions; p is known between 0.001 and 0.99 and given as these beyond.",
            _exponential(sample),
        ),
        named_table(
            "trees",
            f"Rules of the decision trees over {of}: share of all networks, purity (share of the rule's "
            "networks at its level), cross-validated accuracy, and the accuracy without any split.",
            _trees(sample),
        ),
        named_table(
            "partial-correlation",
            f"Spearman's rho between scores and costs over {of}: plain, partial (given the other costs), and "
            "the share of the variance of a predictor's ranks that all costs together explain. The number of "
            "blocks is no cost and stands apart: its partial rho is given all costs; the last share is with it.",
            _partial(sample),
        ),
        named_table(
            "importance",
            f"Permutation importance of hyperparameters over {of}: mean loss of R² when one is shuffled, "
            "standard deviation over the folds, and R² with nothing shuffled.",
            _importance(sample),
        ),
    ]


def _modules(sample: SampleData) -> Iterator[Row]:
    """Torch modules by their sources; other networks have too many to be listed."""
    frame = sample.frame
    if MODULE in frame:
        shown = {MODULE: "Module", "draw": "Draw", **{name: measure_title(name) for name in BUILT_IN}}
        columns = {**shown, **{name: name for name in sample.predictors}}
        for row in frame[[*columns]].rename(columns=columns).to_dict("records"):
            yield {str(name): value for name, value in row.items()}


def _best(sample: SampleData) -> Iterator[Row]:
    """Where figures show a part of the networks; elsewhere the explorer has them."""
    ranks = Counter[str]()
    for row in sample.whole.best if sample.whole is not None else ():
        ranks[row.predictor] += 1
        found = {PREDICTOR: row.predictor, "Rank": ranks[row.predictor], "Network": row.architecture.id}
        yield {**found, "Hyperparameters": str(row.architecture), "Draw": row.draw, "Score": row.score.value}


def _scores(sample: SampleData) -> Iterator[Row]:
    if sample.whole is not None:
        rows = {row["predictor"]: row for row in sample.whole.summary.to_dict("records")}
        for row in map(rows.__getitem__, sample.predictors):
            found = {PREDICTOR: row["predictor"], "Scored": row["scored"], "Failed": row["failed"]}
            ends = {"Minimum": row["lowest"], "Median": row["median"], "Maximum": row["highest"]}
            yield {**found, **ends, **_noise(sample, row["predictor"])}
        return
    for name in sample.predictors:
        raw = sample.frame[name].to_numpy(dtype=np.float64)
        scores = raw[np.isfinite(raw)]
        middle = (scores.min(), np.median(scores), scores.max()) if len(scores) else (None, None, None)
        found = {PREDICTOR: name, "Scored": len(scores), "Failed": len(raw) - len(scores)}
        ends = dict(zip(("Minimum", "Median", "Maximum"), middle, strict=True))
        yield {**found, **ends, **_noise(sample, name)}


def _noise(sample: SampleData, predictor: str) -> Row:
    """The share of noise, where it is known."""
    known = sample.noise.predictors.get(predictor)
    return {} if known is None else {SHARE: known.share}


def _correlation(sample: SampleData) -> Iterator[Row]:
    found = sample.correlation
    if found is not None:
        for name, row in zip(found.names, found.tau, strict=True):
            yield {PREDICTOR: name, **dict(zip(found.names, row, strict=True))}


def _pairs(sample: SampleData) -> list[Row]:
    """Every pair of predictors, the highest tau first, undefined ones last."""
    found = sample.correlation
    if found is None:
        return []
    pairs = list(combinations(range(len(found.names)), 2))
    return [
        {
            PREDICTOR: found.names[one],
            "Other predictor": found.names[other],
            "Kendall's tau": found.tau[one, other],
            "n": found.n[one, other],
            "Dropped": found.dropped[one, other],
        }
        for one, other in sorted(pairs, key=lambda pair: (np.isnan(found.tau[pair]), -found.tau[pair]))
    ]


def _exponential(sample: SampleData) -> Iterator[Row]:
    for name, test in sample.exponential.items():
        yield {
            PREDICTOR: name,
            "Form": sample.transforms[name].positive_label,
            **{"D": test.statistic, "p": test.p_value, "n": test.n},
            "Exponential distribution": f"{'' if test.rejected else 'not '}rejected at {test.level * 100:g} %",
        }


def _trees(sample: SampleData) -> Iterator[Row]:
    for name, tree in sample.trees.items():
        for rule in tree.rules:
            yield {
                **{PREDICTOR: name, "Rule": rule.text, "Level": rule.level, "Share": rule.share},
                **{"Purity": rule.purity, "Accuracy": tree.accuracy, "Baseline": tree.baseline},
            }


def _partial(sample: SampleData) -> Iterator[Row]:
    for name, found in sample.partial.items():
        for measure, plain, partial in zip(found.names, found.plain, found.partial, strict=True):
            yield {
                **{PREDICTOR: name, "Measure": measure_title(measure), "Plain rho": plain, "Partial rho": partial},
                **{"Explained by costs": found.explained, "With blocks": found.with_apart, "n": found.n},
            }


def _importance(sample: SampleData) -> Iterator[Row]:
    for name, found in sample.importance.items():
        for what, values in (("importance", found.values), ("spread", found.spread)):
            by_name = dict(zip(found.names, values, strict=True))
            yield {PREDICTOR: name, "Quantity": what, **by_name, "R²": found.r2, "n": found.n}
