"""The elites of a group of refinements, scored again under initialisations that none of them has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from netlore.cli.console import Reporter
from netlore.errors import InvalidInput
from netlore.experiments.config import Configuration, ScoreConfiguration, recorded
from netlore.experiments.score import ScoreRun, score_run
from netlore.report.compare.group import MethodGroup
from netlore.report.compare.method_runs import FreshRun
from netlore.report.names import unique
from netlore.storage.documents import RUN

FOLDER = "again"

_SETTINGS = tuple(name for name in Configuration.model_fields if name not in ("networks", "seed"))


def score_again(
    groups: Sequence[MethodGroup], draws: int, out: Path, workers: int = 1, told: Reporter | None = None
) -> tuple[list[MethodGroup], list[ScoreRun]]:
    """Score the elites of groups, or go on with it, each group as a score run of its own.

    Args:
        groups: Of none of them fresh scores are named.
        draws: How often each elite is initialised and scored, 1 or more.
        out: Holds the folders of the score runs, `again/PREDICTOR-DATA`.
        workers: Processes; results do not depend on it.
        told: Told how many networks of which group are scored.

    Returns:
        The groups with their fresh scores, and the score runs.

    Raises:
        InvalidInput: No draw, a group has fresh scores, or a folder holds others; then nothing is scored.
    """
    if draws < 1:
        raise InvalidInput(f"again = {draws} is not positive; choose 1 or more, or leave it out.")
    names = unique(f"{one.first.predictor}-{Path(one.first.data).stem}" for one in groups)
    planned = [
        (one, _configuration(one, draws), out / FOLDER / name) for one, name in zip(groups, names, strict=True)
    ]
    for group, configuration, folder in planned:
        _check(group, configuration, folder)
    joined, runs = [], []
    for group, configuration, folder in planned:
        progress = None if told is None else partial(told, f"{FOLDER} {folder.name}")
        runs.append(score_run(configuration, folder, workers, progress))
        joined.append(replace(group, fresh=FreshRun(folder, configuration, recorded(folder))))
    return joined, runs


def _configuration(group: MethodGroup, draws: int) -> ScoreConfiguration:
    """Each elite so many times, under a seed that is higher than any replicate's."""
    settings = {name: getattr(group.first, name) for name in _SETTINGS}
    return ScoreConfiguration(
        **settings,
        seed=max(seed for run in group.runs for seed in run.seeds) + 1,
        predictors=(group.first.predictor,),
        architectures=tuple(one.to_json() for one in group.elites.values() for _ in range(draws)),
    )


def _check(group: MethodGroup, configuration: ScoreConfiguration, folder: Path) -> None:
    """Refuse a group with fresh scores, and a folder with those of others: the difference would fill pages."""
    if group.fresh is not None:
        raise InvalidInput(
            f"{group.fresh.folder} holds fresh scores of {group.title} already; leave it out, or --again."
        )
    if not (folder / RUN).is_file():
        return
    there = recorded(folder).configuration
    have = there.architectures if isinstance(there, ScoreConfiguration) else ()
    if have != configuration.architectures:
        raise InvalidInput(
            f"{folder} is for {len(have)} fresh scores, and not for the {len(configuration.architectures)} asked "
            "for: of other architectures, or of each in another number; choose another output folder."
        )
