"""How the intervals of hyperparameters narrow (the paper's Figs. 6 to 9), by predictor or over each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.axes import draw_medians, draw_outline, round_axis, value_axis
from netlore.report.figures.categories import draw_modes, draw_names, height_of, name_axis
from netlore.report.figures.figure import FigureSpec, Section, of_refinements, predictor_looks, published_note
from netlore.report.figures.overlaid import draw_course, overlaid_figure, stage_title
from netlore.report.figures.style import TEXT, Look, new_figure, styled
from netlore.report.names import HyperparameterClass, Vocabulary, by_vocabulary, classes_of, data_ending, slug
from netlore.report.text.methods import course_title, interval_note, share_note
from netlore.space.distribution import is_category

_NUMBERS = {"depth": 6, "width": 7, "group width": 8, "bottleneck ratio": 9}  # the paper's figures
_STAGES = 8  # columns of a figure at most
_ROW = 0.72  # inches, of a predictor
_CAPTION = (
    "Column 0 is the full grid of the original design space, column j the interval found in round j; the line is "
    "the median. A band that stays tall shows no preference; one that collapses to its line, a strict one."
)
_OF_NAMES = (
    "Column 0 holds all names of the original design space, column j those that round j keeps; the larger a "
    "name's share, the darker its cell. A row that ends is a name that is given up."
)

_SEEDS = " Thin lines are the medians of further seeds; bands are of the first."
_SEEDS_OF_NAMES = " Dots are the most probable names of further seeds; cells are of the first."
_SLOTS = " Seeds stand side by side within a column."


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """All hyperparameters of the only refinement, or else a figure for each class and data set.

    Those of the first data set have the paper's names.
    """
    if len(study.refinements) == 1:
        yield _alone(study.refinements[0])
        return
    for data in study.data:
        for words, runs in by_vocabulary(study.refined(data), lambda one: one.family):
            for group in _parts(classes_of(dict.fromkeys(name for one in runs for name in one.grids), words)):
                yield _of_class(study, runs, group, words, data_ending(data, study.data))


def _parts(classes: Sequence[HyperparameterClass]) -> Iterator[HyperparameterClass]:
    """Classes of which each has room in a figure; the parts of a large one are about equal."""
    for group in classes:
        count = -(-len(group.names) // _STAGES)
        for ends in pairwise(round(i * len(group.names) / count) for i in range(count + 1)):
            names = group.names[slice(*ends)]
            part = f" {names[0]} to {names[-1]}" if count > 1 else ""
            yield group._replace(
                names=names, plural=group.plural + part, slug=f"{group.slug}-{slug(part)}" if part else group.slug
            )


def _of_class(
    study: StudyData, runs: Sequence[RefinementData], group: HyperparameterClass, words: Vocabulary, ending: str
) -> FigureSpec:
    number = _NUMBERS.get(group.singular)
    title = f"{course_title(f'the {group.plural}', runs)}, {runs[0].data}"
    draw = partial(interval_figure, runs, group, predictor_looks(study), words)
    outlines = published_note(runs, "Dashed lines: the ends of the final intervals of")
    caption = f"{_caption(runs, group.names)}{outlines}{interval_note(runs)} {of_refinements(runs)}"
    name = f"{f'fig{number}' if number else 'intervals'}-{group.slug}{ending}"
    return FigureSpec(name, title, caption, Section.REFINEMENT, draw, number)


def _caption(runs: Sequence[RefinementData], names: Sequence[str], alone: bool = False) -> str:
    """How to read bands, the cells of categories, or both."""
    kinds = {is_category(one.grids[name]) for one in runs for name in names if name in one.grids}
    several = any(one.refinements[1:] for one in runs)
    numbers = _CAPTION + (_SEEDS if several and not alone else "")
    seeds = (_SLOTS if alone else _SEEDS_OF_NAMES) if several else ""
    of_names = f"{_OF_NAMES}{seeds}{share_note(runs)}"
    both = f"{numbers} Of a category, {of_names[0].lower()}{of_names[1:]}"
    return both if len(kinds) > 1 else of_names if kinds == {True} else numbers


def _alone(run: RefinementData) -> FigureSpec:
    labels = [f"seed {one.seed}" for one in run.refinements] if run.refinements[1:] else [run.predictor]
    drawn = dict(zip(labels, run.refinements, strict=True))
    several = " Seeds lie over each other, a colour and line style for each." if run.refinements[1:] else ""
    how = _caption([run], list(run.grids), alone=True)
    caption = f"{how} Right of a panel: the last interval.{interval_note([run])}{several} {of_refinements([run])}"
    title = f"{course_title('the hyperparameters', [run])}: {run.predictor} on {run.data}"
    draw = partial(overlaid_figure, drawn, list(run.grids))
    return FigureSpec("intervals", title, caption, Section.OVERVIEW, draw)


@styled()
def interval_figure(
    runs: Sequence[RefinementData], group: HyperparameterClass, looks: Mapping[str, Look], words: Vocabulary
) -> Figure:
    """Draw a row for each predictor and a column for each stage."""
    shown = [one for one in runs if any(name in one.grids for name in group.names)]
    last = max(len(replicate.rounds) for one in shown for replicate in one.refinements)
    rows_high = [height_of([one.grids[name] for name in group.names if name in one.grids], _ROW) for one in shown]
    figure = new_figure(TEXT, sum(rows_high) + 0.55)
    grid = figure.subplots(len(shown), len(group.names), squeeze=False, height_ratios=rows_high)
    for column, name in enumerate(group.names):
        rows = [row for row, one in enumerate(shown) if name in one.grids]
        for row in set(range(len(shown))) - set(rows):
            grid[row, column].remove()
        if rows:
            grid[rows[0], column].set_title(stage_title(name, words))
        for row in rows:
            axes: Axes = grid[row, column]
            _draw_run(axes, shown[row], name, looks[shown[row].predictor])
            round_axis(axes, 0, last, "round" if row == rows[-1] else "", max(2, min(9, 27 // len(group.names))))
            axes.tick_params(labelbottom=row == rows[-1])
    for row, one in enumerate(shown):
        # The values of the first panel also stand for equal grids right of it.
        first, *others = [column for column, name in enumerate(group.names) if name in one.grids]
        label = fill(one.predictor, 14)
        grid[row, first].set_ylabel(label, rotation=0, ha="right", va="center")
        for column in others:
            differs = one.grids[group.names[column]] != one.grids[group.names[first]]
            grid[row, column].tick_params(labelleft=differs)
    figure.align_ylabels()
    return figure


def _draw_run(axes: Axes, one: RefinementData, name: str, look: Look) -> None:
    """Draw the first replicate with its bands, and the medians of all others as thin lines."""
    if is_category(one.grids[name]):
        draw_names(axes, one.first, name, look)
        others = one.refinements[1:]
        for index, replicate in enumerate(others, 1):
            draw_modes(axes, replicate, name, look, aside=0.7 * (index / (len(others) + 1) - 0.5))
        name_axis(axes, one.grids[name])
        return
    draw_course(axes, one.first, name, replace(look, dashes="solid"), 1.4, 0.25)
    for replicate in one.refinements[1:]:
        medians = [entry.estimates[name].median for entry in replicate.rounds]
        draw_medians(axes, medians, replace(look, dashes=(0.0, (2.0, 1.5))), 0.7)
    if one.published and name in one.published.principles:
        draw_outline(axes, *one.published.principles[name])
    value_axis(axes, one.grids[name])
