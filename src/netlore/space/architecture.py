"""Architecture: a family's name and one value per hyperparameter. A description, not a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

from netlore.errors import InvalidArchitecture


@dataclass(frozen=True)
class Architecture:
    """A point of a design space.

    Attributes:
        family: Name of the family that gives the hyperparameters their meaning ("anynet").
        items: Hyperparameters and their values, in the family's order.
    """

    family: str
    items: tuple[tuple[str, int], ...]

    @property
    def values(self) -> dict[str, int]:
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

    @staticmethod
    def from_values(family: str, values: Mapping[str, Any], order: tuple[str, ...]) -> Architecture:
        """An architecture from a mapping that must hold exactly the hyperparameters in `order`.

        Raises:
            InvalidArchitecture: A hyperparameter is missing, unknown, or not a whole number.
        """
        missing = [name for name in order if name not in values]
        unknown = [name for name in values if name not in order]
        if missing or unknown:
            fault = f"lacks {', '.join(missing)}" if missing else f"does not know {', '.join(unknown)}"
            raise InvalidArchitecture(f"the {family} architecture {fault}; give exactly {', '.join(order)}.")
        for name in order:
            # numpy's integers are welcome, as they come out of tables; True and 2.0 are slips.
            if isinstance(values[name], bool) or not isinstance(values[name], Integral):
                raise InvalidArchitecture(f"{name} = {values[name]!r} is not a whole number; give an integer.")
        return Architecture(family, tuple((name, int(values[name])) for name in order))

    def __str__(self) -> str:
        """Readable and short: `d 15,16,16; w 8,16,64; g 8,16,16; b 1,1,1`."""
        letters: dict[str, list[str]] = {}
        for name, value in self.items:
            letters.setdefault(name.rstrip("0123456789"), []).append(str(value))
        return "; ".join(f"{letter} {','.join(values)}" for letter, values in letters.items())
