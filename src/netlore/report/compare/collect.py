"""From groups of refinements to what a comparison of their methods found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from netlore.analysis.elite_scores import band, elite_course, elite_draws, mean_scores
from netlore.analysis.interval_overlap import interval_widths
from netlore.analysis.replicate_comparison import Repeatability, Rescoring, repeatability, rescoring
from netlore.experiments.config import RefineConfiguration
from netlore.report.collect import made_with, refinement_data
from netlore.report.compare.data import (
    BestArchitecture,
    ComparisonFindings,
    GroupFindings,
    MethodFindings,
    ReplicateFindings,
    Rescored,
    method_label,
)
from netlore.report.compare.runs import MethodGroup, Replicate, Run, method_groups, scores_of
from netlore.report.names import unique
from netlore.report.text.phrases import count, join

Means = Mapping[str, tuple[float, int]]


def find_methods(folders: Sequence[Path]) -> ComparisonFindings:
    """What the refinements in these folders found; arguments and errors as in `method_groups`."""
    return compared(method_groups(folders))


def compared(groups: Sequence[MethodGroup]) -> ComparisonFindings:
    """What groups of refinements found; within a group, each run is a method of its own."""
    found = tuple(map(_group, groups))
    records = [run.record for group in groups for run in group.runs]
    records += [group.rescored.record for group in groups if group.rescored is not None]
    made: dict[str, dict[str, None]] = {}
    for record in records:
        for what, value in made_with(record).items():
            made.setdefault(what, {})[value] = None
    titles = [group.title for group in found]
    title = join(titles) if len(titles) < 4 else f"{len(titles)} predictors and data sets"
    return ComparisonFindings(
        title=f"Methods of refinement side by side: {title}",
        groups=found,
        made=tuple((what, "; ".join(values)) for what, values in made.items()),
    )


def _labels(runs: Sequence[Run[RefineConfiguration]]) -> list[str]:
    """What the methods of a group are called: runs of one method by what tells them apart."""
    labels = []
    for run in runs:
        networks, label = run.configuration.networks, method_label(run.configuration.method)
        others = [
            one.configuration.networks
            for one in runs
            if one is not run and one.configuration.method == run.configuration.method
        ]
        if others:
            apart = run.folder.resolve().name if networks in others else f"{count(networks, 'network')} a round"
            label = f"{label}, {apart}"
        labels.append(label)
    return unique(labels)


def _group(group: MethodGroup) -> GroupFindings:
    scores, architectures = [one.scores for one in group.pooled], [one.architectures for one in group.pooled]
    common = repeatability(scores, architectures)
    rows = group.new_rows
    elites, names = [one.elite for one in group.pooled], [row.architecture.id for row in rows]
    again = rescoring(scores, architectures, elites, scores_of(group.first.predictor, rows), names)
    replicates = _replicates(group, common, again)
    methods = tuple(
        _method(run, label, tuple(next(replicates) for _ in found))
        for run, label, found in zip(group.runs, _labels(group.runs), group.replicates, strict=True)
    )
    if again is None:
        return GroupFindings(common.noise, common.best_known, methods)
    known = [again.means[name][1] for name in group.elites if name in again.means]
    seconds = sum(row.score.seconds for row in rows)
    rescored = Rescored(len(known), max(known), sum(known), rows[0].seed, seconds)
    return GroupFindings(again.noise, again.best_known, methods, rescored)


def _method(
    run: Run[RefineConfiguration], label: str, replicates: tuple[ReplicateFindings, ...]
) -> MethodFindings:
    return MethodFindings(
        run=refinement_data(run.configuration, [one.refinement for one in replicates], len(run.seeds)),
        label=label,
        replicates=replicates,
        elite=band([one.elite_course for one in replicates]),
        best=band([one.best_course for one in replicates]),
    )


def _replicates(group: MethodGroup, common: Repeatability, again: Rescoring | None) -> Iterator[ReplicateFindings]:
    """The replicates of a group with what they reached."""
    pooled = group.pooled
    scores, names = (
        np.concatenate([one.scores for one in pooled]),
        [n for one in pooled for n in one.architectures],
    )
    means = mean_scores(scores, names)
    rescored = again.elite_scores if again is not None else (None,) * len(pooled)
    reached = common.reached if again is None else again.reached
    for one, elite, score, near in zip(pooled, common.elite_scores, rescored, reached, strict=True):
        yield ReplicateFindings(
            refinement=one.refinement,
            elite_score=elite,
            elite_draws=elite_draws(one.scores, one.architectures),
            reached=near,
            best=_best(one, means, {} if again is None else again.means),
            widths=interval_widths(one.refinement.principles, one.refinement.space.grids),
            elite_course=elite_course(one.scores, one.architectures),
            best_course=elite_course(one.scores, one.architectures, elites=1),
            rescored=score,
        )


def _best(one: Replicate, means: Means, rescored: Means) -> BestArchitecture:
    """A replicate's best architecture, by its own scores, by those of all replicates, and by new ones."""
    best = one.elite[0]
    own = mean_scores(one.scores, one.architectures)
    return BestArchitecture(best, str(one.known[best]), *own[best], *means[best], *rescored.get(best, (None, 0)))
