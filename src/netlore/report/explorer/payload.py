"""The explorer: parallel coordinates of all networks of a study, as a fragment of an HTML page.

Why not Plotly's parallel coordinates: they have no click events on lines, need WebGL, cannot be used with the
keyboard, and add 4.7 MB to every page. The explorer is a canvas and the small scripts `templates/explorer_*.js`.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from netlore.errors import NetloreError
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData, StudyData
from netlore.report.explorer.structure import Part, structure
from netlore.report.explorer.subsample import BEST, Rows, thinned
from netlore.report.names import hyperparameter_title, vocabulary
from netlore.report.page.page import render, script
from netlore.report.sample_data import SampleData
from netlore.space.architecture import Architecture
from netlore.space.complexity import LABELS, MEASURES
from netlore.space.distribution import is_category
from netlore.space.family import has_plans
from netlore.space.module import ModuleArchitecture

Axis = dict[str, Any]

LIMIT = 10_000
"""More networks than this are thinned: their lines would hide each other, and the page would open slowly."""


def explorer_html(study: StudyData, limit: int = LIMIT) -> Markup:
    """The explorer with its data, styles and scripts; a page holds one. It needs the variables of `page.css`."""
    if not any(len(one.frame) for one in study.samples) and not study.refinements:
        return Markup('<p class="explorer">There is no network to explore.</p>')
    data = payload(study, limit)
    facts = {"data": data, "thinning": thinning_sentence(data), "best": BEST}
    return Markup(render("explorer.html.j2", **facts, script=script("explorer.js.j2")))


def payload(study: StudyData, limit: int = LIMIT) -> dict[str, Any]:
    """Everything that the explorer's scripts know, as JSON-able values.

    Groups are what `networks of` chooses from. A column is base64 of little-endian numbers: a hyperparameter's
    positions in its grid (uint16), all others exact (float64). Intervals of a round are [low, median, high]; of
    a category, the share of each name that is kept, null for others. Architectures, `ids`, are listed once, with
    their `shapes`: stages as [name, part, times, part, times, ...], null for a network that cannot be drawn, and
    `names`: where torch modules come from, of others an empty text, and `strings`: as a benchmark writes them.
    Parts are [residual, width, resolution, flops, params, inner width, groups, width they enter from, layers].
    """
    samples, refined = thinned(study, limit)
    book = _Book(study)
    groups = [
        _sample_group(one, rows, book) for one, rows in zip(study.samples, samples, strict=True) if len(rows)
    ]
    for one, rows in zip(study.refinements, refined, strict=True):
        groups += [_refinement_group(one, each, rows, book) for each in one.refinements]
    return {"groups": groups, "ids": [identity for identity, _ in book.shapes], **book.lists()}


def thinning_sentence(data: dict[str, Any]) -> str:
    """Say which part of the networks is shown; empty if all are."""
    shown, total = (sum(group[what] for group in data["groups"]) for what in ("count", "of"))
    if shown == total:
        return ""
    drawn = sum(group.get("drawn", group["of"]) for group in data["groups"])
    of_others = f"The figures and tables are of {'all' if drawn == total else f'{drawn:,}'} networks."
    return (
        f"To open quickly, the explorer shows {shown:,} of the {total:,} networks: samples before refinements, "
        f"then as many of every round, evenly chosen, and always the {BEST} best of every refinement. {of_others}"
    )


def _sample_group(one: SampleData, rows: Rows, book: _Book) -> dict[str, Any]:
    scores = [_score_axis(name, one.scales[name], one.transformed[name][rows]) for name in one.predictors]
    label = f"{one.data}: sample of {one.family}, seed {one.seed}"
    group = _group(label, one, one.frame.iloc[rows], one.networks, scores, book)
    return group if one.whole is None else {**group, "drawn": len(one.frame)}


def _refinement_group(one: RefinementData, each: Refinement, rows: Rows, book: _Book) -> dict[str, Any]:
    shown = one.networks.iloc[rows]
    frame = shown[shown["seed"] == each.seed]
    scores = _score_axis(one.predictor, one.scale, one.transform.apply(frame["score"].to_numpy(float)))
    label = f"{one.data}: {one.predictor} refined, seed {each.seed}"
    counts = one.networks.loc[one.networks["seed"] == each.seed, "round"].value_counts()
    group = _group(label, one, frame, int(counts.sum()), [scores], book)
    grids = {axis["name"]: axis["grid"] for axis in group["axes"] if axis["kind"] == "grid"}
    rounds = [
        {
            "number": entry.number,
            "of": int(counts.get(entry.number, 0)),
            "intervals": {name: _found(found, grids.get(name, ())) for name, found in entry.estimates.items()},
        }
        for entry in each.rounds
    ]
    return {**group, "round": _column(frame["round"].to_numpy(), "<u2"), "rounds": rounds}


def _found(estimate: Any, grid: Sequence[Any]) -> list[float | None]:
    if not is_category(grid):
        return list(map(float, estimate))
    return [estimate.shares[name] if name in estimate.kept else None for name in grid]


def _group(
    label: str, one: SampleData | RefinementData, frame: pd.DataFrame, of: int, scores: list[Axis], book: _Book
) -> dict[str, Any]:
    """What groups of both kinds have: `frame` holds the networks that are shown, of `of` in all."""
    axes: list[Axis] = []
    words = vocabulary(one.family)
    for name, grid in one.grids.items():
        values = frame[name].tolist()
        ticks = list(dict.fromkeys([*grid, *values]))  # a value outside the grid is shown as well
        if not is_category(ticks):
            ticks.sort()
        number = {value: place for place, value in enumerate(ticks)}
        places = _column([number[value] for value in values], "<u2")
        axes.append(_axis(name, hyperparameter_title(name, words), "grid", "", places) | {"grid": ticks})
        if any(isinstance(value, float) for value in ticks):
            axes[-1]["real"] = True  # scripts know no difference between 1 and 1.0
    shown = {axis["name"] for axis in scores}
    for name in MEASURES:
        if name in frame and name not in shown:
            axes.append(_axis(name, LABELS[name].label, "log", "", _column(frame[name].to_numpy(), "<f8")))
    return {
        "label": label,
        "data": one.data,
        "family": one.family,
        "undrawn": _undrawn(one.family),
        "images": book.images(one.data),
        "count": len(frame),
        "of": of,
        "axes": axes + scores,
        "architectures": _column(book.numbers(frame["architecture"].tolist(), one.data), "<u4"),
    }


def _undrawn(family: str) -> str:
    """Why a network of a group's family has no drawing, where it has none."""
    with suppress(NetloreError):
        if not has_plans(family):
            return f"Networks of {family} are torch modules without a plan, so their structure is not drawn."
    return f"The family {family} was not installed where this page was written, so its structure is not drawn."


