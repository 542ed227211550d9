"""The table of combinations' members."""

from __future__ import annotations

from netlore.report.data import StudyData
from netlore.report.names import kept_text
from netlore.report.tables.table import DATA, PREDICTOR, SEED, NamedTable, Row, named_table


def without_seed(study: StudyData, rows: list[Row]) -> list[Row]:
    """The rows; where every refinement has one seed, it is left out."""
    if any(one.refinements[1:] for one in study.refinements):
        return rows
    return [{column: value for column, value in row.items() if column != SEED} for row in rows]


def members(study: StudyData) -> NamedTable:
    """Of combinations: what each member alone would have kept of the same networks."""
    rows: list[Row] = [
        {
            **{DATA: run.data, PREDICTOR: run.predictor, SEED: one.seed, "Round": one.round},
            **{"Hyperparameter": one.hyperparameter, "Kept": kept_text(one.kept)},
            **{name: kept_text(own) for name, own in one.of_members.items()},
            "Nearest": ", ".join(one.nearest) if one.moved else None,
        }
        for run in study.refinements
        for one in run.members
    ]
    caption = (
        "Which member of a combination moved what: the interval that a round kept, and what the bootstrap of each "
        "member's own scores would have kept of the same networks. Nearest: the members whose interval overlaps "
        "most with the one kept (values in both over values in either); nothing where it did not move."
    )
    return named_table("members", caption, without_seed(study, rows))
