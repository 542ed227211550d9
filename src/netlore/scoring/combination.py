"""Combinations of predictors, by ranks in a fixed reference population: other networks never move a score."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.population_rank import population_rank
from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.scoring.conditions import Conditions
from netlore.scoring.evidence import Evidence
from netlore.scoring.expressions import Member
from netlore.scoring.predictor import Predictor, resolve
from netlore.scoring.transforms import TRANSFORMS
from netlore.storage.score_table import Score, ScoreTable


@dataclass(frozen=True)
class Reference:
    """Raw scores of the networks among which others are ranked: a row for each, a column for each member.

    A network without a score by a member ranks last there.
    """

    members: tuple[str, ...]
    scores: tuple[tuple[float | None, ...], ...]

    def __post_init__(self) -> None:
        if any(all(row[column] is None for row in self.scores) for column in range(len(self.members))):
            raise InvalidInput(
                f"no network of the reference population has a score by each of {', '.join(self.members)}; choose "
                "other members."
            )

    @cached_property
    def columns(self) -> tuple[Floats, ...]:
        """The scores by each member, minus infinity where there is none."""
        found = np.array([[-math.inf if one is None else one for one in row] for row in self.scores])
        return tuple(found.T)

    @property
    def digest(self) -> str:
        """What changes with any score."""
        return hashlib.sha256(repr(self.scores).encode()).hexdigest()[:16]

    @staticmethod
    def of(table: ScoreTable, members: Sequence[str]) -> Reference:
        """The networks of a table, in its order."""
        found: dict[tuple[str, int], dict[str, float | None]] = {}
        for row in table.rows:
            found.setdefault((row.architecture.id, row.draw), {})[row.predictor] = row.score.value
        return Reference(tuple(members), tuple(tuple(one[name] for name in members) for one in found.values()))


@dataclass(frozen=True)
class Combination(Predictor):
    """A predictor whose score is made of the scores of others and of a reference population.

    Attributes:
        members: The predictors.
        weights: A weight for each.
        rule: From the scores of one network, by member, to the combined one.
        reference: The population; None: not chosen yet.
    """

    members: tuple[Predictor, ...] = ()
    weights: tuple[float, ...] = ()
    rule: Callable[[Combination, Sequence[float]], float] = lambda combination, scores: math.nan
    reference: Reference | None = None

    @property
    def conditions(self) -> Conditions:
        """Those of the members stand in their own records."""
        ranked = f"{len(self.reference.scores):,} networks" if self.reference else "a reference population"
        return Conditions(
            "of its members", "of its members", "of its members", "of its members", f"ranks in {ranked}"
        )

    @property
    def names_of_members(self) -> tuple[str, ...]:
        """The members' names, in their order."""
        return tuple(one.name for one in self.members)

    @property
    def population(self) -> tuple[tuple[float | None, ...], ...]:
        """The reference population, a row for each network."""
        return self.reference.scores if self.reference else ()

    @property
    def fingerprint(self) -> str:
        """Those of the members, and the reference population."""
        of_members = ", ".join(f"{one.name} {one.fingerprint}" for one in self.members)
        return f"{of_members}; reference {self.reference.digest if self.reference else 'none'}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel by name; the members are imported there."""
        return _again, (self.name, self.reference)

    def score(self, scores: Mapping[str, Score]) -> Score:
        """The combined score of a network from those of the members, by name; where one is missing, so is this."""
        for one in self.members:
            if (found := scores[one.name]).value is None:
                return Score(None, found.status, f"{one.name}: {found.reason}", origin=found.origin)
        values = [float(scores[one.name]) for one in self.members]
        notes = {f"{one.name}: {scores[one.name].reason}" for one in self.members if scores[one.name].reason}
        seconds = sum(scores[one.name].seconds for one in self.members)
        origin = scores[self.members[0].name].origin
        return Score(self.rule(self, values), reason="; ".join(sorted(notes)), seconds=seconds, origin=origin)

    def ranks(self, values: Sequence[float]) -> list[float]:
        """By each member the share of the reference population that lies below a network, within (0, 1)."""
        assert self.reference is not None
        return [
            population_rank(value, column, TRANSFORMS.get(one.transform).apply)
            for value, column, one in zip(values, self.reference.columns, self.members, strict=True)
        ]


