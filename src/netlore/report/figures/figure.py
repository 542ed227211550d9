"""A figure before it is drawn, what its caption says of the data, and its files: SVG for pages, PDF and PNG."""

from __future__ import annotations

import gc
import html
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.style import Look, looks_of, styled
from netlore.report.sample_data import SampleData
from netlore.report.text.phrases import join
from netlore.storage.atomic import make_folder, write_whole

_PNG_DPI = 300
# Text from outside cannot match: matplotlib escapes every < and >.
_ID = re.compile(r'(<\w+ id=")([^"]+)(?=")')
_REFERENCE = re.compile(r'(<[^<>]*(?:clip-path="url\(#|xlink:href="#))([^)"]+)')
_FONT = re.compile(r"(<[^<>]*)'DejaVu Sans'(?:, sans-serif)?")


class Section(Enum):
    """Where on a page a figure stands, and under which heading; sections follow each other in this order."""

    OVERVIEW = ""
    SAMPLE = "What predictors see"
    REFINEMENT = "How refinement went"
    TRAINING = "Trained networks"
    COMPARISON = "Methods side by side"
    VALIDATION = "Scores against accuracy"


@dataclass(frozen=True)
class FigureSpec:
    """A figure before it is drawn.

    Attributes:
        name: Its file name without an ending, unique in its folder.
        title: What it shows; with its number it is what assistive technology reads, too.
        caption: How to read it.
        section: Where it stands.
        draw: Draws it.
        number: Its number in the paper.
    """

    name: str
    title: str
    caption: str
    section: Section
    draw: Callable[[], Figure]
    number: int | None = None

    @property
    def heading(self) -> str:
        """Its title, and its number in the paper if it has one."""
        return f"{self.title} (the paper's Fig. {self.number})" if self.number else self.title


@dataclass(frozen=True)
class DrawnFigure:
    """A figure that is written; `svg` is to stand inline on a page."""

    spec: FigureSpec
    svg: str
    files: tuple[Path, ...]


def draw_figures(
    specs: Sequence[FigureSpec], folder: Path, progress: Callable[[int, int], None] | None = None
) -> list[DrawnFigure]:
    """Draw figures and write each as SVG, PDF and PNG into `figures` in a folder.

    `progress` is called with how many figures are drawn, and how many there are.

    Raises:
        Unwritable: A file cannot be written.
    """
    pictures = make_folder(folder / "figures")
    update = progress or (lambda done, total: None)
    drawn: list[DrawnFigure] = []
    update(0, len(specs))
    gc.freeze()  # fonts make objects by the hundred thousand: to look through ours each time costs a fifth
    try:
        for spec in specs:
            contents = renderings(spec.draw(), spec.name)
            files = tuple(write_whole(pictures / f"{spec.name}.{end}", found) for end, found in contents.items())
            drawn.append(DrawnFigure(spec, _inline(contents["svg"].decode(), spec.heading), files))
            update(len(drawn), len(specs))
    finally:
        gc.unfreeze()
    return drawn


def renderings(figure: Figure, name: str) -> dict[str, bytes]:
    """Draw a figure as SVG, PDF and PNG, by ending; the same figure and name give the same bytes.

    Everything is put in its place once, which is the slow part. Ids in the SVG begin with the name: matplotlib
    calls the first axes of every figure axes_1, and on a page with several figures they would collide.
    """
    with styled():
        figure.draw_without_rendering()
    figure.set_layout_engine("none")
    svg = _saved(figure, "svg", "Date", "Creator", "Format", "Type", salt=name).decode()
    for pattern, new in ((_FONT, r"\1sans-serif"), (_ID, rf"\1{name}-\2"), (_REFERENCE, rf"\1{name}-\2")):
        svg = pattern.sub(new, svg)
    pdf = _saved(figure, "pdf", "CreationDate", "Creator", "Producer")
    return {"svg": svg.encode(), "pdf": pdf, "png": png_bytes(figure)}


def png_bytes(figure: Figure) -> bytes:
    """Draw a figure as a PNG image of 300 dots per inch."""
    return _saved(figure, "png", "Software")


def _saved(figure: Figure, form: str, *left_out: str, salt: str = "netlore") -> bytes:
    """A figure by the backend of that form, whichever a process has; without what differs between calls."""
    buffer = io.BytesIO()
    with styled(), mpl.rc_context({"svg.hashsalt": salt}):
        backend = "agg" if form == "png" else form
        figure.savefig(buffer, format=form, dpi=_PNG_DPI, backend=backend, metadata=dict.fromkeys(left_out))
    return buffer.getvalue()


def _inline(text: str, label: str) -> str:
    """Turn an SVG document into an element of an HTML page, with an accessible name."""
    element = text[text.index("<svg") :]
    return element.replace("<svg", f'<svg role="img" aria-label="{html.escape(label)}"', 1).strip()


def predictor_looks(study: StudyData) -> dict[str, Look]:
    """A look for every predictor of a study, in the order of its samples, then of its refinements."""
    sampled = [name for sample in study.samples for name in sample.predictors]
    return looks_of(dict.fromkeys([*sampled, *(one.predictor for one in study.refinements)]))


def of_sample(sample: SampleData, predictors: Iterable[str]) -> str:
    """How many networks were sampled, and how many are left out because some predictors have no score."""
    failed = sample.failed
    lost = [f"{failed[name]:,} of {name}" for name in predictors if failed[name]]
    return (
        f"{sample.drawn} of {sample.family} on {sample.data}, seed {sample.seed}; left out "
        f"without a score: {join(lost) if lost else 'none'}."
    )


def published_note(runs: Sequence[RefinementData], what: str) -> str:
    """What a mark is, a phrase that ends in who found it, as a further sentence; nothing where nobody did."""
    sources = dict.fromkeys(one.published.source for one in runs if one.published)
    return f" {what} {join(list(sources))}." if sources else ""


def of_refinements(runs: Sequence[RefinementData]) -> str:
    """How many networks a round had, of which data set, predictor and seed."""
    groups: dict[tuple[str, int, int], list[str]] = {}
    for one in runs:
        key = (one.data, one.configuration.networks, one.first.seed)
        groups.setdefault(key, []).append(one.predictor)
    parts = [
        f"{data} ({', '.join(who)}): {count:,} networks a round, seed {seed}"
        for (data, count, seed), who in groups.items()
    ]
    return f"{'; '.join(parts)}."
