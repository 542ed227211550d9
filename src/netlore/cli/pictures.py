"""Options of all commands with data: what is made of pictures and labels that somebody keeps."""

from __future__ import annotations

from typing import Annotated

import typer

from netlore.cli.options import Group

Resize = Annotated[
    int | None,
    typer.Option(
        metavar="PIXELS", help="Scale the shorter side of pictures to this, and cut the square in the middle out."
    ),
]
Crop = Annotated[
    int | None,
    typer.Option(
        metavar="PIXELS", help="Cut a square of this side out of the middle of pictures, after --resize if given."
    ),
]
SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Leave out pictures that cannot be used, and say which. All are decoded."),
]
ImageColumn = Annotated[
    str | None, typer.Option(metavar="NAME", help="Column of the pictures in a table, if not img or image.")
]
LabelColumn = Annotated[
    str | None, typer.Option(metavar="NAME", help="Column of the classes in a table, if not label or fine_label.")
]

READING: Group = {
    "resize": (Resize, None),
    "crop": (Crop, None),
    "skip_bad": (SkipBad, False),
    "image_column": (ImageColumn, None),
    "label_column": (LabelColumn, None),
}
"""What is made of the pictures of a path."""
