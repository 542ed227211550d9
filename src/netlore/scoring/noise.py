"""How much of a score is noise, as it was measured once: what commands print beside scores, and what it is of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

NOISE = files("netlore.scoring") / "bundled" / "noise.json"
"""Made by `python -m paper.reliability docs/reliability-of-scores.md results`."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KnownNoise(_Record):
    """The share of noise of one predictor's scores among networks of one family.

    Attributes:
        share: Of the variance of ranks, what initial weights and batches make; see `netlore.scoring.reliability`.
        low, high: Ends of its 95 % interval; None: undefined.
        networks: How many it was measured on.
    """

    share: float
    low: float | None
    high: float | None
    networks: int


class NoiseOfFamily(_Record):
    """What was measured on networks of one family.

    Attributes:
        about: Which networks, and under which conditions, in words.
        predictors: The shares by predictor.
    """

    about: str = "not measured on networks of this kind; `netlore reliability` measures it"
    predictors: Mapping[str, KnownNoise] = {}


class _Measured(_Record):
    families: Mapping[str, NoiseOfFamily]


def known_noise(family: str) -> NoiseOfFamily:
    """What is known of networks of a family; of others than were measured, of no predictor anything.

    >>> known_noise("vgg").predictors
    {}
    """
    return _measured().families.get(family, NoiseOfFamily())


def noise_document(families: Mapping[str, NoiseOfFamily]) -> str:
    """The text of the file."""
    return f"{_Measured(families=families).model_dump_json(indent=1)}\n"


@cache
def _measured() -> _Measured:
    return _Measured.model_validate_json(NOISE.read_text(encoding="utf-8"))
