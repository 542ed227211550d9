"""Store: scores, rounds and predictors on disk, in SQLite, the moment they exist.

One process writes (write-ahead logging, one transaction a network) and any number may read meanwhile. A killed
process loses at most the network it was working on, and the same command takes up where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import takewhile
from operator import index
from pathlib import Path
from typing import Any

from netlore.arguments import validated
from netlore.errors import DifferentConfiguration, DifferentPredictor
from netlore.storage.database import Database
from netlore.storage.documents import to_json
from netlore.storage.origin import Origin
from netlore.storage.rounds import Key, PredictorRecord, RefinementRecord, from_document, to_document
from netlore.storage.schema import FILE_NAME as FILE_NAME
from netlore.storage.schema import KEYS, check_score
from netlore.storage.score_table import Score, ScoreRow, checked_score, checked_seed


@validated
class Store(Database):
    """Scores of one configuration in a folder.

    Args:
        folder: Where `scores.sqlite` lies or will lie; made if missing.
        configuration: JSON-able facts that every score of the folder depends on (data digest, precision, ...).
            Set when the store is made, and compared ever after. None: open what is there, read-only.

    Raises:
        DifferentConfiguration: The folder holds scores of another configuration; the difference is shown.
        InvalidInput: Another process is writing to the folder, or it holds no readable store.
    """

    def __init__(self, folder: Path, configuration: Mapping[str, Any] | None) -> None:
        super().__init__(folder, write=configuration is not None)
        self._verified, self._definitions = False, dict[str, PredictorRecord]()
        if configuration is None:
            return
        try:
            wanted = self.check(configuration)
            with self._writing():
                for name in wanted.keys() - self.configuration.keys():
                    self._keep("configuration", name, document=wanted[name])
        except BaseException:
            self.close()
            raise

    @property
    def configuration(self) -> dict[str, Any]:
        """The facts that every score of the store depends on."""
        return self._documents("configuration")

    def check(self, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration as it is stored; raises `DifferentConfiguration` if the scores there have another."""
        wanted: dict[str, Any] = json.loads(to_json(dict(configuration)))
        have = self.configuration
        if have and have != wanted:
            raise DifferentConfiguration(self.path.parent, have, wanted)
        return wanted

    def add(self, rows: Iterable[ScoreRow]) -> None:
        """Keep scores, in one transaction; a score that is already there is left as it is.

        Raises `Unwritable` if the file cannot grow, `StoreLost` if its folder is gone; so does all that writes.
        """
        rows = list(rows)
        numbers, missing = self._numbered(dict.fromkeys(row.score.origin for row in rows))
        records = [_record(row, numbers) for row in rows]
        with self._writing():
            self._keep_architectures(row.architecture for row in rows)
            for one, number in missing.items():
                self._keep("origin", number, document=asdict(one))
            self._connection.executemany(
                "INSERT OR IGNORE INTO score (architecture, seed, draw, predictor, score, status, reason, "
                "seconds, origin, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(*record, check_score(*record)) for record in records],
            )
            self._keep_definitions({row.predictor for row in rows})
        self._origins |= {number: one for one, number in missing.items()}

    def find(self, keys: Iterable[Key]) -> dict[Key, Score]:
        """The scores that are there, of those asked for; raises `Damaged` if one is changed, or may be lost."""
        found, whole = {}, True
        question = (
            "SELECT score, status, reason, seconds, origin, checksum FROM score "
            "WHERE architecture = ? AND seed = ? AND draw = ? AND predictor = ?"
        )
        with self._reading():
            for key in keys:
                plain = (key[0], checked_seed(key[1]), index(key[2]), key[3])
                row = self._connection.execute(question, plain).fetchone()
                if row is None:
                    whole = False
                else:
                    found[key] = self._score(plain, *row)
        if not whole:
            self._verify()
        return found

    def count(self) -> int:
        """How many scores there are."""
        question = "SELECT rows, (SELECT count(*) FROM score) FROM tally WHERE counted = 'score'"
        with self._reading():
            expected, found = self._connection.execute(question).fetchone() or (-1, 0)
        if found != expected:
            raise self._damaged(f"{found} scores are there, not {expected}")
        return int(found)

    def rows(self) -> Iterator[ScoreRow]:
        """Every score, ordered by its key; raises `Damaged` if one is changed or, at the end, missing."""
        question = (
            "SELECT rows, json, architecture, seed, draw, predictor, score, status, reason, seconds, "
            "origin, checksum FROM tally LEFT JOIN score ON 1 LEFT JOIN architecture ON architecture.id = "
            "architecture WHERE counted = 'score' ORDER BY architecture, seed, draw, predictor"
        )
        read, expected = 0, -1
        with self._reading():
            for total, text, name, seed, draw, predictor, *found in self._connection.execute(question):
                expected = total
                if name is not None:
                    read += 1
                    score = self._score((name, seed, draw, predictor), *found)
                    yield ScoreRow(self._architecture(name, text), seed, draw, predictor, score)
        if read != expected:
            raise self._damaged(f"{read} scores are there, not {expected}")

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
        found = self._documents("predictor")
        return {name: from_document(PredictorRecord, document) for name, document in found.items()}

    def record(self, refinement: RefinementRecord) -> None:
        """Keep a refinement, finished or not, in place of what is there of its method, predictor and seed. Rounds
        that are there are left as they are, until one differs."""
        key = (refinement.method, refinement.predictor, checked_seed(refinement.seed))
        document = to_document(refinement)
        rounds = document["rounds"]
        asked = {name: document[name] for name in ("networks", "space")}
        heads, there = self._documents("refinement"), [*self._documents("round", *key).values()]
        known = heads.get(key, {})
        began = known["began"] if known == known | asked else len(heads)
        head = {"began": began, **asked, **{name: document[name] for name in ("stopped_because", "elites")}}
        if (known, there) == (head, rounds):
            return
        same = len([*takewhile(lambda pair: pair[0] == pair[1], zip(rounds, there, strict=False))])
        with self._writing():
            for one in refinement.rounds[same:]:
                self._keep_architectures(architecture for architecture, _ in one.networks)
            self._keep_architectures(refinement.elites)
            question = "DELETE FROM round WHERE method = ? AND predictor = ? AND seed = ? AND number > ?"
            self._connection.execute(question, (*key, same))
            for one in rounds[same:]:
                self._keep("round", *key, one["number"], document=one)
            self._keep("refinement", *key, document=head)

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
            return [from_document(RefinementRecord, document, known) for document in documents]
        except ValueError as error:
            raise self._damaged(error) from None

    def _verify(self) -> None:
        """Find out, once, whether scores are lost; what this process adds is not."""
        if self._verified:
            return
        # A changed key is a row that is not found, or, further up in the tree, one that leads astray.
        key = "architecture, seed, draw, predictor"
        question = f"""
            SELECT rows = (SELECT count(*) FROM score) AND NOT EXISTS (SELECT 1 FROM score AS one WHERE
            checksum IS NOT row_check({key}, score, status, reason, seconds, origin) OR NOT EXISTS
            (SELECT 1 FROM score WHERE ({key}) = (one.architecture, one.seed, one.draw, one.predictor)))
            FROM tally WHERE counted = 'score'"""
        self._connection.create_function("row_check", 9, check_score, deterministic=True)
        with self._reading():
            whole = self._connection.execute(question).fetchone()
            (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok" or whole != (1,):
            raise self._damaged("scores are changed or missing" if verdict == "ok" else verdict)
        self._verified = True

    def _score(self, key: Key, *found: Any) -> Score:
        value, status, reason, seconds, number, kept = found
        if check_score(*key, value, status, reason, seconds, number) != kept:
            raise self._damaged(f"a score of {key[0]} is changed")
        try:
            return checked_score(value, status, reason, seconds, self._origin(number))
        except ValueError as error:
            raise self._damaged(error) from None

    def _keep_definitions(self, names: Iterable[str]) -> None:
        """Write the definitions of these predictors that are not written yet."""
        for name in self._definitions.keys() & set(names):
            self._keep("predictor", name, document=to_document(self._definitions.pop(name)))


def _record(row: ScoreRow, origins: Mapping[Origin, int]) -> tuple[Any, ...]:
    """A row as it is kept: plain numbers, and no -0.0, which SQLite does not keep."""
    value, status, reason, seconds, origin = vars(row.score).values()
    score = (value if value is None else float(value) + 0.0, status, reason, float(seconds) + 0.0)
    checked_score(*score)
    number = None if origin is None else origins[origin]
    return (row.architecture.id, checked_seed(row.seed), index(row.draw), row.predictor, *score, number)
