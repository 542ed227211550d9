"""What is asked of a run, checked."""

from __future__ import annotations

import math
import re
from inspect import Parameter, signature
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from netlore.data import Task, task
from netlore.errors import InvalidInput, NetloreError
from netlore.experiments.device_tables import use_device_table
from netlore.experiments.reading_config import ReadingConfiguration
from netlore.refinement.methods import METHODS, PAPER
from netlore.scoring.settings import Settings
from netlore.space.budget import Budget, Range
from netlore.space.complexity import BUILT_IN, MEASURES, columns
from netlore.space.design_space import SPACES, DesignSpace
from netlore.space.sampling import sample

PAPER_FLOPS: tuple[float, float] = (10e6, 50e6)
MOST_REPLICATES = 10_000
MOST_NETWORKS = 1_000_000
"""In one round: with the fastest predictor a day of computing."""
MOST_SAMPLED = 10_000_000
"""In one sample, of which memory holds little more than where on the grids its networks are."""

Seed = Annotated[int, Field(ge=0, lt=2**63)]  # what SQLite's integers hold
Replicates = Annotated[int, Field(ge=1, le=MOST_REPLICATES)]
Networks = Annotated[int, Field(ge=1, le=MOST_NETWORKS)]


def _from_json(value: Any) -> Any:
    is_open = isinstance(value, list | tuple) and len(value) == 2 and value[1] is None
    return (value[0], math.inf) if is_open else tuple(value) if isinstance(value, list) else value


def _from_list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _to_json(limits: Range) -> list[float | None]:
    low, high = limits
    return [low, None if math.isinf(high) else high]


# JSON has no infinity: a budget without an upper end is written as [low, null].
Limits = Annotated[Range, BeforeValidator(_from_json), PlainSerializer(_to_json)]


Kept = dict[str, Annotated[tuple[int | float | str, ...], BeforeValidator(_from_list), Field(min_length=1)]]
Tables = Annotated[tuple[str, ...], BeforeValidator(_from_list)]


class Configuration(ReadingConfiguration):
    """What every kind of run depends on, under the names of the options of commands.

    Attributes:
        space_options: What the function of the design space takes in addition, by name.
        restrict: Hyperparameters that are kept in a part of the space: closed intervals, or names of a category.
        flops, params, activations: Budget; None: no limit.
        budget: Limits of other measures, by name.
        device_tables: Tables of devices, whose measures budgets can limit, and which tables have columns of.
        dtype: Precision; `own` is that of a torch module, and float32 for all other networks.
        networks: Architectures to draw (in each round, for a refinement).
    """

    data: str = "cifar10"
    space: str = "anynet"
    space_options: dict[str, Any] = Field(default={})
    restrict: Kept = Field(default={})
    flops: Limits | None = PAPER_FLOPS
    params: Limits | None = None
    activations: Limits | None = None
    budget: dict[str, Limits] | None = None
    device_tables: Tables = ()
    networks: Networks = 500
    seed: Seed = 0
    batch_size: int = Field(default=64, ge=1, le=1_000_000)
    data_seed: Seed = 0
    dtype: Literal["float32", "float64"] = "float32"
    device: str = "cpu"

    def make_task(self) -> Task:
        """The batch."""
        return task(self.data, self.batch_size, self.data_seed, **self.reading.given())

    @property
    def limits(self) -> dict[str, Range]:
        """The budget: the intervals that are set, by measure; those of tables are free if nothing is said."""
        of_tables = {use_device_table(given).measure: (0.0, math.inf) for given in self.device_tables}
        given = {name: getattr(self, name) for name in BUILT_IN} | of_tables | (self.budget or {})
        return {name: one for name, one in given.items() if one is not None}

    def make_space(self, made: Task) -> DesignSpace:
        """The design space for the classes and images of the data.

        A space's function is given those keywords that it takes; a limit that it does not take holds all the same.
        """
        function = SPACES.get(self.space)
        # What is no measure is refused as such, before the function is asked.
        limits = Budget.of(self.limits).limits()
        values = {**made.sizes, **limits}
        try:
            parameters = signature(function).parameters
            takes_all = any(one.kind is Parameter.VAR_KEYWORD for one in parameters.values())
            unknown = [name for name in self.space_options if not takes_all and name not in parameters]
            if unknown:
                raise InvalidInput(
                    f"design space {self.space!r} has no option {unknown[0]}; choose from {', '.join(parameters)}."
                )
            taken = {name: value for name, value in values.items() if takes_all or name in parameters}
            found = function(**{**taken, **self.space_options})
        except NetloreError:
            raise
        except Exception as error:
            # It is somebody else's code that runs here; whatever it raises is its answer.
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise InvalidInput(
                f"design space {self.space!r} cannot be made ({reason}); change its function, or its options."
            ) from None
        if not isinstance(found, DesignSpace):
            raise InvalidInput(
                f"design space {self.space!r} makes a {type(found).__name__}; return a DesignSpace."
            )
        part = found.restrict(self.restrict) if self.restrict else found
        return part.within(limits)

    def check(self, made: Task, space: DesignSpace) -> None:
        """Refuse, before anything is written, a device that cannot be used and a budget that nothing meets."""
        Settings(made, (), self.seed, self.dtype, self.device)
        sample(space, 1, self.seed)


