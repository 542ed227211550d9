"""The networks on the front of score against cost, to choose one by."""

from __future__ import annotations

import numpy as np

from netlore.analysis.pareto import pareto_front
from netlore.report.data import StudyData
from netlore.report.names import measure_title
from netlore.report.tables.table import DATA, PREDICTOR, NamedTable, Row, named_table
from netlore.space.complexity import LABELS, MEASURES


def front(study: StudyData) -> NamedTable:
    """A row for each network that no other one beats in score and cost, the cheapest first."""
    rows: list[Row] = []
    for one in study.refinements:
        found = one.scored
        costs, scores = (found[name].to_numpy(np.float64) for name in (one.cost, "score"))
        for place in pareto_front(scores, costs):
            name = str(found.index[place])
            which = {DATA: one.data, PREDICTOR: one.predictor, "Cost": LABELS[one.cost].label}
            known = (each for each in MEASURES if each in found.columns)
            measures = {measure_title(each): found[each].iloc[place].item() for each in known}
            what = str(study.architectures[name]) if name in study.architectures else name
            rows.append({**which, "Score": float(scores[place]), **measures, "Architecture": what})
    caption = (
        "The front: networks of the first replicate that score higher than all that cost as little, with the mean "
        "of their scores on the predictor's scale."
    )
    return named_table("front", caption, rows)
