"""How the principles of a predictor move with the budget: a row for each regime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.figure import FigureSpec, Section, of_refinements, predictor_looks
from netlore.report.figures.principles import how_to_read, principles_figure
from netlore.report.figures.style import TEXT
from netlore.report.names import by_vocabulary
from netlore.report.regimes import refined, side_by_side


def specs(study: StudyData) -> Iterator[FigureSpec]:
    """One figure of all refinements that differ in their budgets and whose families have the same words."""
    ordered = list(chain.from_iterable(side_by_side(study.refinements)))
    for words, runs in by_vocabulary(ordered, lambda one: one.family):
        draw = partial(principles_figure, runs, predictor_looks(study), words, TEXT, _titled)
        yield FigureSpec("regimes", "How principles move with the budget", _caption(runs), Section.OVERVIEW, draw)


def _titled(one: RefinementData) -> tuple[str, str]:
    return refined(one), one.regime


def _caption(runs: Sequence[RefinementData]) -> str:
    return (
        "Rows are budgets, each refined on its own, columns hyperparameters. Where bars of one column stand at "
        f"the same place, the same is preferred under every budget. {how_to_read(runs)} {of_refinements(runs)}"
    )