def _known_method(name: str, info: ValidationInfo) -> str:
    try:
        METHODS.get(name)
    except InvalidInput as error:
        if not info.context:  # the record of a finished run is read without the package that its method came with
            raise PydanticCustomError("method", str(error).rstrip(".")) from None
    return name


Method = Annotated[str, AfterValidator(_known_method)]
"""A registered method of refinement, by name."""


class RefineConfiguration(Configuration):
    """A refinement.

    Attributes:
        bootstrap: Exact intervals, or the paper's resampling, for methods with that option.
        common_draws: Whether it begins with the networks and initial weights that others of its seed begin with.
        cost: The measure against which scores are traded, for methods with that option; None: the method's usual.
    """

    predictor: str = "synflow"
    method: Method = PAPER.name
    bootstrap: Literal["exact", "monte-carlo"] = "exact"
    round_limit: int = Field(default=100, ge=1, le=1_000_000)
    common_draws: bool = False
    cost: str | None = None

    @property
    def limits(self) -> dict[str, Range]:
        """The budget, in which a cost without limits has open ones: tables have columns of what it names."""
        found = super().limits
        return found if self.cost in (None, *columns(found)) else {**found, str(self.cost): (0.0, math.inf)}

    @field_validator("bootstrap")
    @classmethod
    def _fits_the_method(cls, value: str, info: ValidationInfo) -> str:
        method = info.data.get("method", "")  # missing if it is refused
        if value != "exact" and method in METHODS and "bootstrap" not in METHODS.get(method).options:
            raise PydanticCustomError("bootstrap", f"the method {method} has no bootstrap, so leave it at 'exact'")
        return value

    @field_validator("cost")
    @classmethod
    def _has_a_cost(cls, value: str | None, info: ValidationInfo) -> str | None:
        method = info.data.get("method", "")
        if value is not None and method in METHODS:
            if "cost" not in METHODS.get(method).options:
                raise PydanticCustomError("cost", f"the method {method} has one objective, so leave the cost out")
            if not info.context and value not in MEASURES:
                raise PydanticCustomError("cost", f"{value} is no measure; choose one of {', '.join(MEASURES)}")
        return value


class ScoreConfiguration(Configuration):
    """Scores of a sample of a design space, or of named architectures.

    Attributes:
        predictors: What to compute; `all` stands for the paper's seven.
        architectures: Names or JSON documents; if empty, `networks` are drawn from the design space.
        chunk_size: The most images evaluated at a time; 0: all.
    """

    networks: Annotated[int, Field(ge=1, le=MOST_SAMPLED)] = 500
    predictors: tuple[str, ...] = ("all",)
    architectures: tuple[str, ...] = ()
    chunk_size: int = Field(default=0, ge=0, le=1_000_000)


class ModulesConfiguration(ScoreConfiguration):
    """Scores of torch modules, of each `networks` draws of initial weights.

    Attributes:
        modules: `timm:NAME`, `torchvision:NAME`, or import paths.
        arguments: Of each of them, by name, as texts; those of libraries also have `num_classes` of the data.
        loss: A name that `nl.probe` knows, or the import path of a function.
        output: The name of the output that counts, or the import path of a function; None: as in `nl.probe`.
        dtype: Precision; `own` is that of the module.
    """

    modules: tuple[str, ...] = ()
    arguments: dict[str, str] = Field(default={})
    loss: str = "cross_entropy"
    output: str | None = None
    networks: Networks = 1
    dtype: Literal["float32", "float64", "own"] = "own"  # type: ignore[assignment] # no other code sets it


class BenchConfiguration(ScoreConfiguration):
    """A measurement of how fast a sample is scored."""

    networks: Networks = 20


def check_replicates(seed: int, replicates: int) -> None:
    """Refuse a number of replicates that cannot be done, or whose seeds no store can hold."""
    if not 1 <= replicates <= MOST_REPLICATES:
        raise InvalidInput(f"replicates = {replicates} is not between 1 and {MOST_REPLICATES:,}; choose fewer.")
    if seed + replicates > 2**63:
        raise InvalidInput(f"the last of {replicates} seeds from {seed} is above 2^63 - 1; lower seed.")


def short_name(text: str) -> str:
    """What a data set, a predictor or a method is called in the name of a folder.

    >>> short_name("torchvision/cifar10"), short_name("images/cifar10.parquet"), short_name("my.module:scores")
    ('cifar10', 'cifar10', 'scores')
    >>> short_name("logrank(logdet, 2*synflow)")
    'logrank-logdet-2-synflow'
    """
    found = text.rpartition(":")[2] if ":" in text else PurePath(text).stem
    return "-".join(re.findall(r"[^\s(),*=]+", found))
