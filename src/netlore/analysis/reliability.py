"""How far repeated scores of the same networks agree: intraclass correlations, and the noise ceiling.

Scores are of n networks under k conditions, shape (n, k), finite. Every function takes `counts` of resamples of
the networks (see `resampled_counts`) and returns samples, shape (1 + r,): first the statistic of the networks as
they are, then that of each resample; NaN where it is undefined. Ranks are those among all networks in every
resample: of networks that are drawn twice, a rank in the resample would push the scores of one network apart.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.rank_agreement import Drawn
from netlore.analysis.resampling import Counts
from netlore.arguments import Shape, validated
from netlore.errors import InvalidInput

Scores = Annotated[Floats, Shape("n", "conditions")]

_TINY = 1e-12  # share of a sum of squares that is rounding


@validated
def repeated_samples(scores: Scores, counts: Drawn) -> Floats:
    """ICC(1,1) of ranks: of conditions that are drawn for each network alone, such as its initial weights.

    All n k scores are ranked together. With s_a the variance of ranks between networks and s_w that within (see
    `variance_components`)

        ICC(1,1) = s_a / (s_a + s_w) = (MSB - MSW) / (MSB + (k - 1) MSW),

    a negative one counting as 0.

    Source: Shrout and Fleiss 1979, "Intraclass correlations: uses in assessing rater reliability".
    """
    from scipy.stats import rankdata  # slow to import

    ranks = np.asarray(rankdata(scores), dtype=np.float64).reshape(_shape(scores))
    between, within = variance_components(ranks, _weights(counts))
    return _share(between, between + within)


@validated
def shared_samples(scores: Scores, counts: Drawn) -> Floats:
    """ICC(C,1) of ranks: of conditions that all networks share, such as the batch.

    Networks are ranked within each condition, as a run ranks them, so that no condition is higher than another.
    With MSR the mean square of networks and MSE that of the rest in a two-way table of ranks

        ICC(C,1) = (MSR - MSE) / (MSR + (k - 1) MSE),

    a negative one counting as 0. It is the mean Spearman correlation of two conditions, where no ranks are tied.

    Source: Shrout and Fleiss 1979, there ICC(3,1); the name is McGraw's and Wong's, 1996.
    """
    from scipy.stats import rankdata  # slow to import

    _, k = _shape(scores)
    rows, _, rest = _mean_squares(rankdata(scores, axis=0), _weights(counts))
    return _share(rows - rest, rows + (k - 1) * rest)


@validated
def agreement_samples(scores: Scores, counts: Drawn) -> Floats:
    """ICC(A,1) of the scores themselves: whether numbers of one condition may be compared with those of another.

    As `shared_samples`, but of values in place of ranks, and conditions that shift all networks count as
    disagreement. With MSC the mean square of conditions

        ICC(A,1) = (MSR - MSE) / (MSR + (k - 1) MSE + k (MSC - MSE) / n).

    Source: Shrout and Fleiss 1979, there ICC(2,1); the name is McGraw's and Wong's, 1996.
    """
    n, k = _shape(scores)
    # In units of their spread, which the statistic does not depend on: squares of large scores would overflow.
    size = float(np.abs(scores - scores.mean()).max(initial=0.0)) or 1.0
    rows, columns, rest = _mean_squares((scores - scores.mean()) / size, _weights(counts))
    return _share(rows - rest, rows + (k - 1) * rest + k * (columns - rest) / n)


def joined(*reliabilities: Floats) -> Floats:
    """The reliability of a score under several sources of noise at once, from its reliability under each alone.

    A source of reliability q adds (1 - q) / q times the variance between networks; if sources act independently

        q = 1 / (1 + sum over sources of (1 - q_s) / q_s).

    What two sources do only together is counted by both, so that the truth lies higher, if anywhere. Two sources
    of reliability 1/2 leave 1/3; without any, nothing is noise.

    >>> joined(np.array([0.5, 1.0]), np.array([0.5, 0.8])).round(3).tolist()
    [0.333, 0.8]
    """
    with np.errstate(divide="ignore"):
        added = sum(((1 - one) / one for one in reliabilities), np.zeros(1))
    return np.asarray(1 / (1 + added), dtype=np.float64)


def ceiling(reliability: Floats) -> Floats:
    """The highest rank correlation (Spearman) of one score with anything that depends on the network alone.

    A score is T + E, T its mean over the noise and E the rest, which has nothing to do with a property G of the
    network. So cov(T + E, G) = cov(T, G), while the variance grows from var T to var T / q, q the reliability:

        |corr(T + E, G)| = |corr(T, G)| sqrt(q) <= sqrt(q).

    Source: Spearman 1904, "The proof and measurement of association between two things" (attenuation).
    """
    return np.asarray(np.sqrt(np.clip(reliability, 0, 1)), dtype=np.float64)


def variance_components(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Split a variance into that between groups and that within (one-way random effects), with unequal groups.

    Group a has k_a values v_ad of N in all, A groups:

        MSB = sum_a k_a (v_a. - v..)^2 / (A - 1),        MSW = sum_ad (v_ad - v_a.)^2 / (N - A)
        s_w = MSW,        s_a = max(0, (MSB - MSW) / k),        k = (N - sum_a k_a^2 / N) / (A - 1)

    Source: Searle, Casella and McCulloch 1992, "Variance components".

    Args:
        values: Shape (A, k), NaN where there is no value.
        weights: How often each group counts in each of r resamples, shape (r, A).

    Returns:
        s_a and s_w, shape (r,).
    """
    kept = np.isfinite(values).any(axis=1)
    values, weights = values[kept], weights[:, kept]
    draws = np.isfinite(values).sum(axis=1)
    means = np.nansum(values, axis=1) / draws
    inner = np.nansum((values - means[:, np.newaxis]) ** 2, axis=1)
    total, groups = weights @ draws, weights.sum(axis=1)
    grand = weights @ (draws * means) / total
    within = _ratio(weights @ inner, total - groups)
    between = _ratio((weights * (means - grand[:, np.newaxis]) ** 2) @ draws, groups - 1)
    size = _ratio(total - weights @ draws**2 / total, groups - 1)
    return np.maximum(0, _ratio(between - within, size)), within


