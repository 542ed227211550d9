"""Optuna's tree-structured Parzen estimator on stored scores; Optuna is an extra, imported only here."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from netlore.analysis.elite_scores import Codes
from netlore.errors import InvalidInput
from netlore.refinement.searches.known_space import KnownSpace
from netlore.space.distribution import is_category

LABEL = "Optuna's TPE"
TRIALS = 500
"""At most: its time grows with their square, 5 s for 500 and 20 s for 1,000 of six categories."""


def check_installed() -> None:
    """Refuse to go on without Optuna."""
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise InvalidInput(
            f"{LABEL} needs the package optuna, which is not installed; install netlore[optuna], or leave it out "
            "by --no-tpe."
        ) from None


def tpe(known: KnownSpace, seed: int, limit: int) -> Codes:
    """The numbers of the networks that Optuna's TPE with its usual settings asks for, one after the other.

    Hyperparameters are independent: names of categories, and places on the grid of numbers. What is no network of
    the space costs nothing and counts as a failed trial, as does a network without a score. At most `TRIALS`
    networks. It ends once it has looked at all.

    Source: Bergstra et al. 2011; Akiba et al. 2019.
    """
    import optuna

    grids = known.space.grids
    study = _quiet_study(seed)
    asked: dict[str, Any] = {
        name: optuna.distributions.CategoricalDistribution(grid)
        if is_category(grid)
        else optuna.distributions.IntDistribution(0, len(grid) - 1)
        for name, grid in grids.items()
    }
    numbers = {one.items: number for one, number in known.numbers.items()}
    looked_at: list[int] = []
    seen: set[int] = set()
    for _ in range(4 * TRIALS):  # of a space with constraints many trials are no network
        if len(looked_at) >= min(limit, TRIALS) or len(seen) == len(known):
            break
        trial = study.ask(asked)
        number = numbers.get(tuple((name, _value(grid, trial.params[name])) for name, grid in grids.items()))
        score = math.nan if number is None else float(known.scores[number])
        if number is not None:
            looked_at.append(number)
            seen.add(number)
        if math.isfinite(score):
            study.tell(trial, score)
        else:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return np.asarray(looked_at, dtype=np.intp)


def _value(grid: tuple[Any, ...], found: Any) -> Any:
    """A name, or the number at a place."""
    return found if is_category(grid) else grid[found]


def _quiet_study(seed: int) -> Any:
    """A study that says nothing of its trials."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    finally:
        optuna.logging.set_verbosity(before)
