"""A landscape: a design space of which the true score of every network is known, and the highest of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netlore.analysis import Floats
from netlore.errors import Degenerate, InvalidInput
from netlore.scoring.evidence import Evidence
from netlore.scoring.predictor import Predictor, predictor
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace

Heights = Callable[[Sequence[Architecture]], Floats]
"""From n architectures of the space to their true scores, shape (n,); NaN: it has none, its score fails."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """What a search looks scores up in; nothing is scored.

    Attributes:
        name: Letters, digits and underscores: also the name of what methods believe to be a predictor.
        title: What it is, in a few words.
        space: The design space.
        heights: The true scores.
        optimum: The highest true score of the whole space, exactly: what regret is measured from.
        noise: Standard deviation of what an initialisation adds to the true score, normal and independent; 0 if
            every score is the true one.
        size: Networks of the space, if there may be no more than a search looks at.
    """

    name: str
    title: str
    space: DesignSpace
    heights: Heights
    optimum: float
    noise: float = 0.0
    size: float = math.inf

    def with_noise(self, noise: float) -> Landscape:
        """The same under noise of that standard deviation.

        Raises:
            InvalidInput: It is negative or not finite.
        """
        if not 0 <= noise < math.inf:
            raise InvalidInput(f"noise = {noise} is no standard deviation; choose 0 or more.")
        return replace(self, noise=noise)

    @property
    def predictor(self) -> Predictor:
        """What the methods believe to be a predictor: its scores are on their scale already."""
        return looked_up(self.name, self.title)


def looked_up(name: str, source: str) -> Predictor:
    """A predictor whose scores are looked up.

    Raises:
        InvalidInput: No predictor can have that name.
    """
    return predictor(name, needs=Evidence(), source=source, transform="identity")(_is_looked_up)


def _is_looked_up(probe: Any) -> Any:
    """A score that is looked up."""
    raise Degenerate("a stored score is not computed again")
