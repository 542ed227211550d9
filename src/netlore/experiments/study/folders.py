"""A study's folder: what it consists of, and what would stop a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel

from netlore.data import split
from netlore.errors import InvalidInput, Unwritable
from netlore.experiments.record import command_of, identity, saying_all
from netlore.experiments.study.config import StudyPlan
from netlore.experiments.study.train_config import TrainPart
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.experiments.train_config import Facts, check_same, recorded_training
from netlore.networks.devices import check_device
from netlore.storage.atomic import make_folder
from netlore.storage.documents import RUN, read_document, write_document
from netlore.storage.score_store import FILE_NAME as SCORES
from netlore.storage.score_store import Store
from netlore.training.batches import training_data
from netlore.training.records import RECORD
from netlore.training.trainer import check_installed

STUDY = "study.json"


def _name(name: str) -> str:
    """A part's name, if it can be no other folder's than one in that of the study."""
    if name in ("", ".", "..") or any(sign in name for sign in "/\\\0"):
        raise ValueError("a part's name must be a name, not a path")
    return name


class StudyRecord(BaseModel):
    """What `study.json` says: the report's title, the size's name, and the folders of the parts in order."""

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
    return write_document(folder / STUDY, there.model_dump(mode="json"))


def study_parts(folder: Path) -> tuple[str, list[Path]] | None:
    """The title of a folder's study and the folders of its parts that have begun; None if it is no study's."""
    if not (folder / STUDY).is_file():
        return None
    there = read_document(folder / STUDY, StudyRecord)
    begun = parts_begun(folder, there.parts)
    if not begun:
        raise InvalidInput(f"no part of the study in {folder} has begun; run it again.")
    return there.title, begun


def parts_begun(folder: Path, names: Sequence[str]) -> list[Path]:
    """The folders of those parts that have begun: a training has when its first epoch is recorded."""
    for name in names:
        if (folder / name).is_symlink():  # its files may lie anywhere
            raise InvalidInput(f"part {name} of the study in {folder} is a link; put its folder there instead.")
    return [folder / name for name in names if (folder / name / RUN).is_file() and not _untrained(folder / name)]


def _untrained(folder: Path) -> bool:
    """Whether this is a training without a recorded epoch; what cannot be read is left to those who read it."""
    with suppress(InvalidInput):
        return command_of(folder) == TRAIN and not any(folder.glob(f"*/{RECORD}"))
    return False


def expanded(folders: Sequence[Path]) -> tuple[str | None, list[Path]]:
    """The folders of runs, those of a study's parts in its place, and the title of the first study."""
    title: str | None = None
    found: list[Path] = []
    for folder in folders:
        study = study_parts(folder)
        title = title or (study and study[0])
        found += [folder] if study is None else study[1]
    return title, found


def check(plan: StudyPlan, folder: Path) -> None:
    """Refuse before hours of computing what would stop any part of a study, folders of other ones included.

    Data are read, and downloaded where they must be; images are decoded only to be compared with those that a
    training in the folder has begun with.
    """
    for part in plan.parts:
        task = part.configuration.make_task()
        part.configuration.check(task, part.configuration.make_space(task))
        if (folder / part.name / SCORES).is_file():
            with saying_all(), Store(folder / part.name, None) as store:
                store.check(identity(part.command, part.configuration, task))
    if plan.trainings:
        check_installed()
    for device in dict.fromkeys(part.device for part in plan.trainings):
        check_device(device)
    for images in dict.fromkeys(part.images for part in plan.trainings):
        _check_trainings([one for one in plan.trainings if one.images == images], folder)


def _check_trainings(parts: Sequence[TrainPart], folder: Path) -> None:
    """The same for trainings on the same data."""
    (data, validation, held_out), how = parts[0].images, parts[0].reading.given()
    begun = [(part, folder / part.name) for part in parts if (folder / part.name / RUN).is_file()]
    if not begun:
        split(data, validation, **how)
        return
    facts = Facts.of(training_data(data, validation, held_out=held_out, **how))
    for part, place in begun:
        # What is picked is not known before its refinement is done: it is compared when it is.
        architecture = part.architecture or recorded_training(place).configuration.make_architecture()
        check_same(place, part.configuration(architecture), facts)
