"""Optuna as a search: a design space in its words, and a study that says nothing. An extra, imported only here and
by who asks for it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from netlore.errors import InvalidInput
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import is_category


def check_installed(what: str, otherwise: str) -> None:
    """Refuse to go on without Optuna: what needs it, and what can be done otherwise."""
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise InvalidInput(
            f"{what} needs the package optuna, which is not installed; install netlore[optuna], or {otherwise}."
        ) from None


def distributions(space: DesignSpace) -> dict[str, Any]:
    """Of each hyperparameter names of a category, or places on the grid of numbers; all are independent."""
    import optuna

    return {
        name: optuna.distributions.CategoricalDistribution(grid)
        if is_category(grid)
        else optuna.distributions.IntDistribution(0, len(grid) - 1)
        for name, grid in space.grids.items()
    }


def values_at(space: DesignSpace, places: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters from the parameters of a trial."""
    return {name: places[name] if is_category(grid) else grid[places[name]] for name, grid in space.grids.items()}


def places_of(space: DesignSpace, architecture: Architecture) -> dict[str, Any]:
    """The parameters of a trial from hyperparameters."""
    return {
        name: architecture.values[name] if is_category(grid) else grid.index(architecture.values[name])
        for name, grid in space.grids.items()
    }


def architecture_at(space: DesignSpace, places: Mapping[str, Any]) -> Architecture | None:
    """The network of a trial; None if its parameters are none of the space."""
    columns = {name: np.asarray([value]) for name, value in values_at(space, places).items()}
    return space.architectures(columns)[0] if bool(space.admits(columns)[0]) else None


def quiet_study(sampler: Any, directions: Sequence[Literal["maximize", "minimize"]]) -> Any:
    """A study in memory that says nothing of its trials."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return optuna.create_study(directions=[*directions], sampler=sampler())
    finally:
        optuna.logging.set_verbosity(before)
