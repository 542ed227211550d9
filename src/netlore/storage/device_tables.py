"""Tables of devices as files, in a documented JSON format: of what was measured here, or by others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from netlore.errors import InvalidInput
from netlore.space.device_table import DeviceTable
from netlore.space.named import parse
from netlore.storage.documents import read_document, write_document

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class DeviceTableDocument(BaseModel):
    """What a file holds: `steps`, or `architectures`; see docs/budgets.md.

    Attributes:
        device: Anything that says what was measured, and how.
        steps: By class of a step and feature, the units that each of the feature takes.
        architectures: By a benchmark's string, a name, or JSON, the units that the network takes.
        resolution: Side of the images of `architectures`, in pixels; 0: not said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    SCHEMA: ClassVar[int] = 1

    format: Literal["netlore device table"]
    measure: str = Field(default="latency", pattern=r"^[a-z_]+$")
    unit: str = "ms"
    device: dict[str, Any] = {}
    steps: dict[str, dict[str, Amount]] = {}
    architectures: dict[str, Amount] = {}
    resolution: int = Field(default=0, ge=0)

    def table(self, where: str) -> DeviceTable:
        """The table; refused if it holds both or none, or what no network is."""
        if bool(self.steps) == bool(self.architectures):
            raise InvalidInput(f"{where} has both steps and architectures, or none; give one of them.")
        about = (self.measure, self.unit, self.device)
        if self.steps:
            return DeviceTable(*about, coefficients=self.steps)
        family, values = _by_values(self.architectures, where)
        return DeviceTable(*about, values=values, family=family, resolution=self.resolution)


def _by_values(architectures: Mapping[str, float], where: str) -> tuple[str, dict[tuple[Any, ...], float]]:
    families: set[str] = set()
    found = {}
    for text, value in architectures.items():
        if text.endswith(".json"):  # which would be read
            raise InvalidInput(
                f"{where} has the architecture {text!r:.200}; write its values, not where they are."
            )
        one = parse(text)
        families.add(one.family)
        found[tuple(one.values.values())] = value
    if len(families) > 1:
        raise InvalidInput(f"{where} has networks of {', '.join(sorted(families))}; give a table for each family.")
    return families.pop(), found


def read_device_table(path: Path) -> DeviceTable:
    """The table in a file.

    Raises:
        InvalidInput: The file cannot be read, or is no table of a device.
    """
    return read_document(path, DeviceTableDocument).table(str(path))


def write_steps(path: Path, table: DeviceTable) -> Path:
    """Write a table of steps."""
    document = DeviceTableDocument(
        format="netlore device table",
        measure=table.measure,
        unit=table.unit,
        device=dict(table.device),
        steps={name: dict(found) for name, found in table.coefficients.items()},
    )
    return write_document(path, document.model_dump(exclude={"architectures", "resolution"}))