@validated
def logrank(*members: Member) -> Combination:
    """S = sum over members m of w_m ln F_m, F_m the rank by m in the reference population, within (0, 1).

    Source: Lee and Ham 2024, AZ-NAS, arXiv:2403.19232, whose ranks are among the networks scored so far.
    """
    return _combined("logrank", members, _log_rank, logrank)


@validated
def meanrank(*members: Member) -> Combination:
    """S = sum over members m of w_m F_m / sum of w_m, F_m the rank by m in the reference population."""
    return _combined("meanrank", members, _mean_rank, meanrank)


@validated
def vote(*members: Member) -> Combination:
    """S = share of the reference population that the weighted majority of members ranks below it; ties are halves.

    Source: Abdelfattah et al. 2021, arXiv:2101.08134, section 3.5, a vote between each two networks.
    """
    return _combined("vote", members, _vote, vote)


def _log_rank(combination: Combination, values: Sequence[float]) -> float:
    ranks = combination.ranks(values)
    return sum(weight * math.log(one) for weight, one in zip(combination.weights, ranks, strict=True))


def _mean_rank(combination: Combination, values: Sequence[float]) -> float:
    ranks = combination.ranks(values)
    total = sum(weight * one for weight, one in zip(combination.weights, ranks, strict=True))
    return total / sum(combination.weights)


def _vote(combination: Combination, values: Sequence[float]) -> float:
    assert combination.reference is not None
    columns = combination.reference.columns
    votes = sum(
        weight * np.sign(value - column)
        for weight, value, column in zip(combination.weights, values, columns, strict=True)
    )
    return float(np.mean((np.sign(votes) + 1) / 2))


def _combined(
    function: str, members: Sequence[Member], rule: Callable[[Combination, Sequence[float]], float], made: Any
) -> Combination:
    """The combination of that name, members as in the expression."""
    if len(members) < 2:
        raise InvalidInput(f"{function} has {len(members)} members; name two or more.")
    found = resolve([one.name for one in members])
    if nested := [one.name for one in found if isinstance(one, Combination)]:
        raise InvalidInput(f"{nested[0]} is a combination within another; name its members instead.")
    written = ", ".join(str(Member(one.name, member.weight)) for one, member in zip(found, members, strict=True))
    needs = Evidence(*(kind for one in found for kind in one.needs))
    about = (made.__doc__ or "").strip()
    source = about.partition("Source: ")[2] or f"ranks of {', '.join(one.name for one in found)}"
    return Combination(
        f"{function}({written})",
        _unasked,
        needs,
        " ".join(source.split()),
        "identity",
        about.splitlines()[0],
        applies_to="Networks to which each of its members applies.",
        members=found,
        weights=tuple(one.weight for one in members),
        rule=rule,
    )


def _unasked(probe: Any) -> Any:
    raise AssertionError("a combination is made of scores, not of evidence")


def _again(name: str, reference: Reference | None) -> Combination:
    (found,) = resolve(name)
    assert isinstance(found, Combination)
    return replace(found, reference=reference)


def combinations_of(predictors: Sequence[Predictor]) -> tuple[Combination, ...]:
    """The combinations among predictors.

    Raises:
        InvalidInput: One has no reference population.
    """
    found = tuple(one for one in predictors if isinstance(one, Combination))
    for one in found:
        if one.reference is None:
            raise InvalidInput(
                f"{one.name} ranks networks in a reference population; give it one with "
                "`netlore.with_reference(predictor, space, task)`."
            )
    return found


def with_members(predictors: Sequence[Predictor]) -> tuple[Predictor, ...]:
    """What has scores of its own: the members of combinations, and all that are no combinations, each once.

    Raises:
        InvalidInput: Two differ under one name.
    """
    found: dict[str, Predictor] = {}
    for one in predictors:
        for each in one.members if isinstance(one, Combination) else (one,):
            if found.setdefault(each.name, each).fingerprint != each.fingerprint:
                raise InvalidInput(f"predictor name {each.name!r} is taken; choose another name.")
    return tuple(found.values())
