"""Comparisons of methods made up by hand: what tables, sentences, figures and the page are tried on."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from netlore.analysis.interval_overlap import interval_widths, stability
from netlore.report.compare.data import (
    BestArchitecture,
    ComparisonFindings,
    GroupFindings,
    MethodFindings,
    ReplicateFindings,
    Rescored,
    method_label,
)
from netlore.report.data import RefinementData
from tests.report.conftest import SYNFLOW_ENDS, build


def replicate(
    method: str, seed: int, elite: float, networks: int, reached: int | None, **changes: object
) -> ReplicateFindings:
    """Ends at this elite score; its best architecture is 1 higher, of one score. Seeds differ in d1 alone."""
    one = run(method, seed, networks, **changes)
    course = np.asarray([[1.0, math.nan], [networks / 2, elite - 4], [networks, elite]])
    return ReplicateFindings(
        refinement=one.first,
        elite_score=elite,
        elite_draws=2.0 + (method == "memory"),
        own=elite,
        reached=reached,
        best=BestArchitecture(f"{method}-{seed}", "d 1,1,1; w 8,8,8", elite + 1, 1, elite + 0.5, 3),
        widths=interval_widths(one.first.principles, one.grids),
        elite_course=course,
        best_course=course + np.asarray([0.0, 1.0]),
    )


def run(method: str, seed: int, networks: int, **changes: object) -> RefinementData:
    """A refinement of a number of networks."""
    ends = {**SYNFLOW_ENDS, "d1": (1 + seed, 8 + seed)}
    return build(ends, rounds=2, seed=seed, method=method, changes={"networks_scored": networks, **changes})


def method(name: str, *replicates: ReplicateFindings, label: str = "") -> MethodFindings:
    found = tuple(one.refinement for one in replicates)
    asked = run(name, found[0].seed, found[0].networks_scored)
    repeated = [one.rounds[-1].estimates for one in found]
    return MethodFindings(
        run=dataclasses.replace(
            asked,
            refinements=found,
            asked=len(found),
            stability=stability(repeated, asked.grids) if len(found) > 1 else None,
        ),
        label=label or method_label(name),
        replicates=replicates,
    )


def paper(*elites: float) -> MethodFindings:
    """Never near the best known score."""
    return method("paper", *(replicate("paper", i, elite, 1000 + i, None) for i, elite in enumerate(elites)))


def memory(*elites: float) -> MethodFindings:
    """Near it after 300, 310, ... networks."""
    found = (replicate("memory", i, elite, 400, 300 + 10 * i) for i, elite in enumerate(elites))
    return method("memory", *found)


def group(*methods: MethodFindings, **changes: object) -> GroupFindings:
    """A noise of 0.5, and a best known score of 20."""
    return dataclasses.replace(GroupFindings(0.5, 20.0, methods), **changes)  # type: ignore[arg-type]


def rescored_group(found: GroupFindings, luck: float, **changes: object) -> GroupFindings:
    """The same group, every fresh elite score so much lower; of a best architecture, twice as much."""
    methods = tuple(
        dataclasses.replace(
            one,
            replicates=tuple(
                dataclasses.replace(
                    each,
                    rescored=each.elite_score - luck,
                    best=each.best._replace(rescored=each.best.score - 2 * luck, rescored_draws=4),
                )
                for each in one.replicates
            ),
        )
        for one in found.methods
    )
    return dataclasses.replace(found, methods=methods, rescored=Rescored(50, 4, 200, 3, 12.0), **changes)  # type: ignore[arg-type]


def without_rescored(found: MethodFindings, *seeds: int) -> MethodFindings:
    """The same method, replicates of these seeds without a fresh elite score."""
    replicates = (
        dataclasses.replace(one, rescored=None) if one.refinement.seed in seeds else one
        for one in found.replicates
    )
    return dataclasses.replace(found, replicates=tuple(replicates))


def comparison(*groups: GroupFindings) -> ComparisonFindings:
    """Of synflow on CIFAR-10: the paper's method ends at 12, 14, 13, the one with memory at 18, 19."""
    return ComparisonFindings(
        title="Methods & <more>",
        groups=groups or (group(paper(12, 14, 13), memory(18, 19)),),
        made=(("machine", "A <machine>"),),
    )
