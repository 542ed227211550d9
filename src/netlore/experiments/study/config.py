"""A study as data: which sample, which refinements by which methods, which trainings, at which size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from netlore.arguments import validated
from netlore.errors import InvalidInput, UnknownName
from netlore.experiments.config import (
    PAPER_FLOPS,
    Configuration,
    Kept,
    Limits,
    Method,
    Networks,
    RefineConfiguration,
    Replicates,
    ScoreConfiguration,
    Seed,
    short_name,
)
from netlore.experiments.reading_config import ReadingConfiguration
from netlore.experiments.refine import folder_of
from netlore.experiments.study.regimes import LIMITS, Regime, RegimeName, budgets
from netlore.experiments.study.train_config import TrainPart, TrainTable, planned_trainings, several
from netlore.refinement.methods import METHODS
from netlore.scoring.predictor import PAPER, resolve
from netlore.storage.documents import checked, read_toml


class Amount(BaseModel):
    """How long to refine: networks in each round, seeds that count up, and the limit of rounds; None: not said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    networks: Networks | None = None
    replicates: Replicates | None = None
    round_limit: int | None = Field(default=None, ge=1, le=1_000_000)


class Refinements(Amount):
    """How to refine: by which methods (one may be written without brackets), with exceptions by method."""

    methods: Annotated[tuple[Method, ...], BeforeValidator(several), Field(min_length=1)] | None = None
    method: dict[Method, Amount] = {}


class Size(Refinements):
    """How much of a study to compute.

    Attributes:
        sample: Networks of the initial sample; 0: none.
        batch_size: Images in the batch.
        data: Data sets; the study's if not given.
        predictors: Predictors, perhaps none; the study's if not given.
        refine: Exceptions, by predictor.
        train: Trainings, after all refinements.
    """

    sample: int = Field(default=0, ge=0, le=1_000_000)
    batch_size: int = Field(default=64, ge=1, le=1_000_000)
    data: tuple[str, ...] | None = None
    predictors: tuple[str, ...] | None = None
    refine: dict[str, Refinements] = {}
    train: tuple[TrainTable, ...] = ()

    def methods_of(self, predictor: str) -> tuple[Method, ...]:
        """How a predictor is refined."""
        return self._special(predictor).methods or self.methods or (_usual("method"),)

    def amount(self, predictor: str, method: Method) -> dict[str, int]:
        """How long a predictor is refined by a method: the most special that is said counts.

        That is what is said of the predictor and the method together, then of the predictor, of the method, of
        all, and last what is usual.
        """
        found = {"networks": METHODS.get(method).networks, "replicates": 1, "round_limit": _usual("round_limit")}
        special = self._special(predictor)
        for one in (self, self.method.get(method), special, special.method.get(method)):
            found |= {} if one is None else one.model_dump(include=set(found), exclude_none=True)
        return found

    def check(self, where: str, predictors: Sequence[str]) -> None:
        """Refuse methods that are named twice, and exceptions for what is not done."""
        _check_methods(where, self, [method for name in predictors for method in self.methods_of(name)])
        for name, special in self.refine.items():
            _check_used(f"{where}.refine.{name}", "predictor of this size", name, predictors)
            _check_methods(f"{where}.refine.{name}", special, self.methods_of(name))

    def _special(self, predictor: str) -> Refinements:
        return self.refine.get(predictor, Refinements())


def _usual(name: str) -> Any:
    return RefineConfiguration.model_fields[name].default


def _check_methods(where: str, said: Refinements, used: Sequence[str]) -> None:
    named = list(said.methods or ())
    if len(set(named)) != len(named):
        raise InvalidInput(f"{where}.methods = {named} has one name twice; name each method once.")
    for method in said.method:
        _check_used(f"{where}.method.{method}", "method that is used", method, used)


def _check_used(where: str, kind: str, name: str, used: Sequence[str]) -> None:
    if name not in used:
        known = ", ".join(dict.fromkeys(used)) or "none"
        raise InvalidInput(f"{where} is about no {kind}; choose from {known}.")


