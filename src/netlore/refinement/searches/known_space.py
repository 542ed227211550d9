"""A design space of which every accuracy is known, and scores: searches look them up, and nothing is scored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.elite_scores import Codes
from netlore.errors import InvalidInput
from netlore.refinement.searches.landscape import Landscape, looked_up
from netlore.scoring.predictor import Predictor
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, joint
from netlore.space.family import categories_of
from netlore.validation.accuracies import Accuracies
from netlore.validation.measures import costs_of

CLASSES, RESOLUTION, CHANNELS = 10, 32, 3
"""What parameters and layers are counted for; they order networks alike for any other."""


@dataclass(frozen=True, eq=False)
class KnownSpace:
    """Trained networks, all of a design space, and their scores.

    Attributes:
        accuracies: In the order of the architectures' ids, so that of two numbers the smaller has the smaller id.
        scores: On the predictor's scale, shape (n,); NaN: it has none, which counts as a failed score.
        name: The predictor.
        source: Whose scores, in a sentence.
        space: The design space: exactly these architectures, with equal chances.
        seconds: That scoring took, shape (n,), NaN where that is not known; None: of none.
    """

    accuracies: Accuracies
    scores: Floats
    name: str
    source: str
    space: DesignSpace
    seconds: Floats | None = None

    def __len__(self) -> int:
        return len(self.accuracies)

    @cached_property
    def numbers(self) -> Mapping[Architecture, int]:
        """The number of each architecture."""
        return {one: number for number, one in enumerate(self.accuracies.architectures)}

    @property
    def predictor(self) -> Predictor:
        """What the methods believe to be a predictor: its scores are on their scale already."""
        return looked_up(self.name, self.source)

    @property
    def landscape(self) -> Landscape:
        """The scores as a landscape; the highest of them is its optimum."""
        title = f"{self.accuracies.title}, {self.name}"
        return self._landscape(self.name, title, self.scores)

    @property
    def accuracy_landscape(self) -> Landscape:
        """The accuracies as a landscape, as if a predictor knew them."""
        title = f"{self.accuracies.title}, {self.accuracies.target.what}"
        return self._landscape("accuracy", title, self.accuracies.values)

    def _landscape(self, name: str, title: str, values: Floats) -> Landscape:
        def heights(architectures: Sequence[Architecture]) -> Floats:
            return np.asarray(values[self.places(architectures)], dtype=np.float64)

        return Landscape(name, title, self.space, heights, float(np.nanmax(values)), size=len(self))

    @cached_property
    def costs(self) -> Mapping[str, Floats]:
        """What scoring each network takes, as far as it is known, shape (n,) each: FLOPs of a forward pass, and
        seconds, NaN where a network has none."""
        found = {"flops": self._measures["flops"]}
        return found if self.seconds is None else {**found, "seconds": self.seconds}

    @cached_property
    def counts(self) -> Mapping[str, Floats]:
        """Parameters, and layers where they are known, shape (n,) each."""
        return {name: self._measures[name] for name in ("params", "layers") if name in self._measures}

    @cached_property
    def _measures(self) -> Mapping[str, Floats]:
        return costs_of(self.accuracies.architectures, CLASSES, RESOLUTION, CHANNELS)

    def places(self, architectures: Sequence[Architecture]) -> Codes:
        """Their numbers."""
        return np.asarray([self.numbers[one] for one in architectures], dtype=np.intp)


def known_space(
    accuracies: Accuracies,
    scores: Mapping[Architecture, float],
    name: str,
    source: str,
    seconds: Mapping[Architecture, float] | None = None,
) -> KnownSpace:
    """Join accuracies and scores of the same networks.

    Args:
        accuracies: All networks of the space.
        scores: On the predictor's scale; what is missing or not finite is a failed score, and those of other
            networks are left out.
        name: The predictor.
        source: Whose scores, in a sentence.
        seconds: That scoring took, as far as that is known; 0 for all: it was not measured.

    Raises:
        InvalidInput: Fewer than two networks, none of them with a score, or a name that no predictor can have.
    """
    ids = [one.id for one in accuracies.architectures]
    ordered = accuracies.chosen(sorted(range(len(ids)), key=ids.__getitem__))
    found = np.asarray([scores.get(one, math.nan) for one in ordered.architectures], dtype=np.float64)
    found[~np.isfinite(found)] = np.nan
    if len(ordered) < 2 or np.isnan(found).all():
        raise InvalidInput(
            f"none of the {len(scores):,} networks with a {name} score is among the {len(ordered):,} of "
            f"{accuracies.title}; give scores of its networks."
        )
    took = np.asarray([(seconds or {}).get(one, math.nan) for one in ordered.architectures], dtype=np.float64)
    known = KnownSpace(
        ordered, found, name, source, space_of(ordered.architectures), took if (took > 0).any() else None
    )
    _ = known.predictor  # refuses names
    return known


def space_of(architectures: Sequence[Architecture]) -> DesignSpace:
    """The design space of exactly these architectures of one family, with equal chances.

    Every hyperparameter on its own where all combinations are there, and all together where some are not.
    """
    family, names = architectures[0].family, tuple(architectures[0].values)
    rows = [tuple(one.values[name] for name in names) for one in architectures]
    known = categories_of(family)
    grids = []
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        present = set(column)
        grids.append([one for one in known[name] if one in present] if name in known else sorted(present))
    distributions = tuple(choice(name, grid) for name, grid in zip(names, grids, strict=True))
    if math.prod(map(len, grids)) != len(rows):
        places = [{value: place for place, value in enumerate(grid)} for grid in grids]
        rows.sort(key=lambda row: [place[value] for place, value in zip(places, row, strict=True)])
        distributions = (joint(names, rows),)
    return DesignSpace(family, distributions, CLASSES, RESOLUTION, CHANNELS)