def _mean_squares(values: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """MSR, MSC and MSE of a table of shape (n, k), whose rows count as their weights, shape (r, n), say."""
    n, k = weights.sum(axis=1), values.shape[1]
    rows = values.mean(axis=1)
    columns = weights @ values / n[:, np.newaxis]
    grand = columns.mean(axis=1, keepdims=True)
    of_rows = k * (weights * (rows - grand) ** 2).sum(axis=1)
    of_columns = n * ((columns - grand) ** 2).sum(axis=1)
    # What is left of a row, r_ij - r_i., about its mean in the resample, c_j - c.
    left = values - rows[:, np.newaxis]
    rest = weights @ (left**2).sum(axis=1) - of_columns
    rest = np.where(rest > _TINY * (of_rows + of_columns), rest, 0)
    return _ratio(of_rows, n - 1), of_columns / (k - 1), _ratio(rest, (n - 1) * (k - 1))


def _weights(counts: Counts) -> Floats:
    """The networks as they are, and each resample."""
    return np.concatenate([np.ones((1, counts.shape[1])), counts.astype(np.float64)])


def _share(part: Floats, whole: Floats) -> Floats:
    """A part of a variance, within [0, 1]; NaN of nothing, and of what is rounding."""
    return np.asarray(np.clip(_ratio(part, whole), 0, 1), dtype=np.float64)


def _ratio(one: Floats, other: Floats) -> Floats:
    found: Floats = np.divide(one, other, out=np.full(np.broadcast(one, other).shape, np.nan), where=other > 0)
    return found


def _shape(scores: Floats) -> tuple[int, int]:
    n, k = scores.shape
    if k < 2:
        raise InvalidInput(f"scores are of {k} condition; give those of two or more.")
    return n, k
