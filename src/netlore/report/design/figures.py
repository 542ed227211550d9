"""The chosen network, block by block, and pictures that it takes for something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from netlore.report.design.data import DesignData
from netlore.report.explorer.structure import Stage, structure
from netlore.report.figures.axes import legend_below
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import FigureSpec, Section
from netlore.report.figures.matrices import class_label
from netlore.report.figures.style import MUTED, PALETTE, TEXT, new_figure, styled
from netlore.training.evaluation import MISTAKES, Mistake

_OF_STUDY = ("front", "front-principles", "fig11-training", "confusion")
"""Figures of a study that somebody who wants a network looks at, by how their names begin."""
_CLASSES = 10
"""Classes whose pictures are shown: those with the highest errors."""
_ACROSS = 2
"""Classes in a row."""


def design_figures(found: DesignData) -> list[FigureSpec]:
    """The front and the network first, then how it learned and where it errs."""
    of_study = [replace(one, number=None) for one in figures(found.study) if one.name.startswith(_OF_STUDY)]
    network, *wrong = _own(found)
    return [*of_study[:1], network, *of_study[1:], *wrong]


def _own(found: DesignData) -> Iterator[FigureSpec]:
    facts = found.trained.facts
    stages = structure(found.architecture, len(facts.class_names), facts.resolution)
    caption = (
        "A bar is a residual block, or layers between blocks, in the order in which an image passes them; its "
        "height is the number of channels that leave it. Colours are the side of the image inside, in pixels."
    )
    yield FigureSpec("structure", "The network", caption, Section.REFINEMENT, partial(structure_figure, stages))
    if found.wrong:
        caption = (
            "Validation images that the network is wrong about: their class, what it takes them for, and how sure "
            f"it is; of each class at most {MISTAKES}, the surest first. Classes with the highest errors."
        )
        draw = partial(mistakes_figure, found)
        yield FigureSpec("mistakes", "What it is wrong about", caption, Section.TRAINING, draw)


@styled()
def structure_figure(stages: tuple[Stage, ...]) -> Figure:
    """Draw a bar for each part, repetitions included, and name the stages below."""
    figure = new_figure(TEXT, 2.3)
    axes = figure.add_subplot()
    sides = sorted({part.resolution for stage in stages for part, _ in stage.runs}, reverse=True)
    place = 0
    ticks: list[tuple[float, str]] = []
    for stage in stages:
        first = place
        for part, times in stage.runs:
            colour = PALETTE[sides.index(part.resolution) % len(PALETTE)]
            axes.bar(np.arange(place, place + times), [part.width] * times, width=0.82, color=colour, linewidth=0)
            place += times
        lower = "\n\n" if len(ticks) % 2 else ""  # neighbours may be narrower than their names
        ticks.append(((first + place - 1) / 2, f"{lower}{stage.name}\n{_words(stage)}"))
        if stage is not stages[-1]:
            axes.axvline(place - 0.5, color=MUTED, linewidth=0.4, alpha=0.5)
    axes.set_xlim(-0.6, place - 0.4)
    axes.set_xticks([tick for tick, _ in ticks], [text for _, text in ticks])
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=False, axis="x")
    axes.set_ylabel("channels")
    handles = [
        Patch(color=PALETTE[number % len(PALETTE)], label=f"{side} x {side} pixels")
        for number, side in enumerate(sides)
    ]
    legend_below(figure, handles)
    return figure


def _words(stage: Stage) -> str:
    widths = list(dict.fromkeys(part.width for part, _ in stage.runs))
    return f"{stage.blocks} \N{MULTIPLICATION SIGN} {widths[-1]}" if stage.blocks > 1 else f"{widths[-1]}"


@styled()
def mistakes_figure(found: DesignData) -> Figure:
    """Draw the pictures of a class next to each other, two classes in a row."""
    names, wrong = found.trained.facts.class_names, found.wrong
    shown = _worst(found)
    rows = -(-len(shown) // _ACROSS)
    columns = MISTAKES * _ACROSS
    figure = new_figure(TEXT, 1.42 * rows)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, label in enumerate(shown):
        places = [place for place, one in enumerate(wrong) if one.label == label]
        for column, place in enumerate(places):
            axes = grid[number // _ACROSS][number % _ACROSS * MISTAKES + column]
            axes.imshow(found.mistakes[place], interpolation="nearest")
            axes.set_title(_said(wrong[place], names), fontsize=5.5, loc="center")
    return figure


def _worst(found: DesignData) -> list[int]:
    """Classes with mistakes, the highest errors first."""
    evaluation = found.record.evaluation
    errors = () if evaluation is None else evaluation.class_errors
    order = sorted({one.label for one in found.wrong}, key=lambda one: (-(errors[one] or 0.0), one))
    return order[:_CLASSES]


def _said(one: Mistake, names: tuple[str, ...]) -> str:
    known, taken = (class_label(number, names[number], False) for number in (one.label, one.predicted))
    return f"{known}\ntaken for {taken}, {one.confidence:.0%}"
