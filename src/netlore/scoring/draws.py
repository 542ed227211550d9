"""Networks to score: architectures, how often each was initialised before, and the seed of that."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import index
from typing import overload

from netlore.space.architecture import Architecture


@dataclass(frozen=True)
class Network:
    """An architecture and how often it was initialised before under the run's seed."""

    architecture: Architecture
    draw: int


@dataclass(frozen=True)
class Job:
    """A network and the names of the predictors whose scores of it are missing."""

    network: Network
    predictors: tuple[str, ...]


@dataclass(frozen=True)
class FirstDraws(Sequence[Network]):
    """Distinct architectures, each initialised for the first time; networks are made as they are asked for."""

    architectures: Sequence[Architecture]

    def __len__(self) -> int:
        return len(self.architectures)

    @overload
    def __getitem__(self, which: int) -> Network: ...
    @overload
    def __getitem__(self, which: slice) -> FirstDraws: ...
    def __getitem__(self, which: int | slice) -> Network | FirstDraws:
        if isinstance(which, slice):
            return FirstDraws(self.architectures[which])
        return Network(self.architectures[which], 0)

    def __iter__(self) -> Iterator[Network]:
        return (Network(one, 0) for one in self.architectures)


def numbered(architectures: Iterable[Architecture], earlier: Counter[str] | None = None) -> list[Network]:
    """Number the draws of each architecture, going on from `earlier`, which is updated."""
    counts: Counter[str] = Counter() if earlier is None else earlier
    networks = []
    for architecture in architectures:
        networks.append(Network(architecture, counts[architecture.id]))
        counts[architecture.id] += 1
    return networks


def independent_seed(seed: int, predictor: str, batch: str) -> int:
    """The seed of a refinement that has no network in common with those of other predictors and data: 63 bits of a
    hash of the seed that was asked for, the predictor's name, and the digest of the batch."""
    return _hashed(f"{index(seed)}:{predictor}:{batch}")


def network_seed(seed: int, architecture_id: str, draw: int) -> int:
    """The seed of a network: 63 bits of a hash of the run's seed, the architecture or source, and the draw."""
    return _hashed(f"{index(seed)}:{architecture_id}:{draw}")


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
