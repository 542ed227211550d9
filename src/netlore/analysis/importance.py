"""What analyses of scored networks start with, and how much each hyperparameter matters for a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from netlore.analysis import AnyColumn, Column, Floats
from netlore.arguments import Seed, validated
from netlore.errors import InvalidInput

Networks = tuple[Floats, Floats]
"""Hyperparameters, shape (n, k), and targets, shape (n,)."""

TREES = 50
MIN_LEAF = 3  # networks
SHUFFLES = 5
PER_FOLD = 5  # the fewest finite scores per fold


@dataclass(frozen=True, eq=False)
class Importance:
    """Permutation importance of k hyperparameters for the ranks of a score.

    Attributes:
        values: Mean loss of R^2 on networks held out when a hyperparameter is shuffled, shape (k,).
        spread: Standard deviation of that over the folds (folds - 1 in the denominator), shape (k,).
        r2: R^2 on networks held out with nothing shuffled.
        n: Networks with a finite score.
    """

    names: tuple[str, ...]
    values: Floats
    spread: Floats
    r2: float
    n: int


def scored_matrix(columns: Mapping[Any, NDArray[Any]], scores: Floats, needed: int) -> tuple[Floats, Floats]:
    """The k columns side by side, shape (n, k), and the scores, shape (n,), of the n networks with a finite score.

    Names of a category have to be made numbers before; see `indicators`.

    Raises:
        InvalidInput: There is no column, one has another length or is not finite, or n < needed.
    """
    if not columns:
        raise InvalidInput("An analysis of scores needs what to explain them by, and has 0 columns; give some.")
    values = np.asarray(scores, dtype=np.float64)
    for name, column in columns.items():
        if len(column) != len(values):
            raise InvalidInput(
                f"column {name!r} has {len(column)} values for {len(values)} scores; give one for each score."
            )
        missing = int(np.count_nonzero(~np.isfinite(column)))
        if missing:
            raise InvalidInput(f"column {name!r} has {missing} values that are not finite; leave it out.")
    finite = np.isfinite(values)
    if finite.sum() < needed:
        raise InvalidInput(f"{finite.sum()} finite scores are too few to analyse; give {needed} or more.")
    table = np.stack([np.asarray(column, dtype=np.float64) for column in columns.values()], axis=1)
    return table[finite], values[finite]


@validated
def importance(
    columns: Mapping[str, AnyColumn], scores: Column, folds: int = 5, seed: Annotated[Seed, Field(lt=2**32)] = 0
) -> Importance:
    """Fit a forest to the ranks of a score and see what shuffling each hyperparameter costs.

    The target is (rank - 1) / (n - 1), ties at their average rank, so no transform of the scores matters. For each
    fold, a random forest learns from the others; the importance of a hyperparameter is R^2 on the fold minus R^2
    on it with that hyperparameter shuffled among its networks, mean of five shuffles. Near 0 (or below, by chance)
    it does not matter; to be read together with r2, for a forest that predicts nothing has nothing to lose.
    Hyperparameters that stand in for one another share their importance.

    Source: Breiman 2001, "Random forests", section 10; on held-out folds rather than out of bag.

    Raises:
        InvalidInput: Fewer than five finite scores per fold, fewer than two folds, or scores that are all equal.
    """
    from scipy.stats import rankdata  # these are slow to import
    from sklearn.model_selection import KFold

    if folds < 2:
        raise InvalidInput(f"folds = {folds} leaves nothing to learn from; choose 2 or more.")
    parts_of = [indicators(column) for column in columns.values()]
    wide = {f"{i}-{j}": one for i, found in enumerate(parts_of) for j, one in enumerate(found.values())}
    table, values = scored_matrix(wide, scores, needed=PER_FOLD * folds)
    owners = np.repeat(np.arange(len(parts_of)), [len(found) for found in parts_of])
    if values.min() == values.max():
        raise InvalidInput(f"All {len(values)} scores equal {values[0]:g}, so nothing can matter; give others.")
    target = (rankdata(values) - 1) / (len(values) - 1)
    parts = KFold(folds, shuffle=True, random_state=seed).split(table)
    found = [_losses((table[a], target[a]), (table[b], target[b]), owners, seed) for a, b in parts]
    r2, losses = (np.asarray(one) for one in zip(*found, strict=True))
    mean, spread = losses.mean(axis=0), losses.std(axis=0, ddof=1)
    return Importance(tuple(columns), mean, spread, float(r2.mean()), len(values))


def indicators(column: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """A column of numbers, under no name; of names, a column for each: 1 where a network has it, else 0."""
    if column.dtype.kind not in "UO":
        return {"": column}
    return {str(name): (column == name).astype(np.int64) for name in np.unique(column)}


def _losses(learned: Networks, held: Networks, owners: NDArray[np.int64], seed: int) -> tuple[float, Floats]:
    """R^2 on networks held out, and how much of it shuffling each hyperparameter costs, shape (k,); of each column
    of the table `owners` says whose it is."""
    from sklearn.ensemble import RandomForestRegressor

    forest = RandomForestRegressor(TREES, min_samples_leaf=MIN_LEAF, n_jobs=1, random_state=seed).fit(*learned)
    table, target = held
    rng = np.random.default_rng(seed)
    hyperparameters = range(int(owners.max()) + 1)
    shuffled = [_shuffled(table, owners == one, rng) for one in hyperparameters for _ in range(SHUFFLES)]
    # One prediction for all shuffles: a forest spends as long on getting ready as on a thousand networks.
    predicted = forest.predict(np.concatenate([table, *shuffled])).reshape(-1, len(table))
    r2 = 1 - ((predicted - target) ** 2).sum(axis=1) / ((target - target.mean()) ** 2).sum()
    return float(r2[0]), r2[0] - r2[1:].reshape(-1, SHUFFLES).mean(axis=1)


def _shuffled(table: Floats, columns: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
    """The table with one hyperparameter's columns shuffled together among its rows."""
    changed = table.copy()
    changed[:, columns] = rng.permutation(changed[:, columns])
    return changed
