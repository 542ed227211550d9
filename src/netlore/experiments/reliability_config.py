"""What is asked of a study of reliability: which networks, and under which conditions they are scored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from netlore.errors import InvalidInput
from netlore.experiments.config import Limits, Networks, ScoreConfiguration
from netlore.experiments.record import RunRecord, command_of
from netlore.scoring.factors import FACTORS, ReliabilityDesign
from netlore.space.architecture import Architecture
from netlore.space.design_space import SPACES
from netlore.space.named import parse
from netlore.space.sampling import sample
from netlore.storage.documents import RUN, read_document
from netlore.validation.accuracies import sampled
from netlore.validation.benchmark import BENCHMARKS

COMMAND = "reliability"
_Repeats = Annotated[int, Field(ge=1, le=1_000)]


class ReliabilityConfiguration(ScoreConfiguration):
    """Scores of the same networks under conditions that differ in one factor each; see `scoring.factors`.

    Attributes:
        benchmark: Whose networks; empty: those of the design space, or the named ones.
        factors: What is varied.
        draws: Initial weights of each network.
        batches: Batches, by consecutive seeds.
        batch_sizes: Numbers of images.
        others: Further data sets.
    """

    networks: Networks = 100
    benchmark: str = ""
    factors: tuple[str, ...] = FACTORS
    draws: _Repeats = 3
    batches: _Repeats = 3
    batch_sizes: tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...] = (16, 32, 64)
    others: tuple[str, ...] = ("cifar100", "digits")

    @property
    def design(self) -> ReliabilityDesign:
        """The conditions."""
        return ReliabilityDesign(
            self.data,
            self.batch_size,
            self.data_seed,
            self.dtype,
            self.factors,
            self.draws,
            self.batches,
            self.batch_sizes,
            self.others,
            self.reading,
        )

    def make_architectures(self) -> list[Architecture]:
        """The networks, each once."""
        if self.architectures:
            return list(dict.fromkeys(parse(text) for text in self.architectures))
        if self.benchmark:
            data = next(iter(BENCHMARKS.get(self.benchmark).data))
            return list(sampled(self.benchmark, data, networks=self.networks, seed=self.seed).architectures)
        space = self.make_space(self.make_task())
        return list(dict.fromkeys(sample(space, self.networks, self.seed)))

    def parts(self) -> dict[str, ScoreConfiguration]:
        """What is scored, by the name of each condition."""
        drawn = [one.to_json() for one in self.make_architectures()]
        of_all = {name: getattr(self, name) for name in ScoreConfiguration.model_fields}
        if self.benchmark and (family := BENCHMARKS.get(self.benchmark).family) in SPACES:
            no_limits: dict[str, Limits | None] = dict.fromkeys(("flops", "params", "activations"))
            of_all |= {"space": family, "space_options": {}, "restrict": {}, "budget": None, **no_limits}
        return {
            name: ScoreConfiguration(
                **of_all
                | {"data": one.data, "batch_size": one.batch_size, "data_seed": one.data_seed, "dtype": one.dtype}
                | {"image_column": one.reading.image_column, "label_column": one.reading.label_column}
                | {"architectures": tuple(text for text in drawn for _ in range(one.draws))}
            )
            for name, one in self.design.conditions().items()
        }


class ReliabilityRecord(RunRecord):
    """What `run.json` says of a study of reliability."""

    configuration: ReliabilityConfiguration


def recorded_reliability(folder: Path) -> ReliabilityRecord:
    """What is recorded of a study of reliability; folders of other runs are refused."""
    if (command := command_of(folder)) != COMMAND:
        raise InvalidInput(f"{folder} holds a {command} run, which repeats no scores; name one of {COMMAND}.")
    return read_document(folder / RUN, ReliabilityRecord)


def conditions_of(folder: Path) -> dict[str, Path]:
    """The folders of those conditions of a study that have begun, by name."""
    named = {name: folder / name for name in recorded_reliability(folder).configuration.design.conditions()}
    for path in named.values():
        if path.is_symlink():  # its files may lie anywhere
            raise InvalidInput(f"condition {path.name} of {folder} is a link; put its folder there instead.")
    return {name: path for name, path in named.items() if (path / RUN).is_file()}
