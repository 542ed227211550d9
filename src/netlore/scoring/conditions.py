"""Conditions: what belongs to the definition of a score apart from its formula, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Conditions:
    """Under which conditions a network is looked at. Two scores of one formula under other conditions are two
    definitions.

    Attributes:
        inputs: What the network is shown.
        weights: With which weights, and how often they or the inputs are drawn.
        mode: Its mode: `training` (batch statistics) or `evaluation`.
        layers: Which of its layers or weights count.
        reduction: How numbers of layers, weights, images and draws become one.
    """

    inputs: str = "the batch"
    weights: str = "as given"
    mode: str = "training"
    layers: str = ""
    reduction: str = ""

    def __str__(self) -> str:
        """What is known, named."""
        return "; ".join(f"{name}: {value}" for name, value in self.as_dict().items())

    def as_dict(self) -> dict[str, str]:
        """What is known, by name."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}


AS_GIVEN = Conditions()
LINEAR_MAPS = "all convolutions, linear layers, and projections in attention and recurrent layers"
"""The layers whose weights most predictors look at."""

NOTHING = Conditions("nothing", "as given", "any")
"""Of what looks at the network without showing it anything."""


def together(several: Iterable[Conditions]) -> Conditions:
    """Those of evidence of several kinds; what differs is joined."""
    found = list(dict.fromkeys(several)) or [NOTHING]
    shown = [one for one in found if one != NOTHING] or found
    values = (dict.fromkeys(getattr(one, name.name) for one in shown) for name in fields(Conditions))
    return Conditions(*(" and ".join(filter(None, value)) for value in values))
