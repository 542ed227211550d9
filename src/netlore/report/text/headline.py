"""A study in a few numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlore.report.data import StudyData, scoring_seconds
from netlore.report.text.phrases import duration, short

_ENDS = (("at first", 0), ("in the end", -1))


def headline(study: StudyData) -> list[tuple[str, str]]:
    """Give a study in a few facts, (what, value); what there is none of is left out.

    A network counts each time it is drawn, and once for all predictors of a sample. Data sets are those that were
    scored on: those that were trained on often hold the same images under another name.
    """
    refinements = [each for one in study.refinements for each in one.refinements]
    records = [record for one in study.trainings for record in one.replicates]
    predictors = {name for one in study.samples for name in one.predictors}
    predictors |= {one.predictor for one in study.refinements}
    data = {one.data for one in study.samples} | {one.data for one in study.refinements}
    networks = sum(len(one.frame) for one in study.samples) + sum(one.networks_scored for one in refinements)
    scoring = math.fsum([one.seconds for one in study.samples] + [scoring_seconds(one) for one in refinements])
    scored = [("network{} scored", networks), ("round{}", sum(len(one.rounds) for one in refinements))]
    if len(refinements) == 1 and not study.samples:
        scored += [(f"architectures {when}", refinements[0].cardinalities[at]) for when, at in _ENDS]
    else:
        scored[1:1] = [
            ("predictor{}", len(predictors)),
            ("data set{}", len(data)),
            ("refinement{}", len(refinements)),
        ]
    trained = [
        ("architecture{} trained", len({one.architecture for one in study.trainings})),
        ("training{}", len(records)),
        ("epoch{} of training", sum(len(one.epochs) for one in records)),
    ]
    return [
        *_counted(scored, "scoring time", scoring),
        *_counted(trained, "training time", math.fsum(one.seconds for one in records)),
    ]


def _counted(facts: Sequence[tuple[str, int]], time: str, seconds: float) -> list[tuple[str, str]]:
    """The facts that there are, and how long they took; nothing if there are none."""
    found = [(what.format("" if number == 1 else "s"), short(number)) for what, number in facts if number]
    return [*found, (time, duration(seconds))] if found else []
