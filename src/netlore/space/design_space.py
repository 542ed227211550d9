"""DesignSpace: distributions over hyperparameters, validity by construction, and a complexity budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netlore.arguments import validated
from netlore.drawing import html_table
from netlore.errors import InvalidInput
from netlore.plugins import Registry
from netlore.space import counting, families
from netlore.space.architecture import Architecture
from netlore.space.budget import NO_BUDGET, Budget, Range
from netlore.space.complexity import Complexity, complexity_of_values
from netlore.space.counting import Count
from netlore.space.distribution import Distribution, check_whole, is_category
from netlore.space.family import has_plans

Values = dict[str, NDArray[Any]]
"""Hyperparameter arrays of one length: of whole numbers, real numbers, or names."""

LARGEST_SIZE = 100_000  # classes, pixels or channels


@validated
@dataclass(frozen=True)
class DesignSpace:
    """A set of architectures of one family, with a probability for each.

    Attributes:
        family: Name of the family.
        distributions: Independent distributions that together draw every hyperparameter once. A combination
            that is not a network is in none of their grids, so everything drawn is valid.
        num_classes: Outputs of the classifier, which complexities depend on.
        resolution: Side of the square input images, in pixels, which have `channels` channels.
        budget: Complexities that an architecture of the space must have.
    """

    family: str
    distributions: tuple[Distribution, ...]
    num_classes: int
    resolution: int = 32
    channels: int = 3
    budget: Budget = NO_BUDGET

    def __post_init__(self) -> None:
        for name in ("num_classes", "resolution", "channels"):
            check_whole(name, getattr(self, name), 1, LARGEST_SIZE)
        drawn = sorted(name for distribution in self.distributions for name in distribution.names)
        if drawn != sorted(families.get(self.family).hyperparameters):
            raise InvalidInput(
                f"the distributions draw {', '.join(drawn)}; the family {self.family} needs each of "
                f"{', '.join(families.get(self.family).hyperparameters)} exactly once."
            )

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """Names of the hyperparameters, in the family's order."""
        return families.get(self.family).hyperparameters

    def _repr_html_(self) -> str:
        """For a notebook: its size, its budget, and what each hyperparameter can be."""
        caption = f"{self.family}: {self.cardinality:,} architectures, {self.budget}"
        rows = ([name, len(grid), grid[0], grid[-1]] for name, grid in self.grids.items())
        return html_table(caption, ["hyperparameter", "values", "first", "last"], rows)

    @property
    def is_planned(self) -> bool:
        """Whether its networks are plans, so that complexities of many cost next to nothing."""
        return has_plans(self.family)

    @property
    def cardinality(self) -> int:
        """Exact number of architectures, the budget aside: 10,077,696,000 for the paper's AnyNet."""
        return math.prod(distribution.size for distribution in self.distributions)

    @cached_property
    def count_within_budget(self) -> Count:
        """How many architectures meet the budget: exactly, or estimated where counting takes too much."""
        return counting.count(self)

    @property
    def cardinality_within_budget(self) -> int:
        """Exact number of architectures that meet the budget, by counting: 901,115,488 for 10-50 MFLOPs and
        10 classes. Takes about a second for one or two limits, longer for three.

        Raises:
            InvalidInput: The space is too large to count; `count_within_budget` has an estimate.
        """
        found = self.count_within_budget
        if not found.exact:
            raise InvalidInput(
                f"a space of {self.cardinality:,} architectures is too large to count within the budget "
                f"{self.budget}; use count_within_budget for an estimate, or restrict the space."
            )
        return found.value

    @property
    def grids(self) -> dict[str, tuple[Any, ...]]:
        """The values that each hyperparameter can take, in the family's order: numbers ascending, names as they
        come."""
        return dict(self._grids)

    @cached_property
    def _grids(self) -> dict[str, tuple[Any, ...]]:
        found = {name: d.grid(name) for d in self.distributions for name in d.names}
        return {name: found[name] for name in self.hyperparameters}

    @validated
    def within(self, limits: Mapping[str, Range]) -> DesignSpace:
        """The same space under further limits, by measure; a limit replaces the present one of its measure.

        >>> from netlore.space.families.anynet import anynet
        >>> str(anynet(flops=(10e6, 50e6)).within({"params": (0, 1e5)}).budget)
        '10M to 50M FLOPs, 0 to 100k parameters'
        """
        return replace(self, budget=Budget.of({**self.budget.limits(), **limits}))

    @validated
    def restrict(self, kept: Mapping[str, Collection[Any]]) -> DesignSpace:
        """The subspace in which every named hyperparameter lies in its closed interval (low, high), or a category
        among its names.

        Never widens: what reaches beyond the present grid is cut to it. Probabilities are conditional ones.

        Raises:
            InvalidInput: An unknown hyperparameter, or nothing is left.
        """
        unknown = [name for name in kept if name not in self.hyperparameters]
        if unknown:
            raise InvalidInput(
                f"{', '.join(unknown)} is no hyperparameter of {self.family}; choose from "
                f"{', '.join(self.hyperparameters)}."
            )
        return replace(self, distributions=tuple(d.restrict(kept) for d in self.distributions))

    def values_at(self, indices: list[NDArray[np.int64]]) -> Values:
        """Hyperparameter arrays for grid indices, one index array per distribution."""
        found = {
            name: column[index]
            for distribution, index in zip(self.distributions, indices, strict=True)
            for name, column in distribution.columns.items()
        }
        return {name: found[name] for name in self.hyperparameters}

    def complexities(self, values: Mapping[str, NDArray[Any]]) -> Complexity:
        """Complexities of many architectures of this space at once; no network is built.

        Raises:
            InvalidInput: A complexity is larger than any 64-bit integer.
        """
        limited = self.budget.limits()
        found = complexity_of_values(
            self.family, dict(values), self.num_classes, self.resolution, self.channels, limited
        )
        if any(np.min(measure, initial=0) < 0 for measure in found.as_dict().values()):
            raise InvalidInput(
                f"networks of this space have complexities beyond 64-bit integers, such as 2**63 = {2**63:.1g}; "
                "lower its largest values."
            )
        return found

    def architectures(self, values: Mapping[str, NDArray[Any]]) -> list[Architecture]:
        """Architectures from hyperparameter arrays of one length."""
        columns = [values[name].tolist() for name in self.hyperparameters]
        names = self.hyperparameters
        return [
            Architecture(self.family, tuple(zip(names, row, strict=True))) for row in zip(*columns, strict=True)
        ]

    @validated
    def contains(self, architecture: Architecture) -> bool:
        """Whether an architecture is in the space: in every grid, and within the budget."""
        if architecture.family != self.family:
            return False
        return bool(self.admits({name: np.asarray([value]) for name, value in architecture.items})[0])

    def admits(self, values: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
        """Which of n architectures are in the space: in every grid, and within the budget; shape (n,)."""
        columns = {name: values[name].tolist() for name in self.hyperparameters}
        found = np.ones(len(next(iter(columns.values()))), dtype=np.bool_)
        for distribution in self.distributions:
            rows = zip(*(columns[name] for name in distribution.names), strict=True)
            found &= np.fromiter((row in distribution.members for row in rows), np.bool_, len(found))
        # What is in no grid need not be a network, so it has no complexity.
        found[found] = self.meets_budget({name: values[name][found] for name in columns})
        return found

    def meets_budget(self, values: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
        """Which of n architectures meet the budget, whatever the grids; shape (n,)."""
        # Nothing is built to say so, nor counted where names alone cannot make a network too large to count.
        if not self.budget.limits() and (not self.is_planned or all(map(is_category, self._grids.values()))):
            return np.ones(len(next(iter(values.values()))), dtype=np.bool_)
        return self.budget.admits(self.complexities(values))

    def to_document(self) -> dict[str, Any]:
        """The whole space as JSON-able values, which `from_document` reads back; a budget's open end is None."""
        return {
            "family": self.family,
            "num_classes": self.num_classes,
            "resolution": self.resolution,
            "channels": self.channels,
            "budget": {
                measure: [low, None if math.isinf(high) else high]
                for measure, (low, high) in self.budget.limits().items()
            },
            "distributions": [
                {"names": list(one.names), "rows": [list(row) for row in one.rows], "weights": list(one.weights)}
                for one in self.distributions
            ],
        }

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> DesignSpace:
        """The space that `to_document` wrote down; further keys are ignored.

        Raises:
            InvalidInput: The document describes no space, or its family is not installed.
        """
        try:
            distributions = tuple(
                Distribution(
                    tuple(map(str, one["names"])),
                    tuple(tuple(map(_value, row)) for row in one["rows"]),
                    tuple(map(float, one["weights"])),
                )
                for one in document["distributions"]
            )
            limits = {
                str(measure): (float(low), math.inf if high is None else float(high))
                for measure, (low, high) in document["budget"].items()
            }
            family, num_classes = str(document["family"]), index(document["num_classes"])
            resolution, channels = index(document["resolution"]), index(document["channels"])
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(
                f"the record of a design space is damaged ({error!r}); restore the folder."
            ) from None
        return DesignSpace(family, distributions, num_classes, resolution, channels, Budget.of(limits))


def _value(given: Any) -> Any:
    return given if isinstance(given, str | float) else index(given)


SPACES: Registry[Callable[..., DesignSpace]] = Registry(
    "design space",
    "netlore.spaces",
    {
        "anynet": "netlore.space.families.anynet:anynet",
        "anynet-printed": "netlore.space.families.anynet:anynet_printed",
        "resnet": "netlore.space.families.resnet:resnet",
        "nats-topology": "netlore.space.families.nats_topology:nats_topology",
        "transnas-micro": "netlore.space.families.transnas:transnas_micro",
        "transnas-macro": "netlore.space.families.transnas:transnas_macro",
        "mnasnet": "netlore.space.families.mnasnet:mnasnet",
        "anynet-imagenet": "netlore.space.families.anynet_imagenet:anynet_imagenet",
        "regnet": "netlore.space.families.regnet:regnet",
        "nas-bench-macro": "netlore.space.families.nas_bench_macro:nas_bench_macro",
        "nats-size": "netlore.space.families.nats_size:nats_size",
        "autoformer": "netlore.space.families.autoformer:autoformer",
    },
    callable,
)
"""Design spaces by name: functions of the keywords num_classes, resolution, flops, params and activations."""
