"""How far replicated refinements end at equally good architectures, against the noise of initialisation.

`repeatability` compares them by the scores that they selected by, `rescoring` by new scores of their elites.

Scores are those of one refinement on the predictor's scale, in the order of scoring, shape (n,), and architectures
the n ids of what was scored. What is not finite is no score, but its network counts in `reached`: how many
networks a replicate scored until one had an architecture whose mean is at most one noise unit below the best known
one, or above it; None if none had. With s_aj the n_a scores of architecture a and m_a their mean,

    noise = sqrt(sum_a sum_j (s_aj - m_a)^2 / sum_a (n_a - 1))

or None if no architecture has two scores; then `reached` asks for a distance of 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.analysis.elite_scores import elite, elite_score, mean_scores, means_of, numbered, pooled_noise
from netlore.arguments import validated
from netlore.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Repeatability:
    """What replicated refinements reached, in the unit of the scores and in units of noise.

    Attributes:
        noise: Over the scores of all replicates together.
        elite_scores: Per replicate, the mean over its twelve best architectures of their mean scores; best by the
            mean of that replicate's own scores.
        spread: The highest elite score less the lowest, in units of noise; None without noise, or if it is 0.
        best_known: The highest mean score of an architecture over all replicates' scores, among the architectures
            with two scores or more; among all, if none has two.
        reached: Per replicate, by means over all replicates' scores.
        best: Per replicate, the id of its best architecture by the mean of its own scores.
    """

    noise: float | None
    elite_scores: tuple[float, ...]
    spread: float | None
    best_known: float
    reached: tuple[int | None, ...]
    best: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Rescoring:
    """What replicated refinements reached, by fresh scores of their elites.

    Attributes:
        noise: Over the scores of all replicates and the fresh ones, which have means of their own.
        means: Each architecture's mean over its fresh scores, and how many it has; those without are missing.
        elite_scores: Per replicate, the mean over its elites of these means; None if an elite has none.
        best: The id of the elite of any replicate with the highest of these means.
        best_known: That mean.
        reached: Per replicate, by fresh means.
    """

    noise: float | None
    means: dict[str, tuple[float, int]]
    elite_scores: tuple[float | None, ...]
    best: str
    best_known: float
    reached: tuple[int | None, ...]


@validated
def repeatability(scores: Sequence[Floats], architectures: Sequence[Sequence[str]]) -> Repeatability:
    """Compare what two or more refinements of one predictor reached.

    Architectures are compared by means, never by single scores: a score depends on the initialisation, and the
    best of many initialisations of one architecture would win over a better architecture that was scored once.

    Raises:
        InvalidInput: Fewer than two replicates, one without any score, or not as many ids as scores.

    The two scores of a have the mean 2 and the squared deviations 1 + 1, those of c are 9 and 9: with three
    architectures and five scores the noise is sqrt(2 / 2). The elite scores are (2 + 5) / 2 and 9:

    >>> one = repeatability([np.array([1.0, 3.0, 5.0]), np.array([9.0, 9.0])], [["a", "a", "b"], ["c", "c"]])
    >>> one.noise, one.elite_scores, one.spread, one.best_known, one.reached, one.best
    (1.0, (3.5, 9.0), 5.5, 9.0, (None, 1), ('b', 'c'))
    """
    _check_replicates(scores, architectures)
    numbers: dict[Hashable, int] = {}
    codes = [numbered(names, numbers) for names in architectures]
    means, draws = means_of(np.concatenate(scores), np.concatenate(codes), len(numbers))
    noise = pooled_noise(np.concatenate(scores), list(itertools.chain(*architectures)))
    own = [means_of(one, code, len(numbers))[0] for one, code in zip(scores, codes, strict=True)]
    ends = tuple(elite_score(one) for one in own)
    best_known = float(np.nanmax(means[draws > 1] if noise is not None else means))
    near = means >= best_known - (noise or 0.0)
    return Repeatability(
        noise=noise,
        elite_scores=ends,
        spread=(max(ends) - min(ends)) / noise if noise else None,
        best_known=best_known,
        reached=tuple(_first_hit(near[code] & np.isfinite(one)) for one, code in zip(scores, codes, strict=True)),
        best=tuple(elite(one, names, elites=1)[0] for one, names in zip(scores, architectures, strict=True)),
    )


@validated
def rescoring(
    scores: Sequence[Floats],
    architectures: Sequence[Sequence[str]],
    elites: Sequence[Sequence[str]],
    fresh: Floats,
    rescored: Sequence[str],
    batches: Sequence[Hashable] | None = None,
) -> Rescoring | None:
    """Judge the elites of two or more refinements of one predictor by fresh scores.

    The best of many means of few scores are also the luckiest, so a refinement's own elite score is too high: by
    more, the more architectures and the fewer scores of each it has. Fresh scores were not selected by. For the
    same reason an elite's own and fresh scores have each their own mean in the noise.

    Args:
        scores: Per replicate.
        architectures: Per replicate.
        elites: Per replicate, the ids of the architectures that it holds for the best.
        fresh: Scores under other initialisations, shape (m,).
        rescored: The id of the architecture of each of these, m of them.
        batches: On which images each was scored, m of them, so that noise is that of initialisation alone; None:
            all on the same.

    Returns:
        What they reached; None if no elite has a finite fresh score.

    Raises:
        InvalidInput: As `repeatability`.

    The first refinement scored 9 for a, whose new scores have the mean 4; b has 5, c 8:

    >>> one = rescoring([np.array([9.0, 6.0]), np.array([7.0])], [["a", "b"], ["c"]], [["a", "b"], ["c"]],
    ...                 np.array([3.0, 5.0, 5.0, 5.0, 7.0, 9.0]), ["a", "a", "b", "b", "c", "c"])
    >>> one.elite_scores, one.best, one.best_known, one.reached
    ((4.5, 8.0), 'c', 8.0, (None, 1))
    """
    _check_replicates(scores, architectures)
    seen = [0] * len(fresh) if batches is None else batches
    if not len(fresh) == len(rescored) == len(seen):
        raise InvalidInput(
            f"{len(fresh)} fresh scores are of {len(rescored)} architectures on {len(seen)} batches; give one "
            "of each for each."
        )
    means = mean_scores(fresh, rescored)
    known = {name for names in elites for name in names} & set(means)
    if not known:
        return None
    best = min(known, key=lambda name: (-means[name][0], name))
    owners: list[Hashable] = [*itertools.chain(*architectures), *zip(rescored, seen, strict=True)]
    noise = pooled_noise(np.concatenate([*scores, fresh]), owners)
    near = {name for name, (mean, _) in means.items() if mean >= means[best][0] - (noise or 0.0)}
    return Rescoring(
        noise=noise,
        means=means,
        elite_scores=tuple(
            float(np.mean([means[name][0] for name in names])) if means.keys() >= set(names) else None
            for names in elites
        ),
        best=best,
        best_known=means[best][0],
        reached=tuple(
            _first_hit(np.asarray([name in near for name in names]) & np.isfinite(one))
            for one, names in zip(scores, architectures, strict=True)
        ),
    )


def _check_replicates(scores: Sequence[Floats], architectures: Sequence[Sequence[str]]) -> None:
    if len(scores) < 2 or len(scores) != len(architectures):
        raise InvalidInput(
            f"A comparison needs scores and architectures of two or more refinements, and has {len(scores)} and "
            f"{len(architectures)}; give more."
        )
    for number, (values, names) in enumerate(zip(scores, architectures, strict=True), 1):
        if len(values) != len(names):
            raise InvalidInput(
                f"refinement {number} has {len(values)} scores and {len(names)} architectures; give one for each."
            )
        if not np.isfinite(values).any():
            raise InvalidInput(f"refinement {number} has 0 finite scores; leave it out.")


def _first_hit(hits: NDArray[np.bool_]) -> int | None:
    """How many entries there are up to the first hit; None without one."""
    return int(np.argmax(hits)) + 1 if hits.any() else None
