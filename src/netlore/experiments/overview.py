"""What can be said in a few lines of the scores of a run, however many there are."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from netlore.storage.score_table import ScoreRow

_LISTED = 10  # missing scores that are shown; the rest is only counted


@dataclass(frozen=True, eq=False)
class Overview:
    """Scores by predictor, counted and ordered.

    Attributes:
        networks: Networks, each initialisation of an architecture counted.
        summary: A row per predictor: scored, failed, and lowest, median and highest raw score, and the seconds.
        failures: The first rows without a score.
    """

    networks: int
    summary: pd.DataFrame
    failures: tuple[ScoreRow, ...]

    @property
    def failed(self) -> int:
        """Scores that are missing."""
        return int(self.summary["failed"].sum())


def overview(rows: Iterable[ScoreRow]) -> Overview:
    """Read rows once, and hold 8 bytes of each score, for exact medians."""
    scores: dict[str, array[float]] = {}
    failed, seconds = Counter[str](), defaultdict[str, float](float)
    failures: list[ScoreRow] = []
    for row in rows:
        own = scores.setdefault(row.predictor, array("d"))
        seconds[row.predictor] += row.score.seconds
        if row.score.value is not None:
            own.append(row.score.value)
            continue
        failed[row.predictor] += 1
        if len(failures) < _LISTED:
            failures.append(row)
    entries = [
        {"predictor": name, "scored": len(own), "failed": failed[name], **_middle(own), "seconds": seconds[name]}
        for name, own in scores.items()
    ]
    networks = max((len(own) + failed[name] for name, own in scores.items()), default=0)
    return Overview(networks, pd.DataFrame(entries), tuple(failures))


def _middle(scores: array[float]) -> dict[str, float]:
    found = np.frombuffer(scores)
    if not len(found):
        return dict.fromkeys(("lowest", "median", "highest"), math.nan)
    return {"lowest": float(found.min()), "median": float(np.median(found)), "highest": float(found.max())}
