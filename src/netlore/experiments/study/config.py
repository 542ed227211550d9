"""A study as data: which sample, which refinements by which methods, which trainings, at which size."""

from __future__ import annotations

import tomllib
from collections import Counter
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
    Seed,
    short_name,
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
        budget: Limits of other measures, by name.
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
    budget: dict[str, Limits] | None = None
    data: tuple[str, ...] = Field(default=("cifar10",), min_length=1)
    predictors: tuple[str, ...] = PAPER
    seed: Seed = 0
    data_seed: Seed = 0
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
    def command(self) -> str:
        """The command that does it."""
        return "refine" if isinstance(self.configuration, RefineConfiguration) else "score"

    @property
    def networks(self) -> int:
        """Networks of a sample, or of each round of all replicates."""
        return self.configuration.networks * self.replicates

    @property
    def predictors(self) -> tuple[str, ...]:
        """What it computes."""
        asked = self.configuration
        named = (asked.predictor,) if isinstance(asked, RefineConfiguration) else asked.predictors
        return tuple(one.name for one in resolve(named))


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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
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
    asked = study.predictors if chosen.predictors is None else chosen.predictors
    names = tuple(one.name for one in resolve(asked)) if asked else ()
    if len({short_name(one) for one in data}) != len(data):
        raise InvalidInput(f"data = {list(data)} has one name twice; name each data set once.")
    chosen.check(f"sizes.{size}", names)
    if not (names or chosen.train) or (chosen.sample and not names):
        raise InvalidInput(f"sizes.{size} has no predictors to score by; name some, or only networks to train.")
    parts = [_sample(study, chosen, data[0], names)] if chosen.sample else []
    parts += [
        _refinement(study, chosen, one, name, method)
        for one in data
        for name in names
        for method in chosen.methods_of(name)
    ]
    for name, times in Counter(part.name for part in parts).items():
        if times > 1:  # a data set may be called as a method's folder ends
            raise InvalidInput(f"{times} refinements would lie in the folder {name}; rename a data set's file.")
    refined = {part.name: part.configuration.data for part in parts if part.command == "refine"}
    trainings = planned_trainings(chosen.train, refined, data, study.seed, study.device)
    return StudyPlan(study.title, size, tuple(parts), trainings)


def _sample(study: StudyConfiguration, size: Size, data: str, names: tuple[str, ...]) -> Part:
    # The paper's seven go by the name that `netlore score` gives them, so that either makes the same folder.
    predictors = ("all",) if names == PAPER else names
    values = _shared(study, size, data) | {"networks": size.sample, "predictors": predictors}
    return Part(f"sample-{short_name(data)}", checked(ScoreConfiguration, values))


def _refinement(study: StudyConfiguration, size: Size, data: str, name: str, method: Method) -> Part:
    amount = size.of(name, method)
    values = amount.model_dump(exclude={"replicates"}) | {"predictor": name, "method": method}
    configuration = checked(RefineConfiguration, _shared(study, size, data) | values)
    return Part(folder_of(configuration), configuration, amount.replicates or 1)


def _shared(study: StudyConfiguration, size: Size, data: str) -> dict[str, Any]:
    own = {name: getattr(study, name) for name in Configuration.model_fields if hasattr(study, name)}
    return own | {"data": data, "batch_size": size.batch_size}
