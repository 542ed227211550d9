"""The explorer: parallel coordinates of all networks of a study, as a fragment of an HTML page.

Why not Plotly's parallel coordinates: they have no click events on lines, need WebGL, cannot be used with the
keyboard, and add 4.7 MB to every page. The explorer is a canvas and the small scripts `templates/explorer_*.js`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from netlore.errors import NetloreError
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, SampleData, StudyData
from netlore.report.explorer.structure import Part, structure
from netlore.report.explorer.subsample import BEST, Rows, thinned
from netlore.report.names import panel_title
from netlore.report.page.templates import embedded_json, render, verbatim
from netlore.space.complexity import BUILT_IN, LABELS, MEASURES

Axis = dict[str, Any]

LIMIT = 10_000
"""More networks than this are thinned: their lines would hide each other, and the page would open slowly."""

SCRIPTS = tuple(
    f"explorer_{part}.js"
    for part in ("data", "plot", "axes", "ranges", "rounds", "structure", "network", "list", "start")
)
_PLACES = ("main", "branch", "shortcut")
_KINDS = ("convolution", "linear")


def explorer_html(findings: StudyData, limit: int = LIMIT) -> Markup:
    """The explorer with its data, styles and scripts; a page holds one. It needs the variables of `page.css`."""
    if not any(len(one.frame) for one in findings.samples) and not findings.refinements:
        return Markup('<p class="explorer">There is no network to explore.</p>')
    data = payload(findings, limit)
    return Markup(
        render(
            "explorer.html.j2",
            data=embedded_json(data),
            thinning=thinning_sentence(data),
            style=verbatim("explorer.css"),
            script=verbatim(*SCRIPTS),
            best=BEST,
        )
    )


def payload(findings: StudyData, limit: int = LIMIT) -> dict[str, Any]:
    """Everything that the explorer's scripts know, as JSON-able values.

    Groups are what `networks of` chooses from. A column is base64 of little-endian numbers: a hyperparameter's
    positions in its grid (uint16), everything else exact (float64). Architectures are listed once.
    """
    samples, refined = thinned(findings, limit)
    book = _Book(findings)
    groups = [
        _sample_group(one, rows, book) for one, rows in zip(findings.samples, samples, strict=True) if len(rows)
    ]
    for one, rows in zip(findings.refinements, refined, strict=True):
        groups += [_refinement_group(one, story, rows, book) for story in one.refinements]
    return {"groups": groups, **book.pages()}


def thinning_sentence(data: dict[str, Any]) -> str:
    """Say which part of the networks is shown; empty if all are."""
    shown = sum(group["count"] for group in data["groups"])
    total = sum(group["of"] for group in data["groups"])
    if shown == total:
        return ""
    return (
        f"To open quickly, the explorer shows {shown:,} of the {total:,} networks: samples before refinements, "
        f"then as many of every round, evenly chosen, and always the {BEST} best of every refinement. "
        "The figures and tables are of all networks."
    )


def _sample_group(one: SampleData, rows: Rows, book: _Book) -> dict[str, Any]:
    scores = [_score_axis(name, one.scales[name], one.transformed[name][rows]) for name in one.predictors]
    label = f"{one.data}: sample of {one.family}, seed {one.seed}"
    return {"kind": "sample", **_group(label, one, one.frame.iloc[rows], len(one.frame), scores, book)}


def _refinement_group(one: RefinementData, each: Refinement, rows: Rows, book: _Book) -> dict[str, Any]:
    every = one.networks[one.networks["seed"] == each.seed]
    shown = one.networks.iloc[rows]
    frame = shown[shown["seed"] == each.seed]
    scores = _score_axis(one.predictor, one.scale, one.transform.apply(frame["score"].to_numpy(float)))
    label = f"{one.data}: {one.predictor} refined, seed {each.seed}"
    counts = every["round"].value_counts()
    return {
        "kind": "refinement",
        **_group(label, one, frame, len(every), [scores], book),
        "round": _column(frame["round"].to_numpy(), "<u2"),
        "rounds": [
            {
                "number": entry.number,
                "of": int(counts.get(entry.number, 0)),
                "intervals": {name: list(map(float, found)) for name, found in entry.estimates.items()},
            }
            for entry in each.rounds
        ],
    }


def _group(
    label: str, one: SampleData | RefinementData, frame: pd.DataFrame, of: int, scores: list[Axis], book: _Book
) -> dict[str, Any]:
    """What groups of both kinds have: `frame` holds the networks that are shown, of so many."""
    return {
        "label": label,
        "data": one.data,
        "family": one.family,
        "budget": one.budget,
        "count": len(frame),
        "of": of,
        "axes": [*_common_axes(frame, one.grids), *scores],
        "architectures": _column(book.numbers(frame["architecture"].tolist(), one.data), "<u4"),
    }


def _common_axes(frame: pd.DataFrame, grids: dict[str, tuple[int, ...]]) -> list[Axis]:
    """The axes of hyperparameters and of complexities."""
    axes: list[Axis] = []
    for name, grid in grids.items():
        values = frame[name].to_numpy(np.int64)
        ticks = np.union1d(np.asarray(grid, dtype=np.int64), values)  # a value outside the grid is shown as well
        found = {"name": name, "title": panel_title(name), "kind": "grid", "unit": "", "grid": ticks.tolist()}
        axes.append({**found, "values": _column(np.searchsorted(ticks, values), "<u2")})
    for name in MEASURES:
        if name in frame:
            found = {"name": name, "title": LABELS[name].label, "kind": "log", "unit": ""}
            axes.append({**found, "values": _column(frame[name].to_numpy(), "<f8")})
    return axes


def _score_axis(name: str, scale: str, scores: NDArray[np.float64]) -> Axis:
    title = f"score of {name}, {scale}"
    # An infinite score is none, as anywhere else.
    column = _column(np.where(np.isfinite(scores), scores, np.nan), "<f8")
    return {"name": name, "title": title, "kind": "score", "unit": scale, "values": column}


def _column(values: NDArray[Any] | Sequence[int], kind: str) -> str:
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode()


class _Book:
    """Architectures, the stages that they consist of, and the parts of those, each listed once."""

    def __init__(self, findings: StudyData) -> None:
        self._findings = findings
        self._numbers: dict[tuple[str, str], int] = {}
        self._parts: dict[Part, int] = {}
        self._ids: list[str] = []
        self._shapes: list[list[list[object]] | None] = []

    def numbers(self, ids: Sequence[str], data: str) -> list[int]:
        """The architectures' positions in the list; those that are new are added."""
        for identity in ids:
            if (identity, data) not in self._numbers:
                self._numbers[identity, data] = len(self._ids)
                self._ids.append(identity)
                self._shapes.append(self._shape(identity, data))
        return [self._numbers[identity, data] for identity in ids]

    def pages(self) -> dict[str, Any]:
        """The lists: ids; per id its stages as [name, part, times, part, times, ...] or null; parts."""
        parts = [
            [
                int(part.residual),
                part.width,
                part.resolution,
                *(int(part.complexity.as_dict()[name]) for name in BUILT_IN),
                [[_PLACES.index(place), _KINDS.index(kind), *sizes] for place, kind, *sizes in part.layers],
            ]
            for part in self._parts
        ]
        return {"ids": self._ids, "shapes": self._shapes, "parts": parts}

    def _shape(self, identity: str, data: str) -> list[list[object]] | None:
        """The stages; None for a network that cannot be drawn, such as one of a family that is not installed."""
        if identity not in self._findings.architectures or data not in self._findings.classes:
            return None
        try:
            found = structure(self._findings.architectures[identity], *self._findings.classes[data])
        except NetloreError:
            return None
        return [
            [
                stage.name,
                *(
                    n
                    for part, times in stage.runs
                    for n in (self._parts.setdefault(part, len(self._parts)), times)
                ),
            ]
            for stage in found
        ]
