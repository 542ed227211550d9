"""What a budget does to the principles of the refinement with memory: a table of runs that differ in it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from netlore.report.compare.data import GroupFindings, MethodFindings
from netlore.report.data import RefinementData
from netlore.report.names import interval_text


def budget_parts(groups: Sequence[GroupFindings]) -> Iterator[str]:
    """Sentences and a table of one predictor's refinements with memory under different budgets.

    A row for each seed: the budget, the FLOPs of its elites, how much of its final box meets the budget, and its
    intervals.
    """
    found = sorted(((one, group) for group in groups for one in _memory(group)), key=lambda pair: _most(pair[0]))
    agree = "; ".join(_agreement(one) for one, _ in found)
    yield (
        f"The refinement with memory of {found[0][1].first.predictor} under several budgets. {agree}. *Within* is "
        "how much of the last intervals' box meets the budget: the smaller, the less a box of marginal intervals "
        "tells, for its other architectures cannot be built."
    )
    columns = ("budget", "seed", "elites, MFLOPs", "within", *found[0][1].first.grids)
    rows = [_row(one.run, index) for one, _ in found for index in range(len(one.run.refinements))]
    lines = ["| " + " | ".join(row) + " |" for row in (columns, *rows)]
    yield "\n".join((lines[0], "|---" * len(columns) + "|", *lines[1:]))


def _memory(group: GroupFindings) -> list[MethodFindings]:
    return [one for one in group.methods if one.run.method == "memory"]


def _most(one: MethodFindings) -> float:
    """The FLOPs of the largest elite, by which budgets are in order."""
    return max(each.rounds[-1].estimates["flops"].high for each in one.run.refinements)


def _agreement(one: MethodFindings) -> str:
    agreed = "one seed"
    if one.stability is not None:
        shares = (np.mean(one.stability.containment), np.mean(one.stability.jaccard))
        agreed = f"containment {shares[0]:.0%}, Jaccard {shares[1]:.0%}"
    return f"{one.run.budget}: {agreed}, {min(one.networks):,} to {max(one.networks):,} networks"


def _row(run: RefinementData, index: int) -> tuple[str, ...]:
    one = run.refinements[index]
    low, _, high = one.rounds[-1].estimates["flops"]
    share = run.sizes_within_budget[index][-1] / one.cardinalities[-1]
    ends = (interval_text(*one.principles[name]) for name in run.grids)
    return run.budget, str(one.seed), f"{low / 1e6:.1f} to {high / 1e6:.1f}", f"{share:.0%}", *ends