def _score_axis(name: str, scale: str, scores: NDArray[np.float64]) -> Axis:
    column = np.where(np.isfinite(scores), scores, np.nan)  # an infinite score is none, as anywhere else
    return _axis(name, f"score of {name}, {scale}", "score", scale, _column(column, "<f8"))


def _axis(name: str, title: str, kind: str, unit: str, values: str) -> Axis:
    return {"name": name, "title": title, "kind": kind, "unit": unit, "values": values}


def _column(values: NDArray[Any] | Sequence[int], kind: str) -> str:
    return base64.b64encode(np.asarray(values).astype(kind).tobytes()).decode()


def _string(architecture: Architecture | None) -> str:
    with suppress(NetloreError):
        return "" if architecture is None else architecture.string
    return ""


class _Book:
    """Architectures, the stages that they consist of, and the parts of those, each listed once."""

    def __init__(self, study: StudyData) -> None:
        self._study = study
        self._parts: dict[Part, int] = {}
        self.shapes: dict[tuple[str, str], list[list[object]] | None] = {}

    def numbers(self, ids: Sequence[str], data: str) -> list[int]:
        """The architectures' positions in the list; those that are new are added."""
        for about in ((identity, data) for identity in ids):
            if about not in self.shapes:
                self.shapes[about] = self._shape(*about)
        places = {about: number for number, about in enumerate(self.shapes)}
        return [places[identity, data] for identity in ids]

    def images(self, data: str) -> list[int]:
        """Classes of a data set, and the side of its images in pixels; empty if they are not known."""
        return [*self._study.classes.get(data, ())]

    def lists(self) -> dict[str, Any]:
        """Shapes, names and parts as `payload` describes them."""
        parts = [
            [
                *(int(part.residual), part.width, part.resolution),
                *(int(part.complexity.flops), int(part.complexity.params)),
                *((part.core.w_out, part.core.groups) if part.core else (0, 0)),
                *(part.layers[0].w_in if part.layers else 0, part.text),
            ]
            for part in self._parts
        ]
        known = [self._study.architectures.get(identity) for identity, _ in self.shapes]
        names = [one.source if isinstance(one, ModuleArchitecture) else "" for one in known]
        strings = list(map(_string, known))
        return {"shapes": list(self.shapes.values()), "names": names, "strings": strings, "parts": parts}

    def _shape(self, identity: str, data: str) -> list[list[object]] | None:
        """The stages; None for a network that cannot be drawn, such as one of a family that is not installed."""
        try:
            stages = structure(self._study.architectures[identity], *self._study.classes[data])
        except (KeyError, NetloreError):
            return None
        number = self._parts.setdefault
        return [
            [stage.name, *(one for part, times in stage.runs for one in (number(part, len(self._parts)), times))]
            for stage in stages
        ]
