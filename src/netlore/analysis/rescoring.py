"""How good the elites of replicated refinements are under initialisations that none of them has seen."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netlore.analysis.elite_scores import Floats, mean_scores, pooled_noise
from netlore.analysis.replicate_comparison import check_replicates, first_hit
from netlore.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Rescoring:
    """What replicated refinements reached, by fresh scores of their elites.

    Attributes:
        noise: Pooled standard deviation of the scores of one architecture over its initialisations; None if no
            architecture has two.
        means: Each architecture's mean over its fresh scores, and how many it has; those without are missing.
        elite_scores: Per replicate, the mean over its elites of these means; None if an elite has none.
        best: The id of the elite of any replicate with the highest of these means.
        best_known: That mean.
        reached: Per replicate, how many networks were scored until one had an architecture whose fresh mean is at
            most one noise unit below `best_known`, or above it; None: never. Where the noise is None, a distance
            of 0 is asked for.
    """

    noise: float | None
    means: dict[str, tuple[float, int]]
    elite_scores: tuple[float | None, ...]
    best: str
    best_known: float
    reached: tuple[int | None, ...]


def rescoring(
    scores: Sequence[Floats],
    architectures: Sequence[Sequence[str]],
    elites: Sequence[Sequence[str]],
    fresh: Floats,
    rescored: Sequence[str],
) -> Rescoring | None:
    """Judge the elites of two or more refinements of one predictor by fresh scores.

    The best of many means of few scores are also the luckiest, so a refinement's own elite score is too high: by
    more, the more architectures and the fewer scores of each it has. Fresh scores were not selected by. For the
    same reason an elite's own and fresh scores have each their own mean in the noise,

        noise = sqrt(sum_a sum_j (s_aj - m_a)^2 / sum_a (n_a - 1))

    where a runs over the architectures that the refinements scored, and once more over those scored anew.

    Args:
        scores: Per replicate, on the predictor's scale, in the order of scoring, shape (n,); what is not finite is
            no score, but its network counts in `reached`.
        architectures: Per replicate, the id of each network's architecture, n of them.
        elites: Per replicate, the ids of the architectures that it holds for the best.
        fresh: Scores under other initialisations, shape (m,).
        rescored: The id of the architecture of each of these, m of them.

    Returns:
        What they reached; None if no elite has a finite fresh score.

    Raises:
        InvalidInput: Fewer than two replicates, one without any score, or not as many ids as scores.

    The first refinement was lucky with a, which is worth 4 and not 9; b is worth 5, c 8:

    >>> one = rescoring([np.array([9.0, 6.0]), np.array([7.0])], [["a", "b"], ["c"]], [["a", "b"], ["c"]],
    ...                 np.array([3.0, 5.0, 5.0, 5.0, 7.0, 9.0]), ["a", "a", "b", "b", "c", "c"])
    >>> one.elite_scores, one.best, one.best_known, one.reached
    ((4.5, 8.0), 'c', 8.0, (None, 1))
    """
    check_replicates(scores, architectures)
    if len(fresh) != len(rescored):
        raise InvalidInput(f"{len(fresh)} fresh scores are of {len(rescored)} architectures; give one for each.")
    means = mean_scores(fresh, rescored)
    known = {name for names in elites for name in names} & set(means)
    if not known:
        return None
    best = min(known, key=lambda name: (-means[name][0], name))
    owners = [*((name, False) for name in itertools.chain(*architectures)), *((name, True) for name in rescored)]
    noise = pooled_noise(np.concatenate([*scores, fresh]), owners)
    enough = means[best][0] - (noise or 0.0)
    near = {name for name, (mean, _) in means.items() if mean >= enough}
    return Rescoring(
        noise=noise,
        means=means,
        elite_scores=tuple(_elite_score(names, means) for names in elites),
        best=best,
        best_known=means[best][0],
        reached=tuple(
            first_hit(np.asarray([name in near for name in names]) & np.isfinite(one))
            for one, names in zip(scores, architectures, strict=True)
        ),
    )


def _elite_score(names: Sequence[str], means: dict[str, tuple[float, int]]) -> float | None:
    """The mean of the elites' fresh means, if every elite has one."""
    if any(name not in means for name in names):
        return None
    return float(np.mean([means[name][0] for name in names]))
