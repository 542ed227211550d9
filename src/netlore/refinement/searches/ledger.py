"""What a search asks for and what it pays: every network once, as long as its score cannot change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from netlore.analysis import Floats
from netlore.refinement.searches.landscape import Landscape
from netlore.scoring.draws import Network, network_seed
from netlore.space.architecture import Architecture
from netlore.space.sampling import values_of
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

IDLE = 1_000
"""A search is over once it has asked for this many networks one after the other that it had paid for already."""
_FAILED = Score(None, "error", "no score is stored")


class SpentError(Exception):
    """The search is over: it has paid all that it may, repeats itself, or nothing is left to score."""


@dataclass
class Ledger:
    """The scores that one search has paid for, in order.

    A network that is asked for again costs nothing and has the score that it had, as in every benchmark that is a
    table. Only where scores are noisy, and a method wants another initialisation of a network on purpose, is that
    another score, and paid for. The noise of a network's n-th initialisation depends on the seed, the network and
    n alone: all searches under one seed see the same.

    Attributes:
        landscape: Where it searches.
        seed: Of the search, and of the noise.
        most: Scores that may be paid, at least 1.
        rescores: Whether asking again means another initialisation.
        architectures: Of the paid scores.
        scores: Likewise; NaN where the network has none.
        asked: Networks asked for, paid or not.
    """

    landscape: Landscape
    seed: int
    most: int
    rescores: bool = False
    architectures: list[Architecture] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    asked: int = 0
    _idle: int = 0
    _paid: dict[tuple[Architecture, int], float] = field(default_factory=dict)
    _heights: dict[Architecture, float] = field(default_factory=dict)

    def __call__(self, architecture: Architecture) -> float:
        """The score of a network, NaN if it has none.

        Raises:
            SpentError: The search is over.
        """
        if self.complete:
            raise SpentError
        return self._score(Network(architecture, 0))

    def of_all(self, architectures: Sequence[Architecture]) -> Floats:
        """The scores of several, one after the other, shape (n,); errors as above, what is paid is kept."""
        self._look_up(architectures)
        return np.asarray([self(one) for one in architectures], dtype=np.float64)

    def scored(self, number: int, drawn: list[Network]) -> ScoreTable | None:
        """A round's scores, as a refinement wants them; None once the search is over."""
        if self.complete:
            return None
        self._look_up([one.architecture for one in drawn])
        rows = []
        for one in drawn:
            try:
                value = self._score(one)
            except SpentError:
                return None
            score = Score(value) if math.isfinite(value) else _FAILED
            rows.append(ScoreRow(one.architecture, self.seed, one.draw, self.landscape.name, score))
        space = self.landscape.space
        return ScoreTable(rows, space.num_classes, space.resolution, space.channels, tuple(space.budget.limits()))

    @property
    def complete(self) -> bool:
        """Whether nothing is left to score: all is known, and no other initialisation says more."""
        return not self.landscape.noise and len(self.scores) >= self.landscape.size

    @property
    def heights(self) -> Floats:
        """True scores of what was paid for, shape (n,)."""
        return np.asarray([self._heights[one] for one in self.architectures], dtype=np.float64)

    @property
    def flops(self) -> Floats:
        """FLOPs of what was paid for, shape (n,)."""
        space = self.landscape.space
        found = space.complexities(values_of(space, self.architectures)).flops
        return np.asarray(np.broadcast_to(np.asarray(found, dtype=np.float64), len(self.architectures)))

    def _score(self, network: Network) -> float:
        if self._idle >= IDLE:
            raise SpentError
        self.asked += 1
        landscape, architecture = self.landscape, network.architecture
        key = (architecture, network.draw if self.rescores and landscape.noise else 0)
        if key in self._paid:
            self._idle += 1
            return self._paid[key]
        if len(self.scores) >= self.most:
            raise SpentError
        self._look_up([architecture])
        value = self._heights[architecture]
        if landscape.noise:
            rng = np.random.default_rng(network_seed(self.seed, architecture.id, key[1]))
            value += landscape.noise * float(rng.standard_normal())
        self._idle, self._paid[key] = 0, value
        self.architectures.append(architecture)
        self.scores.append(value)
        return value

    def _look_up(self, architectures: Sequence[Architecture]) -> None:
        """The true scores of all at once, which is faster."""
        missing = [one for one in dict.fromkeys(architectures) if one not in self._heights]
        if missing:
            self._heights.update(zip(missing, self.landscape.heights(missing).tolist(), strict=True))
