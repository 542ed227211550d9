"""From a study to its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlore.report.command_lines import refine_command
from netlore.report.data import RefinementData, SampleData, StudyData, TrainingData, scoring_seconds
from netlore.report.explorer.payload import LIMIT, explorer_html
from netlore.report.figures.figure import DrawnFigure, Section
from netlore.report.page.page import Absent, Page, Run, write_page
from netlore.report.tables.table import NamedTable
from netlore.report.text.headline import headline
from netlore.report.text.methods import method_of, stop_sentence
from netlore.report.text.phrases import count, duration, join
from netlore.report.text.summary import Sentence

_BEFORE = "What zero-cost predictors prefer in a network, before any training."
_AFTER = "Errors of trained networks: the percentage of the validation images that they misclassify."


def study_page(
    study: StudyData,
    figures: Sequence[DrawnFigure],
    tables: Sequence[NamedTable],
    sentences: Sequence[Sentence],
    limit: int = LIMIT,
) -> str:
    """Write the page of a study; at most about `limit` networks are in its explorer.

    Returns:
        An HTML document that needs no other file.
    """
    untrained = bool(study.samples or study.refinements) or not study.trainings
    return write_page(
        Page(
            title=study.title,
            lead=_BEFORE if untrained else _AFTER,
            headline=headline(study),
            sentences=sentences,
            figures=figures,
            tables=tables,
            runs=list(_runs(study)),
            made=study.made,
            explorer=explorer_html(study, limit) if untrained else None,
            absent=list(_absent(study)),
            notes=study.notes,
        )
    )


_TITLES = {
    "correlation": ("Do predictors agree?", Section.OVERVIEW),
    "exponential": ("Are scores distributed exponentially?", Section.SAMPLE),
    "trees": ("Decision trees", Section.SAMPLE),
    "partial": ("Is a score more than a network's cost?", Section.SAMPLE),
    "importance": ("Which hyperparameters matter", Section.SAMPLE),
    "repeatability": ("How high other seeds climb", Section.REFINEMENT),
}
"""What would show an analysis, and where."""


def _absent(study: StudyData) -> Iterator[Absent]:
    """Analyses that could not be made: of the first sample, which figures are about, and of refinements."""
    missing = [(f"{one.predictor} on {one.data}", one.missing) for one in study.refinements]
    for sample in study.samples[:1]:
        missing += [(name, found) for name, found in sample.missing.items()]
    reasons: dict[str, dict[str, list[str]]] = {}
    for name, found in missing:
        for analysis, reason in found.items():
            reasons.setdefault(analysis, {}).setdefault(reason, []).append(name)
    for analysis, (title, section) in _TITLES.items():
        for reason, names in reasons.get(analysis, {}).items():
            yield Absent(title, section, f"Not for {join(names)}: {reason}")


def _runs(study: StudyData) -> Iterator[Run]:
    """Say of every sample, refinement and training what it was and which command repeats it."""
    yield from map(_sample, study.samples)
    for one in study.refinements:
        yield _refinement(one)
    yield from map(_training, study.trainings)


def _sample(one: SampleData) -> Run:
    facts = (
        f"{count(len(one.frame), 'network')}, {one.budget}, seed {one.seed}, {duration(one.seconds)} of scoring."
    )
    return Run(f"A sample of {one.family} on {one.data}", one.command, facts)


def _refinement(one: RefinementData) -> Run:
    ends = [
        f"seed {each.seed}: {count(len(each.rounds), 'round')}, {duration(scoring_seconds(each))} of scoring. "
        f"{stop_sentence(one.method, each)}"
        for each in one.refinements
    ]
    label = method_of(one.method, one.refinements).label
    facts = f"{count(one.configuration.networks, 'network')} a round, {one.budget}; {' '.join(ends)}"
    command = refine_command(one.configuration, one.asked)
    return Run(f"{label[0].upper()}{label[1:]} for {one.predictor} on {one.data}", command, facts)


def _training(one: TrainingData) -> Run:
    seeds = join([str(record.seed) for record in one.replicates])
    facts = (
        f"{one.text}. {count(one.first.planned, 'epoch')} of {count(one.first.images, 'image')}, "
        f"{'seed' if len(one.replicates) == 1 else 'seeds'} {seeds}, "
        f"{duration(sum(record.seconds for record in one.replicates))} of training."
    )
    return Run(f"{one.name} trained on {one.data}, recipe {one.recipe}", one.command, facts)
