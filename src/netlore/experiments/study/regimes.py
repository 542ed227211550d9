"""Regimes of a study: several budgets, of which each has its own sample and refinements."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from netlore.errors import InvalidInput
from netlore.experiments.config import Limits

RegimeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
"""Part of a folder's name."""


class Regime(BaseModel):
    """A whole budget: a measure that it does not name is free. Attributes as of `Configuration`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flops: Limits | None = None
    params: Limits | None = None
    activations: Limits | None = None
    budget: dict[str, Limits] | None = None


LIMITS = tuple(Regime.model_fields)


def budgets(regimes: Mapping[str, Regime], own: Mapping[str, Any], said: set[str]) -> dict[str, dict[str, Any]]:
    """The limits of every regime by its name; the study's own under no name if there are no regimes.

    Args:
        own: The study's own limits.
        said: Which of them its file names.

    Raises:
        InvalidInput: a study with regimes has a budget of its own, a regime has none, or two have the same.
    """
    if not regimes:
        return {"": dict(own)}
    if said:
        name = sorted(said)[0]
        raise InvalidInput(f"{name} is a limit of the study, whose regimes are whole budgets; move it into each.")
    found = {name: one.model_dump() for name, one in regimes.items()}
    for name, limits in found.items():
        if not any(limits.values()):
            raise InvalidInput(f"regimes.{name} has no limit; give one, such as flops = [10e6, 50e6].")
    for (one, limits), (other, others) in combinations(found.items(), 2):
        if limits == others:
            raise InvalidInput(f"regimes.{one} and regimes.{other} are the same budget; leave one of them out.")
    return found