class StudyConfiguration(ReadingConfiguration):
    """A study: one design space, sampled once, and refined for every predictor on every data set.

    Attributes as of `Configuration`, and:
        title: The report's title.
        data: Data sets, by name or path; the sample is scored on the first.
        predictors: Predictors to compare; none for a study that only trains.
        common_draws: Whether all refinements begin with the same networks and initial weights.
        regimes: Budgets instead of the one, by name; each has its own sample and refinements.
        sizes: How much to compute, by name.
    """

    title: str = "Hidden design principles"
    space: str = "anynet"
    space_options: dict[str, Any] = Field(default={})
    restrict: Kept = Field(default={})
    flops: Limits | None = PAPER_FLOPS
    params: Limits | None = None
    activations: Limits | None = None
    budget: dict[str, Limits] | None = None
    device_tables: tuple[str, ...] = ()
    data: tuple[str, ...] = Field(default=("cifar10",), min_length=1)
    predictors: tuple[str, ...] = PAPER
    seed: Seed = 0
    data_seed: Seed = 0
    dtype: Literal["float32", "float64"] = "float32"
    device: str = "cpu"
    common_draws: bool = False
    regimes: dict[RegimeName, Regime] = Field(default={})
    sizes: dict[str, Size] = Field(min_length=1)


@dataclass(frozen=True)
class Part:
    """One command of a study, in a folder of that name; a refinement's replicates have seeds that count up.

    Its name ends with that of its regime, if the study has any.
    """

    name: str
    configuration: ScoreConfiguration | RefineConfiguration
    replicates: int = 1
    regime: str = ""

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
    """What a study of one size does: each part a run of its own in a folder of its own; trainings are the last."""

    title: str
    size: str
    parts: tuple[Part, ...]
    trainings: tuple[TrainPart, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The folders of all parts, in order."""
        return (*(part.name for part in self.parts), *(part.name for part in self.trainings))


@validated
def read_study(path: Path) -> StudyConfiguration:
    """A study from a TOML file; one that cannot be read, or has a value or key that is not allowed, is refused."""
    return read_toml("study", path, StudyConfiguration)


@validated
def planned(study: StudyConfiguration, size: str) -> StudyPlan:
    """The parts of a study at a size; what cannot be done, stands there twice, or is of no use is refused."""
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
    parts = list(_parts(study, chosen, data, names))
    for name, times in Counter(part.name for part in parts).items():
        if times > 1:  # a data set may be called as the folder of a method or a regime ends
            raise InvalidInput(
                f"{times} refinements would lie in the folder {name}; rename a data set's file or a regime."
            )
    refined = {part.name: part.configuration.data for part in parts if part.command == "refine"}
    trainings = planned_trainings(chosen.train, refined, data, study.seed, study.device, study.reading)
    return StudyPlan(study.title, size, tuple(parts), trainings)


def _parts(study: StudyConfiguration, chosen: Size, data: Sequence[str], names: tuple[str, ...]) -> Iterator[Part]:
    """Samples and refinements, those of all regimes next to each other."""
    shared = {name: getattr(study, name) for name in Configuration.model_fields if hasattr(study, name)}
    shared["batch_size"] = chosen.batch_size
    own_limits = {name: shared[name] for name in LIMITS}
    regimes = budgets(study.regimes, own_limits, study.model_fields_set & {*LIMITS})
    for regime, limits in regimes.items() if chosen.sample else ():
        # The paper's seven go by the name that `netlore score` gives them, so that either makes the same folder.
        predictors = ("all",) if names == PAPER else names
        asked: dict[str, Any] = {"data": data[0], "networks": chosen.sample, "predictors": predictors}
        sampled = checked(ScoreConfiguration, shared | limits | asked)
        yield Part(_folder(f"sample-{short_name(data[0])}", regime), sampled, regime=regime)
    for one, name in product(data, names):
        for method, (regime, limits) in product(chosen.methods_of(name), regimes.items()):
            asked = {"data": one, "predictor": name, "method": method, **chosen.amount(name, method)}
            asked["common_draws"] = study.common_draws
            replicates = asked.pop("replicates")
            refined = checked(RefineConfiguration, shared | limits | asked)
            yield Part(_folder(folder_of(refined), regime), refined, replicates, regime)


def _folder(name: str, regime: str) -> str:
    return f"{name}-{regime}" if regime else name
