"""Regimes: refinements, and samples, that differ in their budgets alone. A report keeps their budgets apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration
from netlore.report.data import RefinementData, StudyData
from netlore.report.names import with_budget
from netlore.report.sample_data import SampleData
from netlore.report.text.phrases import join
from netlore.space.complexity import BUILT_IN

_LIMITS = {*BUILT_IN, "budget"}


def by_regime(
    refinements: Sequence[RefinementData], samples: Sequence[SampleData]
) -> tuple[list[RefinementData], list[SampleData]]:
    """The same, called by their budgets too if a predictor was refined on one data set under several.

    Raises:
        InvalidInput: Two refine one predictor on the same data, and do not differ in their budgets, or in more.
    """
    if not _several(refinements):
        return [*refinements], [*samples]
    return (
        [replace(one, regime=one.budget) for one in refinements],
        [replace(one, data=with_budget(one.data, one.budget), source=one.data) for one in samples],
    )


def regimes_of(study: StudyData) -> tuple[str, ...]:
    """The budgets of refinements that differ in theirs, in words and in order; empty if none do."""
    return tuple(dict.fromkeys(one.regime for one in study.refinements if one.regime))


def side_by_side(refinements: Sequence[RefinementData]) -> list[list[RefinementData]]:
    """Those that differ in their budgets, of one predictor on one data set together, in the given order."""
    groups: dict[str, list[RefinementData]] = {}
    for one in refinements:
        if one.regime:
            groups.setdefault(refined(one), []).append(one)
    return list(groups.values())


def refined(one: RefinementData) -> str:
    """What was refined, whatever the budget, such as "synflow on cifar10"."""
    return f"{one.predictor} on {one.configuration.data}"


def _several(refinements: Sequence[RefinementData]) -> bool:
    """Whether one of these is there more than once."""
    found = False
    for index, one in enumerate(refinements):
        for other in refinements[:index]:
            if (one.predictor, one.data) == (other.predictor, other.data):
                _check_regimes(one, other)
                found = True
    return found


def _check_regimes(one: RefinementData, other: RefinementData) -> None:
    here, there = one.configuration, other.configuration
    differ = [name for name in RefineConfiguration.model_fields if getattr(here, name) != getattr(there, name)]
    what = f"two of the runs refine {one.predictor} on {one.data}"
    if not _LIMITS & {*differ}:
        raise InvalidInput(f"{what}; name one of them, or put them side by side with `netlore compare`.")
    if more := [name for name in differ if name not in _LIMITS]:
        raise InvalidInput(
            f"{what} under different budgets, but with other {join(more)} too; name runs that differ in their "
            "budgets alone, or one of them."
        )
