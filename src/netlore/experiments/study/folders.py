"""A study's folder: what it consists of, how far it is, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel

from netlore.errors import InvalidInput, Unwritable
from netlore.experiments.config import (
    RefineConfiguration,
    ScoreConfiguration,
    command_of,
    identity,
    saying_all,
)
from netlore.experiments.estimate import quartiles, seconds_of
from netlore.experiments.refine import RESULT
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.estimate_training import check_trainings
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.refinement.methods import METHODS
from netlore.scoring.cost import usable_cores
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import numbered
from netlore.scoring.settings import Settings
from netlore.space.sampling import sample
from netlore.storage.atomic import make_folder
from netlore.storage.documents import RUN, read_document, write_document
from netlore.storage.score_store import FILE_NAME as SCORES
from netlore.storage.score_store import Store
from netlore.training.records import RECORD

FILE_NAME = "study.json"


@dataclass(frozen=True)
class Forecast:
    """What is left of a part.

    Attributes:
        part: What it is.
        predictors: What it computes.
        networks: Networks to score in all; for a refinement those of as many rounds as its method usually has, or
            of the limit of rounds, if that is lower.
        scored: Those that its folder holds.
        finished: Nothing is left to do.
        seconds: Estimated time for the rest; networks of later rounds may be larger than those it was measured on.
    """

    part: Part
    predictors: tuple[str, ...]
    networks: int
    scored: int
    finished: bool
    seconds: float

    def document(self) -> dict[str, Any]:
        """The forecast as JSON-able values."""
        return {
            "part": self.part.name,
            "networks": self.networks,
            "scored": self.scored,
            "finished": self.finished,
            "seconds": self.seconds,
        }


def check(plan: StudyPlan, folder: Path) -> None:
    """Find out before hours of computing what would stop any part of a study.

    Raises:
        InvalidInput: A part cannot be done, or its folder holds scores or a training of another configuration.
    """
    for part in plan.parts:
        configuration = part.configuration
        task = configuration.make_task()
        configuration.check(task, configuration.make_space(task))
        if (folder / part.name / SCORES).is_file():
            with saying_all(), Store(folder / part.name, None) as store:
                store.check(identity(_command(part), configuration, task))
    check_trainings(plan.trainings, folder)


def forecast(
    plan: StudyPlan, folder: Path, workers: int = 1, progress: Callable[[str, int, int], None] | None = None
) -> list[Forecast]:
    """How far every part that scores is, and how long the rest takes, by three networks of the initial space each.

    Args:
        plan: The study.
        folder: Its folder, which may not exist yet; nothing is written.
        workers: Processes that would be used.
        progress: Told (part, networks measured, networks to measure).
    """
    at_once = max(1, min(workers, usable_cores()))
    measured: dict[tuple[str, tuple[str, ...]], float] = {}
    found = []
    for part in plan.parts:
        scored, finished = _state(part, folder / part.name)
        networks = max(_networks(part), scored)
        names = _predictors(part)
        key = (part.configuration.data, names)
        if not finished and key not in measured:
            told = None if progress is None else _labelled(progress, f"measuring {', '.join(names)}")
            measured[key] = _seconds_a_network(part, told)
        rest = 0.0 if finished else (networks - scored) * measured[key] / at_once
        found.append(Forecast(part, names, scored if finished else networks, scored, finished, rest))
    return found


def _labelled(progress: Callable[[str, int, int], None], label: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(label, done, total)


def _seconds_a_network(part: Part, progress: Callable[[int, int], None] | None) -> float:
    configuration = part.configuration
    task = configuration.make_task()
    settings = Settings(
        task, resolve(_predictors(part)), configuration.seed, configuration.dtype, configuration.device
    )
    drawn = sample(configuration.make_space(task), min(60, configuration.networks), configuration.seed)
    chosen = quartiles(numbered(drawn), task)
    return seconds_of(chosen, settings, progress) / len(chosen)


def _predictors(part: Part) -> tuple[str, ...]:
    configuration = part.configuration
    if isinstance(configuration, RefineConfiguration):
        return (configuration.predictor,)
    return tuple(one.name for one in resolve(configuration.predictors))


def _networks(part: Part) -> int:
    """Networks that a part scores, as far as that is known beforehand."""
    configuration = part.configuration
    if isinstance(configuration, RefineConfiguration):
        limit = configuration.round_limit
        return part.networks * min(METHODS.get(configuration.method).rounds or limit, limit)
    return part.networks


def _state(part: Part, folder: Path) -> tuple[int, bool]:
    """Networks whose scores a part's folder holds, and whether the part is finished."""
    if not (folder / SCORES).is_file():
        return 0, False
    with Store(folder, None) as store:
        scored = store.count() // len(_predictors(part))
    if isinstance(part.configuration, ScoreConfiguration):
        return scored, scored >= part.networks
    return scored, _refined_so_often(folder, part.configuration.round_limit) >= part.replicates


