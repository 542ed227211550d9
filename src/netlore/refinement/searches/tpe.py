"""Optuna's samplers on landscapes: its tree-structured Parzen estimator, and its Gaussian process. Optuna is an
extra, imported only here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from netlore.errors import InvalidInput
from netlore.refinement import optuna_study
from netlore.refinement.searches.ledger import Ledger, SpentError
from netlore.space.complexity import MEASURES
from netlore.space.design_space import DesignSpace

LABEL, GP_LABEL = "Optuna's TPE", "Optuna's Gaussian process"
TRIALS, GP_TRIALS = 500, 100
"""Networks, at most: the time of both grows faster than their number, TPE's to 5 s for 500 and 20 s for 1,000 of
six categories; that of a Gaussian process with constraints to seconds a trial."""
_TRIALS_EACH = 3
"""Trials for each of them, at most: what is no network of the space is a trial, too, as is one that comes back."""
_CONSTRAINTS = "netlore:violations"

Sampler = Callable[[int, Callable[[Any], Sequence[float]] | None], Any]


def check_installed() -> None:
    """Refuse to go on without Optuna."""
    optuna_study.check_installed(LABEL, "leave it out by --no-tpe")


def is_installed() -> bool:
    """Whether Optuna is."""
    try:
        check_installed()
    except InvalidInput:
        return False
    return True


def tpe(ledger: Ledger) -> None:
    """Ask for what Optuna's TPE with its usual settings wants, one network after the other, at most `TRIALS`.

    See `_ask`. Source: Bergstra et al. 2011; Akiba et al. 2019.
    """
    import optuna

    _ask(ledger, lambda seed, limits: optuna.samplers.TPESampler(seed=seed, constraints_func=limits), TRIALS)


def gaussian_process(ledger: Ledger) -> None:
    """The same by its Gaussian process with expected improvement, at most `GP_TRIALS` networks."""
    import optuna

    def sampler(seed: int, limits: Callable[[Any], Sequence[float]] | None) -> Any:
        noiseless = not ledger.landscape.noise
        return optuna.samplers.GPSampler(seed=seed, deterministic_objective=noiseless, constraints_func=limits)

    _ask(ledger, sampler, GP_TRIALS)


def violations(space: DesignSpace, values: Mapping[str, Any]) -> tuple[float, float]:
    """How far an assignment of hyperparameters is from a network of the space; no number above 0: it is one.

    The first is 1 for a combination that is in no grid, such as a group width that does not divide the width. The
    second is |ln| of the factor by which the complexity of a network misses its limit, of several the largest;
    below 0 inside; 1 where there is no network.
    """
    columns = {name: np.asarray([value]) for name, value in values.items()}
    for one in space.distributions:
        if tuple(values[name] for name in one.names) not in one.members:
            return 1.0, 1.0
    limits, found = space.budget.limits(), -1.0
    if limits:
        measures = space.complexities(columns).as_dict()
        for name, (low, high) in limits.items():
            least = 1 / MEASURES.get(name).steps
            size = max(float(np.ravel(measures[name])[0]), least)
            found = max(found, math.log(size / max(high, least)), math.log(max(low, least) / size))
    return 0.0, found


def _ask(ledger: Ledger, sampler: Sampler, most: int) -> None:
    """Let a sampler of Optuna ask.

    Hyperparameters are independent: names of categories, and places on the grid of numbers. What is no network of
    the space costs nothing; its violations are given as constraints, beside the lowest score so far, as a trial
    without a value would be left out. In a space of all combinations without a budget there is none. A network
    without a score is a failed trial.
    """
    import optuna

    space = ledger.landscape.space
    free = not space.budget.limits() and all(len(one.names) == 1 for one in space.distributions)
    limits = None if free else _constraints
    study = optuna_study.quiet_study(lambda: sampler(ledger.seed, limits), ("maximize",))
    asked = optuna_study.distributions(space)
    lowest: float | None = None
    for _ in range(_TRIALS_EACH * most):
        if len(ledger.scores) >= most or ledger.complete:
            raise SpentError
        trial = study.ask(asked)
        values = optuna_study.values_at(space, trial.params)
        outside = violations(space, values)
        trial.set_user_attr(_CONSTRAINTS, outside)
        if max(outside) > 0:
            study.tell(trial, 0.0 if lowest is None else lowest)
            continue
        columns = {name: np.asarray([value]) for name, value in values.items()}
        score = ledger(space.architectures(columns)[0])
        if math.isfinite(score):
            lowest = score if lowest is None else min(lowest, score)
            study.tell(trial, score)
        else:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)


def _constraints(trial: Any) -> Sequence[float]:
    found: Sequence[float] = trial.user_attrs[_CONSTRAINTS]
    return found
