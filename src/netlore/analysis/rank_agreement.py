"""How well scores rank networks by accuracy, with bootstrap intervals: over all, within strata, and given costs.

All columns are finite, of n networks, shape (n,), higher is better. Every function takes `counts` of resamples
(see `resampled_counts`) and returns samples, shape (1 + r,): first the statistic of the networks as they are, then
that of each resample; NaN where it is undefined. With the same counts two predictors are compared network by
network, and differences of their samples have the interval of the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Column, Floats
from netlore.analysis.resampling import Counts
from netlore.arguments import Shape, validated
from netlore.errors import InvalidInput

_ROWS = 1_024  # networks whose pairs with all others are looked at together
_CELLS = 2**22  # of ranks of resamples that are held at a time
_TINY = 1e-9  # share of a rank's variance that is rounding

Codes = NDArray[np.intp]
Drawn = Annotated[Counts, Shape("resamples", "n")]


@validated
def kendall_samples(
    scores: Column, accuracies: Column, counts: Drawn, strata: Annotated[Codes, Shape("n")] | None = None
) -> Floats:
    """Kendall's tau-b of scores and accuracies over pairs of networks of one stratum; without strata, over all.

        tau = sum_s (C_s - D_s) / sqrt(sum_s (P_s - X_s) sum_s (P_s - Y_s))

    In stratum s, P_s pairs of networks are in the same order by both columns (C_s), in opposite order (D_s), tied
    by scores (X_s) or by accuracies (Y_s). With one stratum it is Kendall's tau-b (1945); with several, each
    counts by its untied pairs. A network that is drawn twice is tied with itself in both columns, and such a pair
    counts nowhere. NaN if no pair within a stratum is untied in both columns.

    Takes O(n^2 r) operations for the largest stratum of n networks, as products of matrices.
    """
    x, y = _dense(scores), _dense(accuracies)
    weights = np.concatenate([np.ones((1, len(x)), dtype=np.float32), counts])
    codes = np.zeros(len(x), dtype=np.intp) if strata is None else _dense(strata)
    totals = np.zeros((3, len(weights)))
    for code in range(int(codes.max(initial=-1)) + 1):
        members = np.flatnonzero(codes == code)
        drawn = np.ascontiguousarray(weights[:, members])
        totals += _excess(x[members], y[members], drawn), _untied(x[members], drawn), _untied(y[members], drawn)
    excess, by_score, by_accuracy = totals
    size = np.sqrt(by_score * by_accuracy)
    tau: Floats = np.divide(excess, size, out=np.full(len(size), np.nan), where=size > 0)
    return tau


def _excess(x: Codes, y: Codes, weights: Counts) -> Floats:
    """C - D of each row of weights, over ordered pairs."""
    found = np.zeros(len(weights))
    # Whole numbers below 2^24 and their sums are exact in float32, and clipping is faster there than a sign.
    columns = [codes.astype(np.float32) for codes in (x, y)]
    for start in range(0, len(x), _ROWS):
        rows = slice(start, start + _ROWS)
        one, other = (np.clip(codes[rows, np.newaxis] - codes[start:], -1, 1) for codes in columns)
        signs = one * other
        sums = weights[:, start:] @ signs.T
        inside = weights[:, rows] @ signs[:, : len(signs)].T
        found += np.einsum("rn,rn->r", weights[:, rows], 2 * sums - inside, dtype=np.float64)
    return found


def _untied(codes: Codes, weights: Counts) -> Floats:
    """Ordered pairs that are not tied, of each row of weights."""
    together = _sums(codes, weights)
    return np.asarray(together.sum(axis=1) ** 2 - (together**2).sum(axis=1), dtype=np.float64)


def _sums(codes: Codes, weights: Counts) -> Floats:
    """Weights of the members of each code 0, 1, ..., shape (r, codes)."""
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.add.reduceat(weights[:, order].astype(np.float64), starts, axis=1)


@validated
def spearman_samples(scores: Column, accuracies: Column, counts: Drawn) -> Floats:
    """Spearman's rho: the correlation of ranks, ties at their average rank, ranked again in each resample.

    NaN if either column is constant. Source: Spearman 1904.
    """
    return partial_samples(scores, accuracies, (), counts)


@validated
def partial_samples(scores: Column, accuracies: Column, given: Sequence[Column], counts: Drawn) -> Floats:
    """Spearman's rho of scores and accuracies, given other columns such as parameters and depth.

    With e(v) what least squares on the ranks of the given columns (and 1) leaves of the ranks of v, it is
    corr(e(scores), e(accuracies)), from the blocks of the matrix R of rank correlations, a: scores and accuracies,
    g: given:

        S = R_aa - R_ag R_gg^+ R_ga,        rho = S_12 / sqrt(S_11 S_22)

    NaN where the given columns determine the ranks of either. Columns that are constant, or that determine one
    another, do no harm (^+ is the pseudo-inverse). Equal to the first value of
    `correlation.partial_rank_correlation` of accuracies with the scores and the given columns.
    """
    columns = [_dense(one) for one in (scores, accuracies, *given)]
    found = []
    for matrix in _rank_covariances(columns, counts):
        own, cross, others = matrix[:, :2, :2], matrix[:, :2, 2:], matrix[:, 2:, 2:]
        variances = np.diagonal(own, axis1=1, axis2=2)
        if given:
            own = own - cross @ np.linalg.pinv(others, rcond=_TINY, hermitian=True) @ cross.transpose(0, 2, 1)
        left = np.diagonal(own, axis1=1, axis2=2)
        size = np.sqrt(np.clip(left, 0, None).prod(axis=1))
        known = (left > _TINY * variances).all(axis=1) & (variances > 0).all(axis=1)
        samples = np.divide(own[:, 0, 1], size, out=np.full(len(own), np.nan), where=known)
        found.append(np.clip(samples, -1, 1))
    return np.concatenate(found)


def _rank_covariances(columns: Sequence[Codes], counts: Counts) -> Iterator[Floats]:
    """Covariances of ranks in units of the largest variance of ranks, shape (resamples, k, k), a part of the
    resamples at a time; the networks as they are come first."""
    n, k = len(columns[0]), len(columns)
    step = max(1, _CELLS // (n * k))
    yield _rank_covariance(columns, np.ones((1, n), dtype=np.float32))
    for start in range(0, len(counts), step):
        yield _rank_covariance(columns, counts[start : start + step])


def _rank_covariance(columns: Sequence[Codes], weights: Counts) -> Floats:
    n = weights.shape[1]
    ranks = np.empty((len(weights), len(columns), n))
    for place, codes in enumerate(columns):
        together = _sums(codes, weights)
        # Less the mean rank: what comes before, and half of what is tied.
        middle = np.cumsum(together, axis=1) - together / 2 - together.sum(axis=1, keepdims=True) / 2
        ranks[:, place] = middle[:, codes]
    weighted = ranks * weights[:, np.newaxis]
    return np.asarray(weighted @ ranks.transpose(0, 2, 1) * (12 / max(1, n**3 - n)), dtype=np.float64)


@validated
def bands_of(costs: Column, bands: int = 10) -> Codes:
    """Cut networks into bands of about equally many by their cost, so that networks of equal cost share a band.

    A network's band is the number of those quantiles i / bands, 0 < i < bands, that lie below its cost; fewer
    bands than asked for have members where many networks cost the same.

    >>> bands_of(np.array([1.0, 1.0, 2.0, 3.0, 9.0, 9.0]), 3).tolist()
    [0, 0, 1, 1, 2, 2]
    """
    if bands < 1:
        raise InvalidInput(f"bands = {bands} is not positive; choose 1 or more.")
    edges = np.quantile(costs, np.arange(1, bands) / bands, method="inverted_cdf")
    return _dense(np.searchsorted(np.unique(edges), costs, side="left"))


def _dense(values: NDArray[np.generic]) -> Codes:
    """Ranks 0, 1, ... of the different values, ascending."""
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.intp).reshape(len(values))
