"""From a study to its page."""

from __future__ import annotations

import math
from collections.abc import Iterator

from netlore.report.command_lines import refine_command
from netlore.report.data import StudyData
from netlore.report.explorer.payload import LIMIT, explorer_html
from netlore.report.figures.catalogue import figures
from netlore.report.figures.figure import Section
from netlore.report.page.page import Absent, Page, Run, facts_of
from netlore.report.regimes import regimes_of
from netlore.report.tables.refinement import tables
from netlore.report.text.methods import common_draws_note, method_of, stop_sentence
from netlore.report.text.phrases import count, duration, join, seeds
from netlore.report.text.summary import summary
from netlore.report.trainings import training_notes

_BEFORE = "What zero-cost predictors prefer in a network, before any training."
_AFTER = "Errors of trained networks: the percentage of the validation images that they misclassify."
_TITLES = {
    "correlation": ("Do predictors agree?", Section.OVERVIEW),
    "exponential": ("Are scores distributed exponentially?", Section.SAMPLE),
    "trees": ("Decision trees", Section.SAMPLE),
    "partial": ("Is a score more than a network's cost?", Section.SAMPLE),
    "importance": ("Which hyperparameters matter", Section.SAMPLE),
    "repeatability": ("How high other seeds climb", Section.REFINEMENT),
}
"""What would show an analysis, and where."""


def study_page(study: StudyData, limit: int = LIMIT) -> Page:
    """The page of a study; at most about `limit` networks are in its explorer."""
    untrained = bool(study.samples or study.refinements) or not study.trainings
    return Page(
        title=study.title,
        lead=_BEFORE if untrained else _AFTER,
        headline=headline(study),
        sentences=summary(study),
        figures=figures(study),
        tables=tables(study),
        runs=list(_runs(study)),
        made=study.made,
        explorer=explorer_html(study, limit) if untrained else None,
        absent=list(_absent(study)),
        notes=[
            *study.notes,
            *filter(None, [common_draws_note(study.refinements)]),
            *(note for one in study.trainings for note in training_notes(one.name, one.replicates)),
        ],
    )


def _absent(study: StudyData) -> Iterator[Absent]:
    """Analyses that could not be made: of the first sample, which figures are about, and of refinements."""
    missing = [(f"{one.predictor} on {one.data}", one.missing) for one in study.refinements]
    for sample in study.samples[:1]:
        missing += sample.missing.items()
    for analysis, shown in _TITLES.items():
        reasons: dict[str, list[str]] = {}
        for name, found in missing:
            if analysis in found:
                reasons.setdefault(found[analysis], []).append(name)
        for reason, names in reasons.items():
            yield Absent(*shown, f"Not for {join(names)}: {reason}")


def _runs(study: StudyData) -> Iterator[Run]:
    """Say of every sample, refinement and training what it was and which command repeats it."""
    for sample in study.samples:
        networks = f"{count(sample.networks, 'network')}, {sample.budget}, seed {sample.seed}"
        facts = f"{networks}, {duration(sample.seconds)} of scoring."
        yield Run(f"A sample of {sample.family} on {sample.data}", sample.command, facts)
    for one in study.refinements:
        ends = [
            f"seed {each.seed}: {count(len(each.rounds), 'round')}, {duration(each.scoring_seconds)} of scoring. "
            f"{stop_sentence(one.method, each)}"
            for each in one.refinements
        ]
        label = method_of(one.method, one.refinements).label
        facts = f"{count(one.configuration.networks, 'network')} a round, {one.budget}; {' '.join(ends)}"
        command = refine_command(one.configuration, one.asked)
        yield Run(f"{label[0].upper()}{label[1:]} for {one.predictor} on {one.data}", command, facts)
    for trained in study.trainings:
        first, seconds = trained.first, sum(record.seconds for record in trained.replicates)
        facts = (
            f"{trained.text}. {count(first.planned, 'epoch')} of {count(first.images, 'image')}, "
            f"{seeds([record.seed for record in trained.replicates])}, {duration(seconds)} of training."
        )
        yield Run(f"{trained.name} trained on {trained.data}, recipe {trained.recipe}", trained.command, facts)


def headline(study: StudyData) -> list[tuple[str, str]]:
    """Give a study in a few facts, (what, value); what there is none of is left out.

    A network counts each time it is drawn, and once for all predictors of a sample. Data sets are those that were
    scored on: those that were trained on often hold the same images under another name.
    """
    refinements = [each for one in study.refinements for each in one.refinements]
    records = [record for one in study.trainings for record in one.replicates]
    predictors = {name for one in study.samples for name in one.predictors}
    predictors |= {one.predictor for one in study.refinements}
    data = {one.source or one.data for one in study.samples}
    data |= {one.configuration.data for one in study.refinements}
    networks = sum(one.networks for one in study.samples) + sum(one.networks_scored for one in refinements)
    rounds = ("round{}", sum(len(one.rounds) for one in refinements))
    what = ("predictor{}", "data set{}", "budget{}", "refinement{}")
    counts = [*zip(what, map(len, (predictors, data, regimes_of(study), refinements)), strict=True), rounds]
    if len(refinements) == 1 and not study.samples:
        sizes = refinements[0].cardinalities
        counts = [rounds, ("architectures at first", sizes[0]), ("architectures in the end", sizes[-1])]
    trained = [
        ("architecture{} trained", len({one.architecture for one in study.trainings})),
        ("training{}", len(records)),
        ("epoch{} of training", sum(len(one.epochs) for one in records)),
    ]
    scoring = math.fsum([*(one.seconds for one in study.samples), *(one.scoring_seconds for one in refinements)])
    return [
        *facts_of([("network{} scored", networks), *counts], "scoring time", scoring),
        *facts_of(trained, "training time", math.fsum(one.seconds for one in records)),
    ]
