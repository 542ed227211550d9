"""ModuleArchitecture: a network that code of others makes, as scores are kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netlore.errors import InvalidArchitecture
from netlore.space.architecture import Architecture

FAMILY = "module"
"""What stands for a family. It is none: there is no plan, so nothing can be drawn, built or trained from it."""


@dataclass(frozen=True)
class ModuleArchitecture(Architecture):
    """What is known of a torch module's definition.

    Attributes:
        source: Where it comes from, with its arguments: `timm:resnet18(num_classes=10)`; or a name given to it.
        definition: A fingerprint of the code that makes it, or the version of the package that it comes from.
        measures: Complexities that were measured on the built network, by name; `flops` and `activations` are
            missing if it cannot be run on one image.
    """

    source: str = ""
    definition: str = ""
    measures: tuple[tuple[str, int], ...] = ()

    @staticmethod
    def of(source: str, definition: str, measures: Mapping[str, int]) -> ModuleArchitecture:
        """One of that source, definition and size."""
        return ModuleArchitecture(FAMILY, (), source, definition, tuple(sorted(measures.items())))

    @staticmethod
    def from_document(values: Mapping[str, Any]) -> ModuleArchitecture:
        """From the values of its JSON form; raises InvalidArchitecture if they are not."""
        found = (values.get("source"), values.get("definition"), values.get("measures"))
        source, definition, measures = found
        known = isinstance(measures, dict) and all(type(value) is int for value in measures.values())
        if len(values) != 3 or not (isinstance(source, str) and isinstance(definition, str) and known):
            raise InvalidArchitecture(f"{values!r:.100} does not describe a module; restore the file.")
        return ModuleArchitecture.of(source, definition, measures or {})

    def to_json(self) -> str:
        """The canonical JSON form."""
        values = {"definition": self.definition, "measures": dict(self.measures), "source": self.source}
        return json.dumps({"family": self.family, "values": values}, separators=(",", ":"))

    @property
    def string(self) -> str:
        """None: no benchmark has it."""
        return ""

    def __str__(self) -> str:
        """Where it comes from."""
        return self.source
