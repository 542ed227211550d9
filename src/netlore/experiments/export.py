"""`netlore export`: a folder's scores, or what it trained, as files that other tools read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.experiments.overview import Overview, drawn_and_overview
from netlore.experiments.record import ScoreRecord, ValidateRecord, command_of, recorded
from netlore.experiments.refine import stored_refinements, with_records
from netlore.experiments.reliability_config import COMMAND as RELIABILITY
from netlore.experiments.reliability_config import conditions_of
from netlore.experiments.study.folders import STUDY, expanded
from netlore.experiments.trackers import Scored, write_events, write_studies
from netlore.experiments.train import RESULT, folder_of, stored_training
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.export import FORMATS, TrainedNetwork
from netlore.reading import read_file
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.design_space import DesignSpace
from netlore.storage.archive import archive, opened
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.documents import RUN, to_json, write_document
from netlore.storage.score_table import ScoreRow, ScoreTable
from netlore.storage.spreadsheets import csv_text
from netlore.training.checkpoints import CHECKPOINT, weights_of
from netlore.training.records import RECORD

MOST_DRAWN = 20_000
"""Networks of a run that analyses and figures are of; more of them are drawn from."""

FORMS = ("csv", "parquet", "archive")
"""Forms of the scores of a run, and of the epochs of a training."""

TRACKERS = ("optuna", "tensorboard")
"""Forms of the scores of a run, and of the rounds of a refinement, for programs that track experiments."""

NETWORK_FORMS = tuple(FORMATS)
"""Forms in which a trained network works without netlore."""


def stored_table(folder: Path) -> ScoreTable:
    """Every score of a run's folder; one without scores is refused."""
    with opened(folder) as reader:
        return _table(folder, list(reader.rows()))


def drawn_table(folder: Path, most: int = MOST_DRAWN) -> tuple[ScoreTable, Overview]:
    """Every score of at most `most` networks of a run's folder, drawn at random, and the overview of all.

    The folder is read once, from its beginning to its end; memory holds the scores of the networks that are drawn,
    and 8 bytes of every other score.
    """
    with opened(folder) as reader:
        rows, found = drawn_and_overview(reader.rows(), most)
    return _table(folder, rows), found


def _table(folder: Path, rows: Sequence[ScoreRow]) -> ScoreTable:
    there = recorded(folder)
    if not rows:
        raise InvalidInput(f"{folder} holds no scores yet; run its {there.command} command first.")
    if isinstance(there, ValidateRecord):
        return ScoreTable(rows, there.num_classes, there.resolution, there.channels)
    space = stored_space(folder)
    return ScoreTable(rows, space.num_classes, space.resolution, space.channels, tuple(space.budget.limits()))


def stored_space(folder: Path) -> DesignSpace:
    """The design space that a run's folder began with, as it is recorded; see `ScoreRecord.make_space`."""
    there = recorded(folder)
    if isinstance(there, ValidateRecord):
        raise InvalidInput(
            f"{folder} holds a validation, which has a page of its own; name it alone, to netlore report."
        )
    return there.make_space() if isinstance(there, ScoreRecord) else stored_refinements(folder)[1][0].space


@validated
def export_run(folder: Path, form: str, out: Path | None = None, seed: int | None = None) -> list[Path]:
    """Write the scores of a run, or of every part of a study, as files that other tools read; the files written.

    As `csv` and `parquet`, `scores` has a row per network and predictor, `networks` one per network, and `origins`
    one per origin, which is what computed scores; of a training, `epochs` has a row per seed and epoch. An
    `archive` is small and keeps everything that reports and analyses can be made of. `optuna` and `tensorboard`
    are for those programs: see `netlore.experiments.trackers`. The other forms are a trained network's, by default
    the first seed's: see `netlore.export`. A form that does not exist or is not of this kind of run is refused.
    """
    if form == "torchscript":
        raise InvalidInput("format torchscript is gone, as torch deprecates it; choose onnx or python.")
    known = (*FORMS, *TRACKERS, *NETWORK_FORMS)
    if form not in known:
        raise InvalidInput(f"format {form!r} is not known; choose one of {', '.join(known)}.")
    target = out or folder
    if form in NETWORK_FORMS:
        _check_trained(folder, form)
        return FORMATS[form](trained_network(folder, seed), make_folder(target))
    _, parts = expanded([folder])
    if parts == [folder] and command_of(folder) == RELIABILITY:
        parts = [*conditions_of(folder).values()]
    written = []
    for part in parts:
        write = _tracked if form in TRACKERS else _training if command_of(part) == TRAIN else _scores
        written += write(part, form, target if part == folder else target / part.relative_to(folder))
    if form == "archive" and out is not None and parts != [folder]:
        about = STUDY if (folder / STUDY).is_file() else RUN
        written.append(write_whole(target / about, read_file(folder / about)))
    return written


