"""What can be said in a few lines of the scores of a run, however many there are; and some of them, at random."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import heappush, heappushpop
from itertools import count, groupby
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from netlore.scoring.draws import network_seed
from netlore.storage.score_table import ScoreRow

E = TypeVar("E", bound=tuple[Any, ...])

BEST = 20
"""Networks of each predictor that are named."""

_LISTED = 10  # missing scores that are shown; the rest is only counted


@dataclass(frozen=True, eq=False)
class Overview:
    """Scores by predictor, counted and ordered.

    Attributes:
        networks: Networks, each initialisation of an architecture counted.
        summary: A row per predictor: scored, failed, and lowest, median and highest raw score, and the seconds.
        failures: The first rows without a score.
        best: The `BEST` rows with the highest scores by each predictor, the highest first; of equal scores those
            that come first.
    """

    networks: int
    summary: pd.DataFrame
    failures: tuple[ScoreRow, ...]
    best: tuple[ScoreRow, ...]

    @property
    def failed(self) -> int:
        """Scores that are missing."""
        return int(self.summary["failed"].sum())


def overview(rows: Iterable[ScoreRow]) -> Overview:
    """Read rows once, and hold 8 bytes of each score, for exact medians."""
    scores: dict[str, array[float]] = {}
    failed, seconds = Counter[str](), defaultdict[str, float](float)
    failures: list[ScoreRow] = []
    best: dict[str, list[tuple[float, int, ScoreRow]]] = {}
    for place, row in zip(count(), rows, strict=False):
        own = scores.setdefault(row.predictor, array("d"))
        seconds[row.predictor] += row.score.seconds
        if row.score.value is not None:
            own.append(row.score.value)
            _keep(best.setdefault(row.predictor, []), (row.score.value, -place, row), BEST)
            continue
        failed[row.predictor] += 1
        if len(failures) < _LISTED:
            failures.append(row)
    entries = [
        {"predictor": name, "scored": len(own), "failed": failed[name], **_middle(own), "seconds": seconds[name]}
        for name, own in scores.items()
    ]
    networks = max((len(own) + failed[name] for name, own in scores.items()), default=0)
    highest = [row for name in scores for *_, row in sorted(best.get(name, []), key=lambda one: one[:2])[::-1]]
    return Overview(networks, pd.DataFrame(entries), tuple(failures), tuple(highest))


def drawn_and_overview(rows: Iterable[ScoreRow], most: int) -> tuple[list[ScoreRow], Overview]:
    """The rows of at most `most` networks, drawn at random, in their order; and the overview of all.

    A network's rows follow each other. Those networks are drawn whose seeds under the run's seed 0 are the lowest,
    so the same ones each time: their seeds are hashes, which depend on nothing that a score depends on.
    """
    kept: list[tuple[int, int, list[ScoreRow]]] = []

    def watched() -> Iterator[ScoreRow]:
        networks = groupby(rows, key=lambda row: (row.architecture.id, row.seed, row.draw))
        for place, ((name, _, draw), group) in enumerate(networks):
            own = list(group)
            _keep(kept, (-network_seed(0, name, draw), place, own), most)
            yield from own

    found = overview(watched())
    return [row for *_, own in sorted(kept, key=lambda one: one[1]) for row in own], found


def _keep(heap: list[E], entry: E, most: int) -> None:
    """Keep an entry if it is among the greatest; no two are equal in what they are ordered by."""
    if len(heap) < most:
        heappush(heap, entry)
    else:
        heappushpop(heap, entry)


def _middle(scores: array[float]) -> dict[str, float]:
    found = np.frombuffer(scores)
    if not len(found):
        return dict.fromkeys(("lowest", "median", "highest"), math.nan)
    return {"lowest": float(found.min()), "median": float(np.median(found)), "highest": float(found.max())}
