"""How pictures are read, as a part of what is asked of a run."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from netlore.data import Reading
from netlore.data.reading import LARGEST_SIDE

Side = Annotated[int, Field(ge=1, le=LARGEST_SIDE)]
Column = Annotated[str, Field(min_length=1)]


class ReadingConfiguration(BaseModel):
    """What is made of pictures, under the names of the options of commands; they are those of
    `netlore.data.Reading` too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    resize: Side | None = None
    crop: Side | None = None
    skip_bad: bool = False
    image_column: Column | None = None
    label_column: Column | None = None

    @property
    def reading(self) -> Reading:
        """The same as a value; raises `InvalidInput` if its parts do not fit each other."""
        return Reading(**{name: getattr(self, name) for name in ReadingConfiguration.model_fields})

    @model_serializer(mode="wrap")
    def _without_what_is_usual(self, rest: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Documents that were written before there were other measures and options have no such entries.
        late = {"budget", "space_options", "restrict", "device_tables", "cost", *ReadingConfiguration.model_fields}
        return {name: one for name, one in rest(self).items() if name not in late or one}