class _Ended(BaseModel):
    """Why a refinement is over, and after how many rounds."""

    rounds: int
    stopped_because: str


class _Result(_Ended):
    """What `refinement.json` says of that."""

    replicates: tuple[_Ended, ...] | None = None


def _refined_so_often(folder: Path, round_limit: int) -> int:
    """Refinements of a folder that would not go on under this limit of rounds."""
    try:
        found = read_document(folder / RESULT, _Result)
    except InvalidInput:  # a result is written again
        return 0
    return sum(
        one.stopped_because not in ("unfinished", "round limit") or one.rounds >= round_limit
        for one in found.replicates or (found,)
    )


def _name(name: str) -> str:
    """A part's name, if it can be no other folder's than one in that of the study."""
    if name in ("", ".", "..") or any(sign in name for sign in "/\\\0"):
        raise ValueError("a part's name must be a name, not a path")
    return name


class StudyRecord(BaseModel):
    """What `study.json` says.

    Attributes:
        title: The report's.
        size: The size's name.
        parts: Names of the folders of its parts, in order.
    """

    title: str
    size: str = ""
    parts: tuple[Annotated[str, AfterValidator(_name)], ...]


def record_study(plan: StudyPlan, folder: Path) -> Path:
    """Write `study.json`: title, size, and the folders of the parts in order."""
    try:
        make_folder(folder)
    except Unwritable as error:
        raise InvalidInput(str(error)) from None
    there = StudyRecord(title=plan.title, size=plan.size, parts=plan.names)
    return write_document(folder / FILE_NAME, there.model_dump(mode="json"))


def study_parts(folder: Path) -> tuple[str, list[Path]] | None:
    """The title of the study in a folder and the folders of its parts that have begun; None if it is no study's.

    Raises:
        InvalidInput: The study's record cannot be read, or none of its parts has begun.
    """
    record = folder / FILE_NAME
    if not record.is_file():
        return None
    there = read_document(record, StudyRecord)
    begun = parts_begun(folder, there.parts)
    if not begun:
        raise InvalidInput(f"no part of the study in {folder} has begun; run it again.")
    return there.title, begun


def parts_begun(folder: Path, names: Sequence[str]) -> list[Path]:
    """The folders of those parts that have begun: a training has when its first epoch is recorded.

    Raises:
        InvalidInput: A part is a link, so that its files may lie anywhere.
    """
    for name in names:
        if (folder / name).is_symlink():
            raise InvalidInput(f"part {name} of the study in {folder} is a link; put its folder there instead.")
    return [folder / name for name in names if (folder / name / RUN).is_file() and not _untrained(folder / name)]


def _untrained(folder: Path) -> bool:
    """Whether this is a training without a recorded epoch; what cannot be read is left to those who read it."""
    try:
        return command_of(folder) == TRAIN and not any(folder.glob(f"*/{RECORD}"))
    except InvalidInput:
        return False


def _command(part: Part) -> str:
    return "refine" if isinstance(part.configuration, RefineConfiguration) else "score"


def expanded(folders: Sequence[Path]) -> tuple[str | None, list[Path]]:
    """The folders of runs, those of a study's parts in its place, and the title of the first study."""
    title: str | None = None
    found: list[Path] = []
    for folder in folders:
        study = study_parts(folder)
        if study is None:
            found.append(folder)
        else:
            title = title or study[0]
            found += study[1]
    return title, found
