"""A figure before it is drawn, and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure


@dataclass(frozen=True)
class FigurePlan:
    """A figure before it is drawn.

    Attributes:
        name: Its file name without an ending, unique among the figures beside it.
        title: Its heading, which is also what assistive technology reads.
        caption: How to read it.
        draw: Draws it.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], Figure]


@dataclass(frozen=True)
class DrawnFigure:
    """A figure that is written.

    Attributes:
        name: Its file name without an ending.
        title: Its heading.
        caption: How to read it.
        svg: To stand inline on a page.
        files: Where it was written.
    """

    name: str
    title: str
    caption: str
    svg: str
    files: tuple[Path, ...]
