"""The paper's figures from our runs, with what the paper printed drawn next to what was found."""

from __future__ import annotations

from dataclasses import replace

from netlore.report.data import Published, RefinementData, StudyData
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import FigureSpec
from netlore.space.complexity import BUILT_IN
from paper.pages import Entry, runs_of
from paper.table1 import printed

PARTS = {"sample": (2, 3), "course": (4, 5), "statements": (6, 7, 8, 9, 10), "trained": (11,)}
"""The paper's figures in each section of the page."""


def pictures(study: StudyData, paper: Entry) -> dict[str, list[FigureSpec]]:
    """Figures of the page by section; of Fig. 3 all trees together."""
    study = replace(study, refinements=tuple(_with_printed(one, paper) for one in runs_of(study).values()))
    made = [one for one in figures(study) if one.number and not one.name.startswith("fig3-tree-")]
    named = [replace(one, name=f"reproduction-{one.name}") for one in made]
    return {part: [one for one in named if one.number in numbers] for part, numbers in PARTS.items()}


def _with_printed(one: RefinementData, paper: Entry) -> RefinementData:
    """The same with its row of the paper's tables."""
    row = paper["table1"][one.data][one.predictor]
    costs = paper["table2"][one.data][f"paper/{one.data}/{one.predictor}"]
    counts = {"flops": 1e6 * costs["mflops"], "params": costs["params"], "activations": costs["activations"]}
    complexities = {measure: float(counts[measure]) for measure in BUILT_IN}
    return replace(one, published=Published("the paper", printed(row), complexities))
