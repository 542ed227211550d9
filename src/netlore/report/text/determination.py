"""What reports say of intervals that the scores of their refinement do not determine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from netlore.analysis.determination import LEAST, Determination, determination
from netlore.refinement.result import Refinement
from netlore.report.data import RefinementData
from netlore.report.text.methods import method_of
from netlore.report.text.phrases import join, percent


def determination_of(runs: RefinementData, one: Refinement) -> Determination | None:
    """How far the scores of a replicate's last round stand out; None by a method whose rounds do not go on from
    the intervals before, such as random search, and where there is but one round with scores."""
    if not method_of(runs.method, runs.refinements).settles:
        return None
    return determination([found.frame[one.predictor].to_numpy(dtype=np.float64) for found in one.rounds])


def undetermined(runs: Sequence[RefinementData]) -> Iterator[tuple[RefinementData, Refinement, Determination]]:
    """The replicates whose intervals are undetermined."""
    for one in runs:
        for each in one.refinements:
            found = determination_of(one, each)
            if found is not None and found.undetermined:
                yield one, each, found


def undetermined_note(runs: Sequence[RefinementData]) -> str:
    """Whose intervals are undetermined, as a further sentence of a caption; nothing where all are determined."""
    names = [_named(one, each) for one, each, _ in undetermined(runs)]
    return f" Undetermined, as scores of the last round hardly stand out: {join(names)}." if names else ""


def undetermined_text(runs: Sequence[RefinementData]) -> str:
    """The same with numbers, as a sentence about all; empty where all are determined."""
    shares = {_named(one, each): found for one, each, found in undetermined(runs)}
    if not shares:
        return ""
    listed = join([f"{name} ({percent(round(found.superiority, 3))})" for name, found in shares.items()])
    return (
        f"The intervals of {listed} are undetermined: in that share of pairs a network of the last round scores "
        f"above one of the first, and below {LEAST:.0%} another seed may end elsewhere."
    )


def _named(one: RefinementData, each: Refinement) -> str:
    seed = f", seed {each.seed}" if len(one.refinements) > 1 else ""
    return f"{one.predictor} on {one.data}{seed}"
