"""What is asked of a validation: networks whose accuracies are known, and how they are scored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import Field

from netlore.data import Task, task
from netlore.errors import InvalidInput
from netlore.experiments.config import Limits, ScoreConfiguration
from netlore.space.architecture import Architecture
from netlore.validation.accuracies import Accuracies, sampled
from netlore.validation.benchmark import BENCHMARKS
from netlore.validation.own_tables import digest, read_accuracies

COMMAND = "validate"
USUAL = "nas-bench-201"


class ValidateConfiguration(ScoreConfiguration):
    """Scores of networks of a benchmark, or of a table of one's own, to be judged by their accuracies.

    Attributes:
        data: What the benchmark's networks were trained on; with a table of one's own the images to show.
        benchmark: Its name; empty with a table of one's own.
        target: Which accuracy of the benchmark; empty: the usual one.
        images: Images to show instead of the benchmark's; empty: those.
        networks: How many to draw, each at most once.
        draws: Initialisations of each.
        connected: Networks with operations on no way from input to output are left out.
        distinct: All but one of networks that compute the same function are left out.
        accuracies: Path of a table of one's own; empty: a benchmark.
        architecture_column, accuracy_column: Its columns.
        family: Of its architectures.
        errors: The column holds errors in percent.
        digest: Of the content of the table.
        scores: The run whose scores are judged; empty: they are made.
    """

    benchmark: str = USUAL
    target: str = ""
    images: str = ""
    flops: Limits | None = None
    draws: int = Field(default=1, ge=1, le=1_000)
    connected: bool = False
    distinct: bool = False
    accuracies: str = ""
    architecture_column: str = ""
    accuracy_column: str = ""
    family: str = ""
    errors: bool = False
    digest: str = ""
    scores: str = ""

    @property
    def shown(self) -> str:
        """The data set whose images the networks are shown."""
        return self.images or (self.data if self.accuracies else self.about_images)

    @property
    def about_images(self) -> str:
        """The images of the benchmark's data, or what stands in for them."""
        return BENCHMARKS.get(self.benchmark).of(self.data, self.target)[0].images

    def make_task(self) -> Task:
        """The batch."""
        return task(self.shown, self.batch_size, self.data_seed, **self.reading.given())

    def make_accuracies(self, known: Mapping[str, Architecture] | None = None) -> Accuracies:
        """The networks and their accuracies; `known` are architectures by their ids, which a table may name."""
        if not self.accuracies:
            return sampled(
                self.benchmark,
                self.data,
                self.target,
                self.networks,
                self.seed,
                self.connected,
                self.distinct,
            )
        path = Path(self.accuracies)
        if self.digest and digest(path) != self.digest:
            raise InvalidInput(f"{path} is not what it was when it was scored; restore it, or score again.")
        columns = (self.architecture_column, self.accuracy_column)
        found = read_accuracies(path, *columns, self.family, self.errors, known)
        if len(found) <= self.networks:
            return found
        return found.chosen(np.random.default_rng(self.seed).permutation(len(found))[: self.networks].tolist())


def with_table(configuration: ValidateConfiguration) -> ValidateConfiguration:
    """The same with the digest of its table, and without a benchmark if there is one.

    Raises:
        InvalidInput: The table cannot be read, or its columns are not named.
    """
    own = configuration.accuracies
    named = [one for one in ("architecture_column", "accuracy_column") if getattr(configuration, one)]
    if not own:
        given = [*named, *(one for one in ("family", "errors") if getattr(configuration, one))]
        if given:
            option = given[0].replace("_", "-")
            raise InvalidInput(
                f"--{option} is about a table of your own, and none is given; add --accuracies FILE."
            )
        return configuration
    if len(named) < 2:
        raise InvalidInput(
            f"which columns of {own} hold architectures and accuracies is not known; name them by "
            "--architecture-column and --accuracy-column."
        )
    for option in ("target", "connected", "distinct"):
        if getattr(configuration, option):
            raise InvalidInput(f"--{option} is about a benchmark, and --accuracies names a table; leave one out.")
    return configuration.model_copy(update={"digest": digest(Path(own)), "benchmark": ""})
