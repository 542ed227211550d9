"""From the folders of runs to everything that pages, figures and tables show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from netlore.analysis.elite_scores import elite_course
from netlore.analysis.interval_overlap import Agreement, agreement, stability
from netlore.analysis.replicate_comparison import repeatability
from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration
from netlore.experiments.export import drawn_table, stored_space
from netlore.experiments.record import RunRecord, command_of, recorded
from netlore.experiments.refine import stored_refinements
from netlore.experiments.select import RESULT as PICK
from netlore.experiments.select import stored_pick
from netlore.experiments.train_config import COMMAND as TRAIN
from netlore.experiments.train_config import recorded_training
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.members import member_intervals
from netlore.report.regimes import by_regime
from netlore.report.sample_data import SampleData
from netlore.report.sampled import Records, part_note, sample_data, transform_of
from netlore.report.trainings import find_trainings
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.architecture import Architecture
from netlore.storage.archive import opened


def find(folders: Sequence[Path], title: str) -> StudyData:
    """What the runs in these folders found; nothing is scored.

    Folders are of `netlore score`, `netlore refine` and `netlore train`, in the order in which they are shown.

    Raises:
        InvalidInput: A folder is not a run's, holds nothing complete, or is about the same thing as another.
    """
    samples: list[SampleData] = []
    refinements: list[RefinementData] = []
    architectures: dict[str, Architecture] = {}
    classes: dict[str, tuple[int, int]] = {}
    notes: dict[str, None] = {}
    trainings = [folder for folder in folders if command_of(folder) == TRAIN]
    made = [*chain.from_iterable(made_with(recorded_training(folder)).items() for folder in trainings)]
    for folder in (folder for folder in folders if folder not in trainings):
        document = recorded(folder)
        configuration = document.configuration
        with opened(folder) as reader:
            records = reader.predictors()
        notes |= dict.fromkeys(_unknown_scales(records))
        if isinstance(configuration, RefineConfiguration):
            _, found = stored_refinements(folder)
            repeated = _repeated(refinement_data(configuration, found, document.replicates, records))
            known = records.get(found[0].predictor)
            of_members = member_intervals(folder, found, known.members if known else ())
            refinements.append(replace(repeated, members=of_members, picked=_picked(folder)))
            space, tables = found[0].space, [entry.table for one in found for entry in one.rounds]
        else:
            assert isinstance(configuration, ScoreConfiguration)
            table, whole = drawn_table(folder)
            space, tables = stored_space(folder), [table]
            samples.append(sample_data(configuration, table, whole, space, records))
            notes |= dict.fromkeys(part_note(samples[-1]))
        architectures |= {row.architecture.id: row.architecture for table in tables for row in table.rows}
        classes[configuration.data] = (space.num_classes, space.resolution)
        made += made_with(document).items()
    refinements, samples = by_regime(refinements, samples)
    classes |= {one.data: classes[one.configuration.data] for one in refinements}
    classes |= {one.data: classes[one.source or one.data] for one in samples}
    data = list(dict.fromkeys(one.data for one in refinements))
    ordered = tuple(sorted(refinements, key=lambda one: data.index(one.data)))
    return StudyData(
        title=title,
        samples=tuple(samples),
        refinements=ordered,
        agreement={name: common for name in data if (common := _agreement(ordered, name)) is not None},
        architectures=architectures,
        classes=classes,
        made=made_together(made),
        trainings=find_trainings(trainings),
        notes=tuple(notes),
    )


def _picked(folder: Path) -> Architecture | None:
    """The network that was picked from a folder's refinement, if one was."""
    found = stored_pick(folder) if (folder / PICK).is_file() else None
    return None if found is None else found.pick.architecture


def _unknown_scales(records: Records) -> Iterator[str]:
    """Say of which predictors neither the definition nor the transform is installed."""
    for name, record in records.items():
        if name not in PREDICTORS and record.transform not in TRANSFORMS:
            yield (
                f"The transform {record.transform} of {name} (to {record.label}) is not installed here, so its "
                "raw scores are shown; install the package that adds it."
            )


def made_with(document: RunRecord) -> dict[str, str]:
    """The machine and the versions that a run records, by what each is of."""
    return {**document.machine, **document.versions}


def made_together(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Such facts on several runs, each of a kind once: where runs differ, all values side by side."""
    found: dict[str, dict[str, None]] = {}
    for what, value in facts:
        found.setdefault(what, {})[value] = None
    return tuple((what, "; ".join(values)) for what, values in found.items())


def refinement_data(
    configuration: RefineConfiguration,
    found: Sequence[Refinement],
    asked: int,
    records: Records = MappingProxyType({}),
) -> RefinementData:
    """Replicates of a refinement, and what repeats over them."""
    stable = None
    if len(found) > 1:
        stable = stability([one.rounds[-1].estimates for one in found], found[0].space.grids)
    return RefinementData(configuration, tuple(found), transform_of(found[0].predictor, records), asked, stable)


def _repeated(found: RefinementData) -> RefinementData:
    """The same with how far its replicates repeat, if there are several and each has a score."""
    if len(found.refinements) < 2:
        return found
    scores, architectures = zip(*((one.scores, one.architectures) for one in found.replicates), strict=True)
    try:
        compared = repeatability(scores, architectures)
    except InvalidInput as error:
        return replace(found, missing={"repeatability": str(error)})
    return replace(found, repeatability=compared, courses=tuple(map(elite_course, scores, architectures)))


def _agreement(refinements: Sequence[RefinementData], data: str) -> Agreement | None:
    """Between the principles of a data set's predictors, of each its first replicate's."""
    found = [one for one in refinements if one.data == data]
    if len(found) < 2 or any(one.grids != found[0].grids for one in found):
        return None
    return agreement({one.predictor: one.first.principles for one in found}, found[0].grids)
