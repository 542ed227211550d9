"""A design space of which every accuracy is known, and scores: searches look them up, and nothing is scored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from netlore.analysis import Floats
from netlore.analysis.elite_scores import Codes
from netlore.errors import Degenerate, InvalidInput
from netlore.refinement.loop import Scored
from netlore.scoring.draws import Network
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import Predictor, predictor
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, joint
from netlore.space.family import categories_of
from netlore.storage.score_table import Score, ScoreRow, ScoreTable
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
    """

    accuracies: Accuracies
    scores: Floats
    name: str
    source: str
    space: DesignSpace

    def __len__(self) -> int:
        return len(self.accuracies)

    @cached_property
    def numbers(self) -> Mapping[Architecture, int]:
        """The number of each architecture."""
        return {one: number for number, one in enumerate(self.accuracies.architectures)}

    @property
    def predictor(self) -> Predictor:
        """What the methods believe to be a predictor: its scores are on their scale already."""
        return predictor(self.name, needs=Evidence(), source=self.source, transform="identity")(_is_looked_up)

    @cached_property
    def counts(self) -> Mapping[str, Floats]:
        """Parameters, and layers where they are known, shape (n,) each."""
        found = costs_of(self.accuracies.architectures, CLASSES, RESOLUTION, CHANNELS)
        return {name: found[name] for name in ("params", "layers") if name in found}

    @cached_property
    def looked_up(self) -> Sequence[Score]:
        """The score of each."""
        failed = Score(None, "error", f"no {self.name} score is stored")
        return [Score(value) if math.isfinite(value) else failed for value in self.scores.tolist()]

    def recorder(self, looked_at: list[int], seed: int = 0) -> Scored:
        """Look scores up, as a refinement wants them, and note which; None once all were looked at.

        Args:
            looked_at: Gets the numbers of the networks, in order.
            seed: Stands in the tables.
        """
        seen: set[int] = set()

        def scored(number: int, drawn: list[Network]) -> ScoreTable | None:
            if len(seen) == len(self):
                return None
            places = [self.numbers[one.architecture] for one in drawn]
            seen.update(places)
            looked_at.extend(places)
            rows = [
                ScoreRow(one.architecture, seed, one.draw, self.name, self.looked_up[place])
                for one, place in zip(drawn, places, strict=True)
            ]
            return ScoreTable(rows, CLASSES, RESOLUTION, CHANNELS)

        return scored

    def places(self, architectures: Sequence[Architecture]) -> Codes:
        """Their numbers."""
        return np.asarray([self.numbers[one] for one in architectures], dtype=np.intp)


def known_space(
    accuracies: Accuracies, scores: Mapping[Architecture, float], name: str, source: str
) -> KnownSpace:
    """Join accuracies and scores of the same networks.

    Args:
        accuracies: All networks of the space.
        scores: On the predictor's scale; what is missing or not finite is a failed score, and those of other
            networks are left out.
        name: The predictor.
        source: Whose scores, in a sentence.

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
    known = KnownSpace(ordered, found, name, source, space_of(ordered.architectures))
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


def _is_looked_up(probe: Any) -> Any:
    """A score that is looked up."""
    raise Degenerate("a stored score is not computed again")
