"""What was asked of a run, checked, and recorded in its folder."""

from __future__ import annotations

import math
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from netlore.data import Task, task
from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.refinement.methods import METHODS, PAPER
from netlore.scoring.cost import hardware
from netlore.scoring.settings import Settings
from netlore.space.budget import Range
from netlore.space.design_space import SPACES, DesignSpace
from netlore.space.sampling import sample
from netlore.storage.documents import RUN, read_document, write_document

PAPER_FLOPS = (10e6, 50e6)
MOST_REPLICATES = 10_000
MOST_NETWORKS = 1_000_000
"""In one round or one sample: with the fastest predictor a day of computing."""

Seed = Annotated[int, Field(ge=0, lt=2**63)]  # what SQLite's integers hold
Replicates = Annotated[int, Field(ge=1, le=MOST_REPLICATES)]
Networks = Annotated[int, Field(ge=1, le=MOST_NETWORKS)]


def _from_json(value: Any) -> Any:
    is_open = isinstance(value, list | tuple) and len(value) == 2 and value[1] is None
    return (value[0], math.inf) if is_open else tuple(value) if isinstance(value, list) else value


def _to_json(limits: Range) -> list[float | None]:
    low, high = limits
    return [low, None if math.isinf(high) else high]


# JSON has no infinity: a budget without an upper end is written as [low, null].
Limits = Annotated[Range, BeforeValidator(_from_json), PlainSerializer(_to_json)]


class Configuration(BaseModel):
    """What every kind of run depends on.

    Attributes:
        data: Data set, by name or path.
        space: Design space, by name.
        flops: Budget in multiply-adds; None: no limit.
        params: Budget in parameters; None: no limit.
        activations: Budget in activations; None: no limit.
        networks: Architectures to draw (in each round, for a refinement).
        seed: Decides architectures and initial weights.
        batch_size: Images in the batch.
        data_seed: Decides which images.
        dtype: Precision.
        device: A torch device.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: str = "cifar10"
    space: str = "anynet"
    flops: Limits | None = PAPER_FLOPS
    params: Limits | None = None
    activations: Limits | None = None
    networks: Networks = 500
    seed: Seed = 0
    batch_size: int = Field(default=64, ge=1, le=1_000_000)
    data_seed: Seed = 0
    dtype: Literal["float32", "float64"] = "float32"
    device: str = "cpu"

    def make_task(self) -> Task:
        """The batch."""
        return task(self.data, self.batch_size, self.data_seed)

    def make_space(self, made: Task) -> DesignSpace:
        """The design space for the classes and the resolution of the data."""
        return SPACES.get(self.space)(
            num_classes=made.num_classes,
            resolution=made.resolution,
            flops=self.flops,
            params=self.params,
            activations=self.activations,
        )

    def check(self, made: Task, space: DesignSpace) -> None:
        """Find out before anything is written what would otherwise stop the run's first network.

        Raises:
            InvalidInput: The device cannot be used, or nothing in the space meets the budget.
        """
        Settings(made, (), self.seed, self.dtype, self.device)
        sample(space, 1, self.seed)


def _known_method(name: str) -> str:
    try:
        METHODS.get(name)
    except InvalidInput as error:
        raise PydanticCustomError("method", str(error).rstrip(".")) from None
    return name


Method = Annotated[str, AfterValidator(_known_method)]
"""A registered method of refinement, by name."""


class RefineConfiguration(Configuration):
    """A refinement.

    Attributes:
        predictor: Whose principles to uncover.
        method: The paper's, the one with memory, or a baseline.
        bootstrap: Exact intervals, or the paper's resampling; the paper's method alone has any.
        round_limit: Give up after so many rounds.
    """

    predictor: str = "synflow"
    method: Method = PAPER.name
    bootstrap: Literal["exact", "monte-carlo"] = "exact"
    round_limit: int = Field(default=100, ge=1, le=1_000_000)

    @field_validator("bootstrap")
    @classmethod
    def _fits_the_method(cls, value: str, info: ValidationInfo) -> str:
        method = info.data.get("method")
        if value != "exact" and method is not None and "bootstrap" not in METHODS.get(method).options:
            raise PydanticCustomError("bootstrap", f"the method {method} has no bootstrap, so leave it at 'exact'")
        return value


def usual_networks(method: str) -> int:
    """Networks in a round if nothing is said: 500 for the paper's method, fewer for those that learn from all."""
    return METHODS.get(method).networks


