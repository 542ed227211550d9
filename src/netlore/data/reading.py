"""Reading: what is made of the pictures and labels that somebody keeps."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TypedDict, cast

from netlore.arguments import validated
from netlore.errors import InvalidInput

LARGEST_SIDE = 4096
"""Pixels of the highest picture that is taken as it is: a batch of 64 such takes 13 GB."""


class ReadingOptions(TypedDict, total=False):
    """Keywords of functions that read data sets, with the meaning of the attributes of `Reading`."""

    resize: int | None
    crop: int | None
    skip_bad: bool
    image_column: str | None
    label_column: str | None


@validated
@dataclass(frozen=True)
class Reading:
    """How pictures become images of one size, and where they and their labels stand.

    Attributes:
        resize: The shorter side is scaled to that many pixels, and the middle square is cut out.
        crop: The square of that many pixels in the middle is cut out; with `resize`, after scaling.
        skip_bad: Pictures that cannot be used are left out, instead of refusing the data set.
        image_column: The column of the pictures in a table; None: the one with a usual name.
        label_column: The column of the classes; None: likewise.

    Raises:
        InvalidInput: A size is not positive or too large, or the square is larger than what it is cut from.

    >>> Reading(resize=256, crop=224).side, Reading().side
    (224, None)
    """

    resize: int | None = None
    crop: int | None = None
    skip_bad: bool = False
    image_column: str | None = None
    label_column: str | None = None

    def __post_init__(self) -> None:
        for name in ("resize", "crop"):
            size = getattr(self, name)
            if size is not None and not 1 <= size <= LARGEST_SIDE:
                raise InvalidInput(
                    f"{name} = {size} is not between 1 and {LARGEST_SIDE:,} pixels; choose another."
                )
        if self.resize is not None and self.crop is not None and self.crop > self.resize:
            raise InvalidInput(
                f"crop = {self.crop} is more than the shorter side has after resize = {self.resize}; lower crop."
            )

    @property
    def side(self) -> int | None:
        """Height and width that every image gets; None: it has those of its picture."""
        return self.crop or self.resize

    def given(self) -> ReadingOptions:
        """What is not usual, as keywords."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return cast(ReadingOptions, {name: value for name, value in values.items() if value})

    def of_other_data(self) -> Reading:
        """The same for data sets next to the one that was meant: columns are that one's alone."""
        return replace(self, image_column=None, label_column=None)

    def check_no_columns(self, place: str) -> None:
        """Refuse columns of what is no table."""
        for name, column in (("image_column", self.image_column), ("label_column", self.label_column)):
            if column is not None:
                raise InvalidInput(
                    f"{name} = {column!r} is a column of a table, but {place} is none; leave it out, or give a "
                    ".parquet file."
                )


AS_IT_IS = Reading()
"""Square pictures of one size, columns with their usual names, and nothing left out."""
