"""How far replicated refinements end at equally good architectures, against the noise of initialisation.

`repeatability` compares them by the scores that they selected by, `rescoring` by new scores of their elites.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netlore.analysis import Floats
from netlore.analysis.elite_scores import (
    ELITE,
    check_elites,
    elite,
    elite_score,
    mean_scores,
    means_of,
    numbered,
    pooled_noise,
)
from netlore.errors import InvalidInput

_POINTS = 200  # at which a course is evaluated: more than a line in print can show


@dataclass(frozen=True, eq=False)
class Repeatability:
    """What replicated refinements reached, in the unit of the scores and in units of noise.

    Attributes:
        noise: Pooled standard deviation of the scores of one architecture over its initialisations, those of all
            replicates together; None if no architecture has two scores.
        elite_scores: Per replicate, the mean over its twelve best architectures of their mean scores; best by the
            mean of that replicate's own scores.
        spread: The highest elite score less the lowest, in units of noise; None without noise, or if it is 0.
        best_known: The highest mean score of an architecture over all replicates' scores, among the architectures
            with two scores or more; among all, if none has two.
        reached: Per replicate, how many networks were scored until one had an architecture whose mean over all
            replicates' scores is at most one noise unit below `best_known`, or above it; None: never. Where the
            noise is None, a distance of 0 is asked for.
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


def repeatability(scores: Sequence[Floats], architectures: Sequence[Sequence[str]]) -> Repeatability:
    """Compare what two or more refinements of one predictor reached.

    With s_aj the n_a scores of architecture a, from all replicates, and m_a their mean:

        noise  = sqrt(sum_a sum_j (s_aj - m_a)^2 / sum_a (n_a - 1))
        spread = (highest elite score - lowest elite score) / noise

    Architectures are compared by means, never by single scores: a score depends on the initialisation, and the
    best of many initialisations of one architecture would win over a better architecture that was scored once.

    Args:
        scores: Per replicate, on the predictor's scale, in the order of scoring, shape (n,); what is not finite is
            no score, but its network counts in `reached`.
        architectures: Per replicate, the id of each network's architecture, n of them.

    Raises:
        InvalidInput: Fewer than two replicates, one without any score, or not as many ids as scores.

    The two scores of a have the mean 2 and the squared deviations 1 + 1, those of c are 9 and 9: with three
    architectures and five scores the noise is sqrt(2 / 2). The elite scores are (2 + 5) / 2 and 9:

    >>> one = repeatability([np.array([1.0, 3.0, 5.0]), np.array([9.0, 9.0])], [["a", "a", "b"], ["c", "c"]])
    >>> one.noise, one.elite_scores, one.spread, one.best_known, one.reached, one.best
    (1.0, (3.5, 9.0), 5.5, 9.0, (None, 1), ('b', 'c'))
    """
    check_replicates(scores, architectures)
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
        reached=tuple(first_hit(near[code] & np.isfinite(one)) for one, code in zip(scores, codes, strict=True)),
        best=tuple(elite(one, names, elites=1)[0] for one, names in zip(scores, architectures, strict=True)),
    )


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

    where a runs over the architectures that the refinements scored, and once more over those that were rescored.

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

    The first refinement scored 9 for a, whose new scores have the mean 4; b has 5, c 8:

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


def elite_course(scores: Floats, architectures: Sequence[str], *, elites: int = ELITE) -> Floats:
    """Follow the elite score of one refinement: the mean of its twelve best architectures so far, or of fewer.

    Best are those with the highest mean of the scores so far, so the course falls where one of them is scored
    again and lower, and its end is the refinement's elite score.

    Args:
        scores: On the predictor's scale, in the order of scoring, shape (n,), n >= 1; what is not finite is no
            score.
        architectures: The id of each network's architecture, n of them.
        elites: How many architectures are the best; of 1, this is the course of the best architecture's mean.

    Returns:
        A row (networks scored, elite score so far) for each of up to 200 evenly spaced numbers of networks, the
        first 1 and the last n; NaN before the first score. Shape (p, 2).

    Raises:
        InvalidInput: No network, not as many ids as scores, or no elite.

    >>> elite_course(np.array([4.0, 2.0, 0.0]), ["a", "b", "a"]).tolist()
    [[1.0, 4.0], [2.0, 3.0], [3.0, 2.0]]
    """
    check_elites(scores, architectures, elites)
    numbers: dict[Hashable, int] = {}
    codes = numbered(architectures, numbers)
    ends = np.unique(np.linspace(1, len(scores), min(_POINTS, len(scores))).round().astype(np.intp))
    course = [elite_score(means_of(scores[:end], codes[:end], len(numbers))[0], elites) for end in ends]
    return np.column_stack((ends.astype(np.float64), course))


def check_replicates(scores: Sequence[Floats], architectures: Sequence[Sequence[str]]) -> None:
    """Refuse what does not compare: fewer than two replicates, one without a score, or ids that do not fit."""
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


def first_hit(hits: NDArray[np.bool_]) -> int | None:
    """Count the entries up to the first hit; None without one."""
    return int(np.argmax(hits)) + 1 if hits.any() else None


def _elite_score(names: Sequence[str], means: dict[str, tuple[float, int]]) -> float | None:
    """The mean of the elites' fresh means, if every elite has one."""
    if any(name not in means for name in names):
        return None
    return float(np.mean([means[name][0] for name in names]))