class ScoreConfiguration(Configuration):
    """Scores of a sample of a design space, or of named architectures.

    Attributes:
        predictors: What to compute; `all` stands for the paper's seven.
        architectures: Names or JSON documents; if empty, `networks` are drawn from the design space.
        chunk_size: At most so many images are evaluated at a time; 0: all.
    """

    predictors: tuple[str, ...] = ("all",)
    architectures: tuple[str, ...] = ()
    chunk_size: int = Field(default=0, ge=0, le=1_000_000)


class BenchConfiguration(ScoreConfiguration):
    """A measurement of how fast a sample is scored."""

    networks: Networks = 20


def identity(command: str, configuration: Configuration, made: Task) -> dict[str, Any]:
    """What a folder's scores depend on: a later command with another identity is refused there.

    A limit of rounds is left out: with a higher one, a run goes on. So is what `_UNSAID` has.
    """
    facts = configuration.model_dump(mode="json", exclude={"round_limit"})
    for name, usual in _UNSAID.get(command, {}).items():
        if facts.get(name) == usual:
            del facts[name]
    return {"command": command, **facts, "batch": made.digest}


_UNSAID: dict[str, dict[str, Any]] = {"refine": {"method": PAPER.name}, "score": {"chunk_size": 0}}
"""What an identity does not mention if it is so, by command: folders of earlier versions do not, either."""


@contextmanager
def saying_all() -> Iterator[None]:
    """Let the refusal of a folder also say what an identity leaves out, where the other one has it."""
    try:
        yield
    except DifferentConfiguration as error:
        there, here = _unsaid(error.there, error.here), _unsaid(error.here, error.there)
        raise DifferentConfiguration(error.folder, {**there, **error.there}, {**here, **error.here}) from None


def _unsaid(facts: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: usual for name, usual in _UNSAID.get(facts.get("command", ""), {}).items() if name in other}


def record(folder: Path, command: str, configuration: Configuration, **more: Any) -> Path:
    """Write `run.json`: the command, its configuration, and the machine and versions it ran with."""
    document = {
        "command": command,
        "configuration": configuration.model_dump(mode="json"),
        **more,
        "machine": hardware(configuration.device),
        "versions": versions(),
    }
    return write_document(folder / RUN, document)


def check_replicates(seed: int, replicates: int) -> None:
    """Refuse a number of replicates that cannot be done, or whose seeds no store can hold.

    Raises:
        InvalidInput: It is none of 1 to `MOST_REPLICATES`, or the last seed is too large.
    """
    if not 1 <= replicates <= MOST_REPLICATES:
        raise InvalidInput(f"replicates = {replicates} is not between 1 and {MOST_REPLICATES:,}; choose fewer.")
    if seed + replicates > 2**63:
        raise InvalidInput(f"the last of {replicates} seeds from {seed} is above 2^63 - 1; lower seed.")


class RunRecord(BaseModel):
    """What `run.json` says of any run.

    Attributes:
        command: What was run.
        replicates: Seeds that were asked for, counting up.
        machine: What it ran on.
        versions: Software that it ran with.
    """

    model_config = ConfigDict(frozen=True)

    command: str
    replicates: Replicates = 1
    machine: dict[str, str] = {}
    versions: dict[str, str] = {}


class RefineRecord(RunRecord):
    """What `run.json` says of a refinement."""

    configuration: RefineConfiguration


class ScoreRecord(RunRecord):
    """What `run.json` says of a sample."""

    configuration: ScoreConfiguration


_KINDS: dict[str, type[RefineRecord] | type[ScoreRecord]] = {"refine": RefineRecord, "score": ScoreRecord}


def recorded(folder: Path) -> RefineRecord | ScoreRecord:
    """What `record` wrote.

    Raises:
        InvalidInput: The folder is not a run's that scores, or its record is damaged.
    """
    command = command_of(folder)
    if command not in _KINDS:
        raise InvalidInput(f"{folder} holds a {command} run, which scores nothing; name a run of refine or score.")
    return read_document(folder / RUN, _KINDS[command])


def command_of(folder: Path) -> str:
    """Which command a folder's run is of.

    Raises:
        InvalidInput: The folder is not a run's, or its record is damaged.
    """
    if not (folder / RUN).is_file():
        raise InvalidInput(f"{folder} holds no readable {RUN}, so it is not a run; name a run's folder.")
    return read_document(folder / RUN, RunRecord).command


def versions(*more: str) -> dict[str, str]:
    """Software that results can depend on."""
    packages = ("netlore", "torch", "numpy", *more)
    return {**{package: version(package) for package in packages}, "python": platform.python_version()}
