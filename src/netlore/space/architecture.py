"""Architecture: a family's name and one value per hyperparameter. A description, not a network."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from netlore.drawing import html_table
from netlore.space.family import Value, string_of


@dataclass(frozen=True)
class Architecture:
    """A point of a design space.

    Attributes:
        family: Name of the family that gives the hyperparameters their meaning ("anynet").
        items: Hyperparameters and their values, in the family's order: numbers, and names of categories.
    """

    family: str
    items: tuple[tuple[str, Value], ...]

    @property
    def values(self) -> dict[str, Value]:
        """Value of each hyperparameter, in the family's order: `{"d1": 15, "d2": 16, ...}`."""
        return dict(self.items)

    @cached_property
    def id(self) -> str:
        """A stable name: the family and 64 bits of the SHA-256 of the JSON form.

        Equal architectures have equal ids on every machine and in every version; among a million architectures
        two share an id with a probability of 3e-8.
        """
        return f"{self.family}-{hashlib.sha256(self.to_json().encode()).hexdigest()[:16]}"

    def to_json(self) -> str:
        """The canonical JSON form, which `from_json` reads back."""
        return json.dumps({"family": self.family, "values": dict(sorted(self.items))}, separators=(",", ":"))

    @property
    def string(self) -> str:
        """As the family's benchmark writes it: `|nor_conv_3x3~0|+...`; empty if there is no such form."""
        return string_of(self.family, self.values)

    def _repr_html_(self) -> str:
        """For a notebook: its name, and its hyperparameters side by side."""
        return html_table(self.id, self.values, [self.values.values()])

    def __str__(self) -> str:
        """Readable and short: `d 15,16,16; w 8,16,64; g 8,16,16; b 1,1,1`."""
        letters: dict[str, dict[str, str]] = {}
        for name, value in self.items:
            letters.setdefault(name.rstrip("0123456789"), {})[name] = str(value).removesuffix(".0")
        parts = [(letter if len(own) > 1 else next(iter(own)), own.values()) for letter, own in letters.items()]
        return "; ".join(f"{letter} {','.join(values)}" for letter, values in parts)
