"""From groups of refinements to what a comparison of their methods tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from netlore.analysis.course_band import band
from netlore.analysis.elite_scores import elite_draws, mean_scores
from netlore.analysis.interval_overlap import interval_widths
from netlore.analysis.replicate_comparison import Repeatability, Rescoring, elite_course, repeatability, rescoring
from netlore.report.collect import made_with, refinement_data
from netlore.report.compare.data import (
    LABELS,
    BestArchitecture,
    ComparisonFindings,
    GroupFindings,
    MethodFindings,
    ReplicateFindings,
    ScoredAnew,
)
from netlore.report.compare.group import MethodGroup, Replicate, method_groups, scores_of
from netlore.report.compare.method_runs import MethodRun
from netlore.report.names import unique
from netlore.report.text.phrases import count, join
from netlore.storage.archive import opened
from netlore.storage.score_table import ScoreRow


def find_methods(folders: Sequence[Path]) -> ComparisonFindings:
    """What the refinements in these folders found; arguments and errors as in `method_groups`."""
    return compared(method_groups(folders))


def compared(groups: Sequence[MethodGroup]) -> ComparisonFindings:
    """What groups of refinements found; within a group, each run is a method of its own."""
    found = tuple(_group(one) for one in groups)
    made: dict[str, dict[str, None]] = defaultdict(dict)
    for group in groups:
        for document in group.documents:
            for what, value in made_with(document).items():
                made[what][value] = None
    return ComparisonFindings(
        title=f"Methods of refinement side by side: {_titles(found)}",
        groups=found,
        made=tuple((what, "; ".join(values)) for what, values in made.items()),
    )


def _titles(groups: Sequence[GroupFindings]) -> str:
    names = [group.title for group in groups]
    return join(names) if len(names) < 4 else f"{len(names)} predictors and data sets"


def _labels(runs: Sequence[MethodRun]) -> list[str]:
    """What the methods of a group are called: runs of one method by what tells them apart."""
    labels = []
    for run in runs:
        method, networks = run.configuration.method, run.configuration.networks
        label = LABELS.get(method, method)
        others = [one.configuration for one in runs if one is not run and one.configuration.method == method]
        if others and networks not in [other.networks for other in others]:
            label = f"{label}, {count(networks, 'network')} a round"
        elif others:
            label = f"{label}, {run.folder.resolve().name}"
        labels.append(label)
    return unique(labels)


def _group(group: MethodGroup) -> GroupFindings:
    scores, architectures = [one.scores for one in group.pooled], [one.architectures for one in group.pooled]
    common = repeatability(scores, architectures)
    rows = _fresh_rows(group)
    names = [row.architecture.id for row in rows]
    elites = [one.elite for one in group.pooled]
    fresh = rescoring(scores, architectures, elites, scores_of(group.first.predictor, rows), names)
    told = _told(group, common, fresh)
    methods = tuple(
        _method(run, label, tuple(next(told) for _ in found))
        for run, label, found in zip(group.runs, _labels(group.runs), group.replicates, strict=True)
    )
    if fresh is None:
        return GroupFindings(common.noise, common.best_known, methods)
    known = [fresh.means[name][1] for name in group.elites if name in fresh.means]
    seconds = sum(row.score.seconds for row in rows)
    anew = ScoredAnew(len(known), max(known), sum(known), rows[0].seed, seconds)
    return GroupFindings(fresh.noise, fresh.best_known, methods, anew)


def _fresh_rows(group: MethodGroup) -> list[ScoreRow]:
    """The fresh scores of a group's predictor, as far as they exist."""
    if group.fresh is None:
        return []
    with opened(group.fresh.folder) as store:
        return [row for row in store.rows() if row.predictor == group.first.predictor]


def _method(run: MethodRun, label: str, replicates: tuple[ReplicateFindings, ...]) -> MethodFindings:
    return MethodFindings(
        run=refinement_data(run.configuration, [one.refinement for one in replicates], len(run.seeds)),
        label=label,
        replicates=replicates,
        elite=band([one.elite_course for one in replicates]),
        best=band([one.best_course for one in replicates]),
    )


def _told(group: MethodGroup, common: Repeatability, fresh: Rescoring | None) -> Iterator[ReplicateFindings]:
    """The replicates of a group with what they reached."""
    pooled = group.pooled
    means = mean_scores(
        np.concatenate([one.scores for one in pooled]), [name for one in pooled for name in one.architectures]
    )
    anew = fresh.elite_scores if fresh is not None else (None,) * len(pooled)
    reached = common.reached if fresh is None else fresh.reached
    for one, elite, score, near in zip(pooled, common.elite_scores, anew, reached, strict=True):
        yield ReplicateFindings(
            refinement=one.refinement,
            elite_score=elite,
            elite_draws=elite_draws(one.scores, one.architectures),
            reached=near,
            best=_best(one, one.elite[0], means, {} if fresh is None else fresh.means),
            widths=interval_widths(one.refinement.principles, one.refinement.space.grids),
            elite_course=elite_course(one.scores, one.architectures),
            best_course=elite_course(one.scores, one.architectures, elites=1),
            fresh=score,
        )


def _best(
    one: Replicate, best: str, means: Mapping[str, tuple[float, int]], fresh: Mapping[str, tuple[float, int]]
) -> BestArchitecture:
    """A replicate's best architecture, by its own scores, by those of all replicates, and by fresh ones."""
    own = mean_scores(one.scores, one.architectures)
    return BestArchitecture(best, str(one.known[best]), *own[best], *means[best], *fresh.get(best, (None, 0)))
