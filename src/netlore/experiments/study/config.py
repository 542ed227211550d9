"""A study as data: which sample, which refinements by which methods, which trainings, at which size."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from netlore.errors import InvalidInput, UnknownName
from netlore.experiments.config import (
    PAPER_FLOPS,
    Configuration,
    Limits,
    Method,
    RefineConfiguration,
    ScoreConfiguration,
)
from netlore.experiments.refine import folder_of
from netlore.experiments.study.sizes import Size
from netlore.experiments.study.train_config import TrainPart, planned_trainings
from netlore.scoring.predictor import PAPER, resolve
from netlore.storage.documents import checked


class StudyConfiguration(BaseModel):
    """A study: one design space, sampled once, and refined for every predictor on every data set.

    Attributes:
        title: The report's title.
        space: Design space, by name.
        flops: Budget in multiply-adds; None: no limit.
        params: Budget in parameters; None: no limit.
        activations: Budget in activations; None: no limit.
        data: Data sets, by name or path; the sample is scored on the first.
        predictors: Predictors to compare; none for a study that only trains.
        seed: Decides architectures and initial weights.
        data_seed: Decides which images.
        dtype: Precision.
        device: A torch device.
        sizes: How much to compute, by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = "Hidden design principles"
    space: str = "anynet"
    flops: Limits | None = PAPER_FLOPS
    params: Limits | None = None
    activations: Limits | None = None
    data: tuple[str, ...] = Field(default=("cifar10",), min_length=1)
    predictors: tuple[str, ...] = PAPER
    seed: int = Field(default=0, ge=0)
    data_seed: int = Field(default=0, ge=0)
    dtype: Literal["float32", "float64"] = "float32"
    device: str = "cpu"
    sizes: dict[str, Size] = Field(min_length=1)


@dataclass(frozen=True)
class Part:
    """One command of a study.

    Attributes:
        name: Its folder's name.
        configuration: What to sample, or to refine.
        replicates: How many times over, with seeds that count up.
    """

    name: str
    configuration: ScoreConfiguration | RefineConfiguration
    replicates: int = 1

    @property
    def networks(self) -> int:
        """Networks of a sample, or of each round of all replicates."""
        return self.configuration.networks * self.replicates


@dataclass(frozen=True)
class StudyPlan:
    """What a study of one size does; each of its parts is a run of its own in a folder of its own.

    Attributes:
        title: The report's title.
        size: The size's name.
        parts: What is scored, in order.
        trainings: What is trained after that, in order.
    """

    title: str
    size: str
    parts: tuple[Part, ...]
    trainings: tuple[TrainPart, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The folders of all parts, in order."""
        return (*(part.name for part in self.parts), *(part.name for part in self.trainings))


def read_study(path: Path) -> StudyConfiguration:
    """A study from a TOML file.

    Raises:
        InvalidInput: There is no such file, it is not TOML, or a value or key in it is not allowed.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"study {path} cannot be read ({error.strerror}); name a .toml file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"study {path} is not TOML ({error}); correct it.") from None
    return checked(StudyConfiguration, values)


def planned(study: StudyConfiguration, size: str) -> StudyPlan:
    """The parts of a study at a size.

    Raises:
        UnknownName: No such size or predictor.
        InvalidInput: A data set, predictor or method stands there twice, an exception is made for what the size
            does not have, a training cannot be done, or there is nothing to do.
    """
    if size not in study.sizes:
        raise UnknownName("size", size, list(study.sizes))
    chosen = study.sizes[size]
    data = chosen.data or study.data
    names = _predictors(study, chosen)
    folders = [_folder(one) for one in data]
    if len(set(folders)) != len(folders):
        raise InvalidInput(f"data = {list(data)} has one name twice; name each data set once.")
    _check_exceptions(f"sizes.{size}", chosen, names)
    if not (names or chosen.train) or (chosen.sample and not names):
        raise InvalidInput(f"sizes.{size} has no predictors to score by; name some, or only networks to train.")
    sample = [_sample(study, chosen, data[0], names)] if chosen.sample else []
    refinements = [
        _refinement(study, chosen, one, name, method)
        for one in data
        for name in names
        for method in chosen.methods_of(name)
    ]
    _check_folders([part.name for part in refinements])
    refined = {part.name: part.configuration.data for part in refinements}
    trainings = planned_trainings(chosen.train, refined, data, study.seed, study.device)
    return StudyPlan(study.title, size, (*sample, *refinements), trainings)


def _check_exceptions(where: str, size: Size, names: tuple[str, ...]) -> None:
    """Refuse methods that stand there twice, and exceptions for what is not there."""
    used = tuple(dict.fromkeys(method for name in names for method in size.methods_of(name)))
    _check_methods(where, size.methods, size.method, used)
    for name, special in size.refine.items():
        if name not in names:
            raise InvalidInput(
                f"{where}.refine.{name} is about no predictor of this size; choose from "
                f"{', '.join(names) or 'none'}."
            )
        _check_methods(f"{where}.refine.{name}", special.methods or (), special.method, size.methods_of(name))


def _check_methods(
    where: str, methods: Sequence[Method], exceptions: Iterable[Method], used: Sequence[Method]
) -> None:
    if len(set(methods)) != len(methods):
        raise InvalidInput(f"{where}.methods = {list(methods)} has one name twice; name each method once.")
    for method in exceptions:
        if method not in used:
            raise InvalidInput(
                f"{where}.method.{method} is about no method that is used; choose from "
                f"{', '.join(used) or 'none'}."
            )


def _check_folders(names: Sequence[str]) -> None:
    """Refuse refinements that would lie in one folder: a data set may be called as a method's folder ends."""
    for name, times in Counter(names).items():
        if times > 1:
            raise InvalidInput(f"{times} refinements would lie in the folder {name}; rename a data set's file.")


def _predictors(study: StudyConfiguration, size: Size) -> tuple[str, ...]:
    asked = study.predictors if size.predictors is None else size.predictors
    return tuple(one.name for one in resolve(asked)) if asked else ()


def _sample(study: StudyConfiguration, size: Size, data: str, names: tuple[str, ...]) -> Part:
    # The paper's seven go by the name that `netlore score` gives them, so that either makes the same folder.
    predictors = ("all",) if names == PAPER else names
    values = _shared(study, size, data) | {"networks": size.sample, "predictors": predictors}
    return Part(f"sample-{_folder(data)}", checked(ScoreConfiguration, values))


def _refinement(study: StudyConfiguration, size: Size, data: str, name: str, method: Method) -> Part:
    amount = size.of(name, method)
    values = _shared(study, size, data) | {
        "networks": amount.networks,
        "predictor": name,
        "method": method,
        "round_limit": amount.round_limit,
    }
    configuration = checked(RefineConfiguration, values)
    return Part(folder_of(configuration), configuration, amount.replicates or 1)


def _shared(study: StudyConfiguration, size: Size, data: str) -> dict[str, Any]:
    own = {name: getattr(study, name) for name in Configuration.model_fields if hasattr(study, name)}
    return own | {"data": data, "batch_size": size.batch_size}


def _folder(data: str) -> str:
    """A data set's name as part of a folder's: `torchvision/cifar10` and `images/cifar10.parquet` are cifar10."""
    return Path(data).stem
