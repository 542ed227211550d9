"""What a run's folder records: `run.json`, and what its scores depend on; and how runs show how far they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, field_validator

from netlore.data import Task
from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.experiments.config import (
    Configuration,
    ModulesConfiguration,
    RefineConfiguration,
    Replicates,
    ScoreConfiguration,
)
from netlore.experiments.device_tables import device_table, keep_tables, kept_tables
from netlore.experiments.validate_config import COMMAND as VALIDATE
from netlore.experiments.validate_config import ValidateConfiguration
from netlore.networks.devices import hardware, versions
from netlore.networks.module_family import FunctionFamily
from netlore.refinement.methods import PAPER
from netlore.scoring.fingerprint import fingerprint
from netlore.space.design_space import DesignSpace
from netlore.space.family import FAMILIES
from netlore.storage.documents import RUN, read_document, write_document


class Progress(Protocol):
    """Is called as networks of what the label names are scored, images learned or figures drawn."""

    def __call__(self, label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None: ...


def silent(label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
    """Show nothing."""


def identity(command: str, configuration: Configuration, made: Task) -> dict[str, Any]:
    """What a folder's scores depend on: a later command with another identity is refused there.

    A limit of rounds is left out: with a higher one, a run goes on. So is what `_UNSAID` has.
    """
    facts = configuration.model_dump(mode="json", exclude={"round_limit"})
    if configuration.device_tables:  # what they say, wherever they lie
        facts["device_tables"] = {
            one.measure: one.digest for one in map(device_table, configuration.device_tables)
        }
    for name, usual in _UNSAID.get(command, {}).items():
        if name in facts and facts[name] == usual:
            del facts[name]
    definition = {} if isinstance(configuration, ModulesConfiguration) else _definition(configuration, made)
    return {"command": command, **facts, **definition, "batch": made.digest}


def _definition(configuration: Configuration, made: Task) -> dict[str, Any]:
    """Of a family that is a function to modules: which one."""
    family = FAMILIES.get(configuration.make_space(made).family) if ":" in configuration.space else None
    return {"definition": fingerprint(family.function)} if isinstance(family, FunctionFamily) else {}


_UNSAID: dict[str, dict[str, Any]] = {
    "refine": {"method": PAPER.name, "common_draws": True},
    "score": {"chunk_size": 0, "loss": "cross_entropy", "output": None},
}
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


def omitted(made: Task) -> dict[str, Any]:
    """What `run.json` says of pictures that were left out, if any were."""
    return {"left_out": list(made.left_out)} if made.left_out else {}


def record(folder: Path, command: str, configuration: BaseModel, *packages: str, **more: Any) -> Path:
    """Write `run.json`: the command, its configuration and more, the machine and versions."""
    asked = configuration.model_dump(mode="json")
    if asked.get("device_tables"):
        asked["device_tables"] = keep_tables(folder, asked["device_tables"])
    where = {"machine": hardware(asked["device"]), "versions": versions(*packages)}
    return write_document(folder / RUN, {"command": command, "configuration": asked, **more, **where})


class RunRecord(BaseModel):
    """What `run.json` says of any run: the command, how many seeds were asked for, machine and software."""

    model_config = ConfigDict(frozen=True)

    command: str
    replicates: Replicates = 1
    machine: dict[str, str] = {}
    versions: dict[str, str] = {}


class RefineRecord(RunRecord):
    """What `run.json` says of a refinement; the draws of those of earlier versions were common."""

    configuration: RefineConfiguration

    @field_validator("configuration", mode="before")
    @classmethod
    def _of_earlier_versions(cls, value: Any) -> Any:
        return {"common_draws": True, **value} if isinstance(value, dict) else value


class ScoreRecord(RunRecord):
    """What `run.json` says of a sample; records of earlier versions have no space."""

    configuration: ScoreConfiguration | ModulesConfiguration
    space: dict[str, Any] | None = None

    def make_space(self) -> DesignSpace:
        """The design space that was sampled; only records of earlier versions need their data to make it."""
        if self.space is not None:
            return DesignSpace.from_document(self.space)
        # Same images, and nothing is downloaded to read a record.
        known = self.configuration.model_copy(
            update={"data": self.configuration.data.removeprefix("torchvision/")}
        )
        return known.make_space(known.make_task())


class ValidateRecord(RunRecord):
    """What `run.json` says of a validation: classes and images that its networks were built for, too."""

    configuration: ValidateConfiguration
    num_classes: int
    resolution: int
    channels: int


Scored = RefineRecord | ScoreRecord | ValidateRecord
"""What is recorded of a run that scores."""

_KINDS: dict[str, type[RefineRecord] | type[ScoreRecord] | type[ValidateRecord]] = {
    "refine": RefineRecord,
    "score": ScoreRecord,
    VALIDATE: ValidateRecord,
}


def recorded(folder: Path) -> Scored:
    """What `record` wrote of a run that scores; other folders and damaged records are refused."""
    command = command_of(folder)
    if command not in _KINDS:
        raise InvalidInput(
            f"{folder} holds a {command} run, which scores nothing; name a run of refine, score or validate."
        )
    there = read_document(folder / RUN, _KINDS[command])
    tables = kept_tables(folder, there.configuration.device_tables)
    known = there.configuration.model_copy(update={"device_tables": tables})
    return there.model_copy(update={"configuration": known})


def command_of(folder: Path) -> str:
    """Which command a folder's run is of; other folders and damaged records are refused."""
    if not (folder / RUN).is_file():
        raise InvalidInput(f"{folder} holds no readable {RUN}, so it is not a run; name a run's folder.")
    return read_document(folder / RUN, RunRecord).command
