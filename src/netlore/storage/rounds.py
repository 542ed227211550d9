"""What a run records with its scores: the rounds of its refinements, and the predictors that gave the scores.

A stored refinement is a record: it is read as it was written, and nothing is drawn or fitted again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import NonNegativeInt, PlainSerializer, PlainValidator, PositiveInt, TypeAdapter, ValidationInfo

from netlore.space.architecture import Architecture
from netlore.storage.documents import to_json
from netlore.storage.score_table import Score, ScoreRow

Key = tuple[str, int, int, str]
"""What a score is found by: architecture id, the run's seed, draw, predictor."""


def _of_id(name: object, info: ValidationInfo) -> Architecture:
    if not isinstance(info.context, Mapping) or name not in info.context:
        raise ValueError("no score is of this architecture")
    found: Architecture = info.context[name]
    return found


# In a document an architecture is its id.
_ById = Annotated[Architecture, PlainValidator(_of_id), PlainSerializer(lambda one: one.id)]


# Whole numbers stay whole.
_Number = int | float
_Percentiles = tuple[_Number, _Number, _Number]


@dataclass(frozen=True)
class RoundRecord:
    """One round of a refinement.

    Attributes:
        number: 1 for the first.
        space: The design space that was sampled, as a JSON-able document; see `DesignSpace.to_document`.
        networks: Architecture and draw of each network, in the order in which they were asked for.
        estimates: Low, median and high of each hyperparameter and measure of complexity; shares of a category.
        exhausted: There were fewer architectures to score than were asked for.
    """

    number: PositiveInt
    space: dict[str, Any]
    networks: tuple[tuple[_ById, NonNegativeInt], ...]
    estimates: dict[str, _Percentiles | dict[str, float]]
    exhausted: bool


@dataclass(frozen=True)
class RefinementRecord:
    """A refinement, finished or not.

    Attributes:
        method: Name of its method.
        predictor: Name of its predictor.
        seed: Seed of the run.
        networks: Networks that a round asks for.
        space: The design space it began with, as a JSON-able document.
        rounds: Every complete round, in order.
        stopped_because: Why there is no further round; None if the refinement is not finished.
        elites: The architectures whose ranges are the last intervals, the best first; some methods have none.
    """

    method: str
    predictor: str
    seed: NonNegativeInt
    networks: PositiveInt
    space: dict[str, Any]
    rounds: tuple[RoundRecord, ...] = ()
    stopped_because: str | None = None
    elites: tuple[_ById, ...] = ()

    def __post_init__(self) -> None:
        if [one.number for one in self.rounds] != [*range(1, len(self.rounds) + 1)]:
            raise ValueError(f"the rounds of {self.method} with seed {self.seed} are not numbered 1, 2, ...")


@dataclass(frozen=True)
class PredictorRecord:
    """What readers must know of a predictor that is not installed where they are.

    Attributes:
        fingerprint: Changes when the predictor's definition does.
        transform: Name of the transform to the scale on which its scores are analysed.
        label: Axis label of that scale.
        direction: Which scores are preferred.
        source: Where the definition comes from.
        summary: What it measures, in a sentence.
        conditions: What belongs to the definition apart from the formula, in words: inputs, weights, mode, layers,
            reduction; empty in records of earlier versions.
        members: Of a combination, the names of its predictors.
        reference: Of a combination, the raw scores by each member of the networks that others are ranked among.
    """

    fingerprint: str
    transform: str
    label: str
    direction: str = "higher is better"
    source: str = ""
    summary: str = ""
    conditions: dict[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    reference: tuple[tuple[float | None, ...], ...] = ()


class ScoreReader(Protocol):
    """Scores and records of one run, to be read: a `Store`, whose methods say what they give, or an archive."""

    @property
    def configuration(self) -> dict[str, Any]: ...
    def find(self, keys: Iterable[Key]) -> dict[Key, Score]: ...
    def count(self) -> int: ...
    def rows(self) -> Iterator[ScoreRow]: ...
    def refinements(self) -> list[RefinementRecord]: ...
    def predictors(self) -> dict[str, PredictorRecord]: ...


R = TypeVar("R", RefinementRecord, PredictorRecord)

_FORMS = {kind: TypeAdapter[Any](kind) for kind in (RefinementRecord, PredictorRecord)}


def to_document(record: RefinementRecord | PredictorRecord) -> dict[str, Any]:
    """A record as JSON-able values, architectures by their ids."""
    found: dict[str, Any] = json.loads(to_json(_FORMS[type(record)].dump_python(record, warnings=False)))
    return found


def from_document(kind: type[R], document: Any, architectures: Mapping[str, Architecture] | None = None) -> R:
    """The record that a document describes, architectures found by their ids; raises ValueError if it has another
    form."""
    found: R = _FORMS[kind].validate_python(document, context=architectures)
    return found