def _check_trained(folder: Path, form: str) -> None:
    """Refuse to look for a trained network where there is none."""
    if (folder / STUDY).is_file():
        raise InvalidInput(f"{folder} holds a study; name the folder of one of its trainings for format {form}.")
    command = command_of(folder)
    if command != TRAIN:
        remedy = (
            f"train its network first, by netlore train {folder}" if command == "refine" else "name a training"
        )
        raise InvalidInput(f"format {form} is for trained networks, but {folder} holds a {command} run; {remedy}.")


def _scores(folder: Path, form: str, target: Path) -> list[Path]:
    """Write the scores of a run in a form."""
    recorded(folder)
    if form == "archive":
        return archive_run(folder, target)
    table = stored_table(folder)
    make_folder(target)
    frames = {"scores": table.frame, "networks": table.wide, "origins": table.origins}
    return [_written(frame, target / f"{name}.{form}") for name, frame in frames.items()]


def _tracked(folder: Path, form: str, target: Path) -> list[Path]:
    """Write the scores of a run as studies of Optuna, a refinement's rounds as events of TensorBoard."""
    command = command_of(folder)
    if command == "refine":
        configuration, found = stored_refinements(folder)
        if form == "tensorboard":
            with with_records(folder) as reader:
                scales = {name: TRANSFORMS.get(one.transform) for name, one in reader.predictors().items()}
            return [write_events(one, scales[one.predictor], target) for one in found]
        studies = [
            Scored(
                name=f"{one.predictor}, {configuration.method}, seed {one.seed}",
                space=one.space,
                predictor=one.predictor,
                tables=[entry.table for entry in one.rounds],
            )
            for one in found
        ]
    elif command == "score" and form == "optuna":
        table, space = stored_table(folder), stored_space(folder)
        studies = [
            Scored(name, space, name, [table]) for name in dict.fromkeys(row.predictor for row in table.rows)
        ]
    else:
        raise InvalidInput(f"format {form} is not for a {command} run, which {folder} holds; choose csv.")
    return [write_studies(studies, target)]


def archive_run(folder: Path, target: Path) -> list[Path]:
    """Write the scores and records of a run, and what was asked of it, into another folder; the files written."""
    with with_records(folder) as reader:
        files = [archive(reader, target)]
    return [*files, *_copied_run(folder, target)]


def _training(folder: Path, form: str, target: Path) -> list[Path]:
    """Write the epochs of a training in a form; as an archive, everything but checkpoints and logs."""
    run = stored_training(folder)
    make_folder(target)
    if form != "archive":
        rows = [{"seed": record.seed, **epoch.model_dump()} for record in run.records for epoch in record.epochs]
        return [_written(pd.DataFrame(rows), target / f"epochs.{form}")]
    files = [*_copied_run(folder, target), write_document(target / RESULT, run.result())]
    for record in run.records:
        place = make_folder(folder_of(target, record.seed)) / RECORD
        files.append(write_whole(place, to_json(record.document()).encode()))
    return files


def _copied_run(folder: Path, target: Path) -> list[Path]:
    if (folder / RUN).resolve() == (target / RUN).resolve():
        return []
    copied = [folder / RUN, *sorted(folder.glob("device-table-*.json"))]
    return [write_whole(target / path.name, read_file(path)) for path in copied]


def _written(frame: pd.DataFrame, path: Path) -> Path:
    is_csv = path.suffix == ".csv"
    return write_whole(path, csv_text(frame).encode() if is_csv else frame.to_parquet(index=False))


def trained_network(folder: Path, seed: int | None = None) -> TrainedNetwork:
    """The network of a training's folder, as it is after the last epoch that is complete.

    By a recipe that averages weights it is the averaged one, by one that stops early that of the best epoch.
    """
    run = stored_training(folder)
    known = {record.seed: record for record in run.records}
    if seed is not None and seed not in known:
        raise InvalidInput(f"{folder} has no seed {seed}; choose one of {', '.join(map(str, known))}.")
    record = run.records[0] if seed is None else known[seed]
    checkpoint = folder_of(folder, record.seed) / CHECKPOINT
    if not checkpoint.is_file():
        raise InvalidInput(f"{checkpoint} is missing, as in archives; export from the folder that was trained in.")
    configuration = run.configuration
    return TrainedNetwork(
        architecture=configuration.make_architecture(),
        weights={name: value.float().contiguous() for name, value in weights_of(checkpoint).items()},
        class_names=run.facts.class_names,
        resolution=run.facts.resolution,
        mean=run.facts.mean,
        std=run.facts.std,
        facts={
            "name": configuration.name,
            "data": configuration.data,
            "recipe": configuration.recipe_in_words,
            "epochs": f"{record.kept.epoch} of {record.planned}",
            "seed": str(record.seed),
            "error": f"{record.error:.2f} % of {run.facts.validation_images:,} validation images",
        },
    )
