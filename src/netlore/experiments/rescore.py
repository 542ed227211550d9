"""Elites of refinements, scored again under initialisations that none of these has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from netlore.errors import InvalidInput
from netlore.executors import Workers
from netlore.experiments.config import Configuration, RefineConfiguration, ScoreConfiguration, short_name
from netlore.experiments.record import Progress, recorded, silent
from netlore.experiments.score import ScoreRun, score_run
from netlore.space.architecture import Architecture
from netlore.storage.documents import RUN

FOLDER = "again"

_SETTINGS = tuple(name for name in Configuration.model_fields if name not in ("networks", "seed"))


@dataclass(frozen=True)
class Elites:
    """The best architectures of refinements of one predictor on one data set.

    Attributes:
        configuration: That of one of the refinements; all have its predictor and settings.
        last_seed: The highest seed of any of them.
    """

    configuration: RefineConfiguration
    architectures: tuple[Architecture, ...]
    last_seed: int

    def again(self, draws: int) -> ScoreConfiguration:
        """Each elite `draws` times, under a seed that is higher than any replicate's."""
        return ScoreConfiguration(
            **{name: getattr(self.configuration, name) for name in _SETTINGS},
            seed=self.last_seed + 1,
            predictors=(self.configuration.predictor,),
            architectures=tuple(one.to_json() for one in self.architectures for _ in range(draws)),
        )


def rescore(
    elites: Sequence[Elites], draws: int, out: Path, workers: Workers = 1, progress: Progress = silent
) -> list[tuple[Path, ScoreRun]]:
    """Score elites again, or go on with it, each group as a score run of its own.

    Returns:
        The folder, `again/PREDICTOR-DATA` in `out`, and the score run of each.

    Raises:
        InvalidInput: No draw, or a folder holds other scores; then nothing is scored.
    """
    if draws < 1:
        raise InvalidInput(f"again = {draws} is not positive; choose 1 or more, or leave it out.")
    seen: Counter[str] = Counter()
    planned = []
    for one in elites:
        name = f"{short_name(one.configuration.predictor)}-{short_name(one.configuration.data)}"
        seen[name] += 1
        folder = out / FOLDER / (name if seen[name] == 1 else f"{name}-{seen[name]}")
        planned.append((one.again(draws), folder))
    for configuration, folder in planned:
        _check(configuration, folder)
    return [
        (folder, score_run(configuration, folder, workers, partial(progress, f"{FOLDER} {folder.name}")))
        for configuration, folder in planned
    ]


def _check(configuration: ScoreConfiguration, folder: Path) -> None:
    """Refuse a folder with other scores: the difference would fill pages."""
    if not (folder / RUN).is_file():
        return
    there = recorded(folder).configuration
    have = there.architectures if isinstance(there, ScoreConfiguration) else ()
    if have != configuration.architectures:
        raise InvalidInput(
            f"{folder} is for {len(have)} fresh scores, and not for the {len(configuration.architectures)} asked "
            "for: of other architectures, or of each in another number; choose another output folder."
        )
