"""The records beside a store's scores: definitions of predictors, and refinements with their rounds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from netlore.errors import DifferentPredictor, InvalidInput, UnknownName
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.storage.database import Database
from netlore.storage.documents import to_json
from netlore.storage.rounds import (
    PredictorRecord,
    RefinementRecord,
    RoundRecord,
    document_of,
    predictor_of,
    refinement_of,
)
from netlore.storage.schema import KEYS
from netlore.storage.score_table import checked_seed


class RecordStore(Database):
    """A store's file with its records."""

    def __init__(self, folder: Path, write: bool) -> None:
        super().__init__(folder, write)
        self._definitions: dict[str, PredictorRecord] = {}

    def define(self, predictors: Mapping[str, PredictorRecord]) -> None:
        """Say by which definitions scores are asked for and added from here on; kept with their first scores.

        Scores of earlier versions came without definitions: they are taken to be by these.

        Raises:
            DifferentPredictor: The store holds scores by another definition of the same name.
        """
        known = self.predictors()
        for name, found in predictors.items():
            if name in known and known[name].fingerprint != found.fingerprint:
                raise DifferentPredictor(
                    f"{self.path.parent} holds scores of another definition of {name} (fingerprint "
                    f"{known[name].fingerprint} there, {found.fingerprint} here); choose another output folder, "
                    f"or give the new definition a name of its own."
                )
        self._definitions |= {name: found for name, found in predictors.items() if name not in known}
        if self._lock is not None and self._definitions:
            question = "SELECT 1 FROM score WHERE predictor = ? LIMIT 1"
            with self._writing():
                self._keep_definitions(
                    [one for one in self._definitions if self._connection.execute(question, (one,)).fetchone()]
                )

    def predictors(self) -> dict[str, PredictorRecord]:
        """What is known of the predictors, by their names; nothing in stores of earlier versions."""
        return {name: predictor_of(document) for name, document in self._documents("predictor").items()}

    def begin_refinement(
        self, method: str, predictor: str, seed: int, networks: int, space: Mapping[str, Any]
    ) -> None:
        """Keep what a refinement asks for, before its first round. One that asked for the same goes on; another
        one of the same method, predictor and seed is forgotten."""
        key = (method, predictor, checked_seed(seed))
        heads, asked = self._documents("refinement"), json.loads(to_json({"networks": networks, "space": space}))
        if key in heads and heads[key] == heads[key] | asked:
            return
        with self._writing():
            self._forget_rounds(key, 1)
            head = {"began": len(heads), **asked, "stopped_because": None, "elites": []}
            self._keep("refinement", *key, document=head)

    def add_round(
        self, method: str, predictor: str, seed: int, found: RoundRecord, elites: Sequence[Architecture] = ()
    ) -> None:
        """Keep a round, and the elites after it. The same round is left as it is; if another one has its number,
        that and the rounds after it are forgotten.

        Raises:
            InvalidInput: The refinement has not begun, or the round before is missing.
        """
        key = (method, predictor, checked_seed(seed))
        head, rounds = self._recorded(key)
        if found.number > len(rounds) + 1:
            raise InvalidInput(f"round {found.number} follows {len(rounds)} rounds; add the one before it first.")
        document = json.loads(to_json(document_of(found)))
        if document in rounds:
            return
        with self._writing():
            self._keep_architectures((*(architecture for architecture, _ in found.networks), *elites))
            self._forget_rounds(key, found.number)
            self._keep("round", *key, found.number, document=document)
            head |= {"stopped_because": None, "elites": [one.id for one in elites]}
            self._keep("refinement", *key, document=head)

    def end_refinement(
        self,
        method: str,
        predictor: str,
        seed: int,
        rounds: int,
        stopped_because: str,
        elites: Sequence[Architecture] = (),
    ) -> None:
        """Keep why a refinement is over after so many rounds, and its elites; further rounds are forgotten."""
        key = (method, predictor, checked_seed(seed))
        head, there = self._recorded(key)
        ended = {"stopped_because": str(stopped_because), "elites": [one.id for one in elites]}
        if head == head | ended and len(there) == rounds:
            return
        with self._writing():
            self._keep_architectures(elites)
            self._forget_rounds(key, rounds + 1)
            self._keep("refinement", *key, document=head | ended)

    def refinements(self) -> list[RefinementRecord]:
        """Every recorded refinement, in the order in which they began; none in stores of earlier versions."""
        heads, rounds = self._documents("refinement"), self._documents("round")
        documents = []
        for key, head in sorted(heads.items(), key=lambda item: int(item[1]["began"])):
            named = dict(zip(KEYS["refinement"], key, strict=True))
            own = [found for one, found in rounds.items() if one[:3] == key]
            documents.append({**named, **head, "rounds": own})
        names = {name for one in rounds.values() for name, _ in one["networks"]}
        names.update(name for one in heads.values() for name in one["elites"])
        question = "SELECT json FROM architecture WHERE id = ?"
        with self._reading():
            texts = {name: self._connection.execute(question, (name,)).fetchone() for name in names}
        known = {name: self._architecture(name, found and found[0]) for name, found in texts.items()}
        try:
            return [refinement_of(document, known) for document in documents]
        except ValueError as error:
            raise self._damaged(error) from None

    def _architecture(self, name: str, text: str | None) -> Architecture:
        """The architecture of that id, from its JSON form."""
        try:
            found = _architecture(text or "")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            if isinstance(error, UnknownName):  # its family is not installed
                raise
            raise self._damaged(f"architecture {name} is changed") from None
        if found.id != name:
            raise self._damaged(f"architecture {name} is changed")
        return found

    def _recorded(self, key: tuple[str, str, int]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """A refinement and its rounds, as documents."""
        head = self._documents("refinement", *key).get(key)
        if head is None:
            raise InvalidInput(f"no refinement {key!r} has begun; begin it before its first round.")
        return head, [*self._documents("round", *key).values()]

    def _keep_architectures(self, architectures: Iterable[Architecture]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO architecture (id, json) VALUES (?, ?)",
            ((one.id, one.to_json()) for one in architectures),
        )

    def _keep_definitions(self, names: Iterable[str]) -> None:
        """Write the definitions of these predictors that are not written yet."""
        for name in self._definitions.keys() & set(names):
            self._keep("predictor", name, document=document_of(self._definitions.pop(name)))

    def _forget_rounds(self, key: tuple[str, str, int], first: int) -> None:
        question = "DELETE FROM round WHERE method = ? AND predictor = ? AND seed = ? AND number >= ?"
        self._connection.execute(question, (*key, first))


@lru_cache(maxsize=1)  # all scores of an architecture come one after the other, and share it
def _architecture(text: str) -> Architecture:
    document = json.loads(text)
    return families.architecture(document["family"], document["values"])
