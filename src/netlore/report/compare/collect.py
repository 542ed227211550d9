"""From groups of refinements to what a comparison of their methods found."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from netlore.analysis.elite_scores import elite_course, elite_draws, mean_scores
from netlore.analysis.interval_overlap import interval_widths
from netlore.analysis.replicate_comparison import repeatability, rescoring
from netlore.experiments.config import RefineConfiguration
from netlore.report.collect import made_together, made_with
from netlore.report.compare.data import (
    BestArchitecture,
    ComparisonFindings,
    GroupFindings,
    MethodFindings,
    ReplicateFindings,
    Rescored,
    method_label,
)
from netlore.report.compare.runs import MethodGroup, Run, method_groups
from netlore.report.names import unique
from netlore.report.replicates import scores_of
from netlore.report.text.phrases import count, join


def find_methods(folders: Sequence[Path]) -> ComparisonFindings:
    """What the refinements in these folders found; arguments and errors as in `method_groups`."""
    return compared(method_groups(folders))


def compared(groups: Sequence[MethodGroup]) -> ComparisonFindings:
    """What groups of refinements found; within a group, each run is a method of its own."""
    records = [run.record for group in groups for run in group.runs]
    records += [run.record for group in groups for run in group.rescored]
    titles = [group.title for group in groups]
    title = join(titles) if len(titles) < 4 else f"{len(titles)} predictors and data sets"
    return ComparisonFindings(
        title=f"Methods of refinement side by side: {title}",
        groups=tuple(map(_group, groups)),
        made=made_together(fact for record in records for fact in made_with(record).items()),
    )


def _labels(runs: Sequence[Run[RefineConfiguration]]) -> list[str]:
    """What the methods of a group are called: runs of one method by what distinguishes them."""
    labels = []
    for run in runs:
        networks, label = run.configuration.networks, method_label(run.configuration.method)
        same = [one for one in runs if one is not run and one.configuration.method == run.configuration.method]
        if same:
            alike = networks in [one.configuration.networks for one in same]
            label += f", {run.folder.resolve().name if alike else count(networks, 'network') + ' a round'}"
        labels.append(label)
    return unique(labels)


def _group(group: MethodGroup) -> GroupFindings:
    pooled, rows = group.pooled, [row for row, _ in group.new_rows]
    scores, architectures = [one.scores for one in pooled], [one.architectures for one in pooled]
    common, names = repeatability(scores, architectures), [row.architecture.id for row in rows]
    fresh = scores_of(group.methods[0].transform, rows)
    batches = [batch for _, batch in group.new_rows]
    again = rescoring(scores, architectures, [one.elite for one in pooled], fresh, names, batches)
    all_means = mean_scores(np.concatenate(scores), [name for one in architectures for name in one])
    new_means, judge = ({}, common) if again is None else (again.means, again)

    def replicates() -> Iterator[ReplicateFindings]:
        for index, one in enumerate(pooled):
            best, own = one.elite[0], mean_scores(one.scores, one.architectures)
            means = (*own[best], *all_means[best], *new_means.get(best, (None, 0)))
            yield ReplicateFindings(
                refinement=one.refinement,
                elite_score=common.elite_scores[index],
                elite_draws=elite_draws(one.scores, one.architectures),
                own=float(np.mean([own[name][0] for name in one.elite])),
                reached=judge.reached[index],
                best=BestArchitecture(best, str(one.known[best]), *means),
                widths=interval_widths(one.refinement.principles, one.refinement.space.grids),
                elite_course=elite_course(one.scores, one.architectures),
                best_course=elite_course(one.scores, one.architectures, elites=1),
                rescored=None if again is None else again.elite_scores[index],
            )

    found = replicates()
    methods = tuple(
        MethodFindings(method, label, tuple(next(found) for _ in method.refinements))
        for method, label in zip(group.methods, _labels(group.runs), strict=True)
    )
    rescored = None
    if again is not None:
        given = zip(names, batches, fresh, strict=True)
        known = Counter((name, at) for name, at, score in given if name in group.elites and math.isfinite(score))
        rescored = Rescored(
            architectures=len({name for name, _ in known}),
            draws=max(known.values()),
            scores=known.total(),
            seed=rows[0].seed,
            seconds=sum(row.score.seconds for row in rows),
            batches=len(group.rescored),
        )
    return GroupFindings(judge.noise, judge.best_known, methods, rescored)
