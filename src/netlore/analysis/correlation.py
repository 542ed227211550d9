"""Rank correlations between predictors, and of predictors with what a network costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Column, Floats
from netlore.analysis.importance import scored_matrix
from netlore.arguments import validated
from netlore.errors import InvalidInput

NEGLIGIBLE = 1e-12
"""Share of a variance that counts as rounding: two neighbours swapped among 10,000 ranks leave 2e-11."""

FEWEST = 3
"""Networks from which on a rank correlation is given; two are always in perfect order, one way or the other."""

TESTABLE = 5
"""Networks from which on an order can differ from chance at 5 %: of four, even the perfect one has p = 2 / 4!."""


@dataclass(frozen=True, eq=False)
class Correlation:
    """Kendall's tau-b of every pair of k columns.

    Attributes:
        tau: Shape (k, k), symmetric, 1 on the diagonal; NaN where it is undefined.
        n: Networks in which both columns are finite, shape (k, k).
        dropped: Networks left out of a pair because either column is not finite, shape (k, k).
    """

    names: tuple[str, ...]
    tau: Floats
    n: NDArray[np.int64]
    dropped: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PartialCorrelation:
    """How much of a predictor's ranking the costs of a network explain, such as flops, and what is no cost, apart.

    Attributes:
        names: Of the k costs, and behind them of the m measures that are no cost.
        plain: Spearman's rho of the score with each, shape (k + m,).
        partial: Of a cost the same given all other costs, of what is no cost given all costs, shape (k + m,).
        explained: Share of the variance of the score's ranks that a linear model of the costs' ranks explains.
        n: Networks with a finite score.
        with_apart: The share that costs and all that is no cost explain together.
    """

    names: tuple[str, ...]
    plain: Floats
    partial: Floats
    explained: float
    n: int
    with_apart: float = float("nan")


@dataclass(frozen=True)
class AccuracyCorrelation:
    """Kendall's tau-b between a quantity and accuracy over trained networks.

    Attributes:
        tau: 1 if a higher value always means a lower error, -1 the reverse; None where it is undefined: fewer than
            three networks, or a side that is constant over them.
        p_value: How likely a tau at least as far from 0 is if the order is random; None for fewer than five
            networks, which are too few, and where tau is undefined.
        n: Networks that have both; the others, in which either is not finite, are `dropped`.
    """

    tau: float | None
    p_value: float | None
    n: int
    dropped: int

    @property
    def too_few(self) -> bool:
        """Whether no order of these few networks could differ from chance at 5 %."""
        return self.n < TESTABLE


@validated
def kendall_matrix(columns: Mapping[str, Column]) -> Correlation:
    """Kendall's tau-b between all pairs of columns, over the networks in which both are finite (Fig. 2).

    tau_b = (C - D) / sqrt((C + D + T) (C + D + U)): C pairs of networks are in the same order in both columns, D
    in opposite order, T are tied in the first alone and U in the second alone. Pairs tied in both count nowhere.

    NaN and infinities count as missing. tau is NaN where fewer than two networks have both, or where one column is
    constant over them.

    Source: Kendall 1945, "The treatment of ties in ranking problems".

    Raises:
        InvalidInput: The columns differ in length.
    """
    values = [np.asarray(column, dtype=np.float64) for column in columns.values()]
    size = len(values)
    tau, n, dropped = np.full((size, size), np.nan), *np.zeros((2, size, size), dtype=np.int64)
    for i, j in combinations_with_replacement(range(size), 2):
        both = np.isfinite(values[i]) & np.isfinite(values[j])
        tau[i, j] = tau[j, i] = _kendall(values[i][both], values[j][both])[0]
        n[i, j] = n[j, i] = both.sum()
        dropped[i, j] = dropped[j, i] = len(both) - both.sum()
    return Correlation(tuple(columns), tau, n, dropped)


@validated
def partial_rank_correlation(
    scores: Column, costs: Mapping[str, Column], apart: Mapping[str, Column] = MappingProxyType({})
) -> PartialCorrelation:
    """Rank correlation of scores with each cost, plain and given all others: is it more than a parameter count?

    Let s be the ranks of the scores and m_i those of cost i, ties at their average rank. Plain is Spearman's
    rho_i = corr(s, m_i). With e(y) the residual of y after least squares on 1 and all m_j, j != i, partial is
    corr(e(s), e(m_i)): what the scores still share with cost i once the other costs are accounted for. For
    two costs that is (rho_1 - rho_2 r) / sqrt((1 - rho_2^2) (1 - r^2)) with r = corr(m_1, m_2). Explained is
    R^2 of s on 1 and all m_i; near 1, the predictor ranks networks by their cost and nothing else.

    A measure that is no cost, such as depth, stands `apart`: it is never held constant where costs are judged and
    has no part in what they explain. Its own partial correlation is given all costs.

    Source: Kendall 1942, "Partial rank correlation", has the idea for tau; rho allows more than one other measure.

    Networks without a finite score are left out; all measures are finite. A correlation is NaN where either side
    has no variance: a constant measure or score, a measure or a score that the others determine.

    Raises:
        InvalidInput: Fewer networks than all measures and 3 have a finite score, or two measures have one name.
    """
    if both := sorted({*costs} & {*apart}):
        raise InvalidInput(f"{both[0]} is a cost and stands apart; give it once.")
    table, values = scored_matrix({**costs, **apart}, scores, needed=len(costs) + len(apart) + 3)
    ranks, score = _centred_ranks(table), _centred_ranks(values)
    paid = ranks[:, : len(costs)]
    plain, partial = [], []
    for i, measure in enumerate(ranks.T):
        others = np.delete(paid, i, axis=1) if i < len(costs) else paid
        plain.append(_cosine(score, measure))
        partial.append(_cosine(_residual(score, others), _residual(measure, others)))
    return PartialCorrelation(
        names=(*costs, *apart),
        plain=np.asarray(plain),
        partial=np.asarray(partial),
        explained=_explained(score, paid),
        n=len(values),
        with_apart=_explained(score, ranks),
    )


@validated
def accuracy_correlation(values: Column, errors: Column) -> AccuracyCorrelation:
    """Kendall's tau-b between values, such as scores or FLOPs, and accuracy, over the networks that have both.

    Accuracy is ordered as the validation error after training, in any unit, turned around; so tau is positive for
    a predictor that works. It depends on orders alone: no increasing transform of the values changes it. p is
    exact without ties and comes from the normal approximation with them.

    Source: Kendall 1945, "The treatment of ties in ranking problems"; p: Kendall 1970, "Rank correlation methods".

    Raises:
        InvalidInput: There is not one error for each value.

    >>> found = accuracy_correlation(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([30.0, 20.0, 25.0, 12.0, 10.0]))
    >>> round(found.tau, 3), round(found.p_value, 3), found.n
    (0.8, 0.083, 5)
    """
    kept = np.isfinite(values) & np.isfinite(errors)
    one, other = np.asarray(values, dtype=np.float64)[kept], -np.asarray(errors, dtype=np.float64)[kept]
    n, dropped = len(one), len(values) - len(one)
    tau, p_value = _kendall(one, other)
    if n < FEWEST or np.isnan(tau):
        return AccuracyCorrelation(None, None, n, dropped)
    return AccuracyCorrelation(tau, p_value if n >= TESTABLE else None, n, dropped)


def _kendall(one: Floats, other: Floats) -> tuple[float, float]:
    """tau-b and its p-value; NaN both where either column is constant, or has fewer than two values."""
    from scipy.stats import kendalltau  # slow to import

    if len(one) < 2 or one.min() == one.max() or other.min() == other.max():
        return float("nan"), float("nan")
    found = kendalltau(one, other, variant="b")
    return float(found.statistic), float(found.pvalue)


def _centred_ranks(values: Floats) -> Floats:
    """Ranks along the first axis, ties at their average, less their mean."""
    from scipy.stats import rankdata  # slow to import

    ranks = np.asarray(rankdata(values, axis=0), dtype=np.float64)
    return np.asarray(ranks - ranks.mean(axis=0), dtype=np.float64)


def _residual(target: Floats, table: Floats) -> Floats:
    """What least squares on the columns of a table leave of a target, all centred; zero if that is rounding."""
    # The least-norm solution, so columns that determine one another do no harm.
    fitted = table @ np.linalg.lstsq(table, target, rcond=None)[0]
    left = np.asarray(target - fitted, dtype=np.float64)
    return left if left @ left > NEGLIGIBLE * (target @ target) else np.zeros_like(left)


def _explained(target: Floats, table: Floats) -> float:
    """R^2 of a target on the columns of a table, all centred; NaN of a constant target."""
    left = _residual(target, table)
    return 1 - float(left @ left) / float(target @ target) if target.any() else float("nan")


def _cosine(one: Floats, other: Floats) -> float:
    """The correlation of two centred columns; NaN if either is zero."""
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.clip(one @ other / size, -1, 1)) if size > 0 else float("nan")
