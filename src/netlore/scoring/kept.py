"""Scores where they are kept, in a store or in memory, written and read a piece of the networks at a time.

So a process that scores holds no more of a hundred thousand networks than of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar, overload

from netlore.scoring.draws import Network
from netlore.storage.rounds import Key
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow

PIECE = 1000
"""Networks that are looked up at a time."""

T = TypeVar("T")


class Kept(Protocol):
    """What keeps scores: a `Store`, or memory."""

    def find(self, keys: Iterable[Key]) -> dict[Key, Score]: ...
    def add(self, rows: Iterable[ScoreRow]) -> None: ...


@dataclass(frozen=True)
class InMemory:
    """Keeps scores in memory, where nobody asked for a store."""

    scores: dict[Key, Score] = field(default_factory=dict)

    def find(self, keys: Iterable[Key]) -> dict[Key, Score]:
        """The scores that are there, of those asked for."""
        return {key: self.scores[key] for key in keys if key in self.scores}

    def add(self, rows: Iterable[ScoreRow]) -> None:
        """Keep scores."""
        self.scores.update({(row.architecture.id, row.seed, row.draw, row.predictor): row.score for row in rows})


def pieces(of: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """A sequence in pieces of `PIECE`, each with the place of its first."""
    for start in range(0, len(of), PIECE):
        yield start, of[start : start + PIECE]


def keys_of(network: Network, seed: int, names: Iterable[str]) -> list[Key]:
    """What the scores of a network by those predictors are found by."""
    return [(network.architecture.id, seed, network.draw, name) for name in names]


def rows_of(network: Network, seed: int, scores: Mapping[str, Score]) -> list[ScoreRow]:
    """The rows of a network's scores, which are given by predictor."""
    return [ScoreRow(network.architecture, seed, network.draw, name, one) for name, one in scores.items()]


def kept_rows(networks: Sequence[Network], seed: int, names: Sequence[str], kept: Kept) -> Iterator[ScoreRow]:
    """Every score of networks by predictors, in this order; raises KeyError if one is not kept."""
    for _, piece in pieces(networks):
        keys = [keys_of(network, seed, names) for network in piece]
        found = kept.find(key for of_one in keys for key in of_one)
        for network, of_one in zip(piece, keys, strict=True):
            yield from rows_of(network, seed, {key[3]: found[key] for key in of_one})


@dataclass(frozen=True, eq=False)
class StoredRows(Sequence[ScoreRow]):
    """The same as a sequence: in memory are the networks alone, and a store is opened whenever rows are read."""

    folder: Path
    networks: Sequence[Network]
    seed: int
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.networks) * len(self.names)

    @overload
    def __getitem__(self, which: int) -> ScoreRow: ...
    @overload
    def __getitem__(self, which: slice) -> list[ScoreRow]: ...
    def __getitem__(self, which: int | slice) -> ScoreRow | list[ScoreRow]:
        places = range(len(self))[which]
        if isinstance(places, int):
            own = self.networks[places // len(self.names)]
            with Store(self.folder, None) as store:
                return next(islice(kept_rows([own], self.seed, self.names, store), places % len(self.names), None))
        return [self[place] for place in places]

    def __iter__(self) -> Iterator[ScoreRow]:
        with Store(self.folder, None) as store:
            yield from kept_rows(self.networks, self.seed, self.names, store)
