"""What `pick.json` says, checked: a pick that is read again, if it is the one that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from netlore.errors import InvalidInput
from netlore.experiments.config import Seed
from netlore.refinement.select import Candidates, Pick
from netlore.space import families
from netlore.storage.documents import read_document
from netlore.storage.score_table import Score, ScoreRow, ScoreTable, Status


class _Candidate(BaseModel):
    """What `pick.json` says of one candidate."""

    drawn: int = Field(ge=1)
    values: dict[str, int]
    score: float | None
    status: Status
    reason: str

    @model_validator(mode="after")
    def _scored(self) -> Self:
        if (self.status == "ok") != (self.score is not None):
            raise ValueError("a score must be there if the status is ok, and only then")
        return self


class _Chosen(BaseModel):
    """What it says of the best of them."""

    id: str
    family: str


class PickRecord(BaseModel):
    """What it says of a pick."""

    model_config = ConfigDict(extra="allow")

    predictor: str
    networks: int
    seed: Seed
    device: str
    candidates_from: Candidates = "drawn"
    architecture: _Chosen
    num_classes: int = Field(ge=1)
    resolution: int = Field(ge=1)
    exhausted: bool
    candidates: tuple[_Candidate, ...] = Field(min_length=1)


def kept_pick(path: Path) -> PickRecord | None:
    """What a folder's last pick recorded; None if nothing can be read, for it can be made again."""
    try:
        return read_document(path, PickRecord)
    except InvalidInput:
        return None


def pick_of(record: PickRecord | None, settings: Mapping[str, Any]) -> Pick | None:
    """The pick of a record, if it was made with these settings and is whole."""
    there = {} if record is None else record.model_dump(mode="json")
    asked = {"candidates_from": "drawn", **settings}
    if record is None or any(there.get(name) != value for name, value in asked.items()):
        return None
    try:
        rows = []
        for one in sorted(record.candidates, key=lambda one: one.drawn):
            architecture = families.architecture(record.architecture.family, one.values)
            score = Score(one.score, one.status, one.reason)
            rows.append(ScoreRow(architecture, record.seed, 0, record.predictor, score))
        found = Pick(ScoreTable(rows, record.num_classes, record.resolution), record.exhausted)
    except InvalidInput:
        return None
    return found if found.ranked and found.architecture.id == record.architecture.id else None
