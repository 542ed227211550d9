"""`netlore reliability`: how far scores can be trusted, as figures, tables, sentences and one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from netlore.experiments.record import RunRecord
from netlore.experiments.reliability import ReliabilityRun
from netlore.report.collect import made_with
from netlore.report.command_lines import reliability_command
from netlore.report.page.page import Page, Report, Run, facts_of, write_page
from netlore.report.reliability.figures import by_ceiling, reliability_figures
from netlore.report.reliability.tables import WORDS, conditions_text, reliability_tables
from netlore.report.text.phrases import duration, join, percent
from netlore.report.text.summary import Sentence
from netlore.scoring.factors import CHANCE
from netlore.scoring.reliability import PredictorReliability

FILE_NAME = "reliability.html"


def write_reliability(
    run: ReliabilityRun,
    out: Path,
    made: RunRecord | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report[ReliabilityRun]:
    """Write the page, the figures and the tables of a study of reliability into a folder.

    Args:
        run: What was found.
        out: The folder.
        made: The machine and the versions that it was scored with.
        progress: Called with how many figures are drawn, and of how many.

    Raises:
        Unwritable: The folder cannot be used.
    """
    found = write_page(run, reliability_page(run, made), out / FILE_NAME, progress)
    missing = [row for table in run.found.tables.values() for row in table.failures]
    return replace(found, failures=tuple(missing), files=(*found.files, *run.files))


def reliability_page(run: ReliabilityRun, made: RunRecord | None = None) -> Page:
    """The page of a study of reliability."""
    seconds = sum(row.score.seconds for table in run.found.tables.values() for row in table.rows)
    counts = [("network{}", run.found.networks), ("predictor{}", len(run.found.predictors))]
    counts += [("condition{}", len(run.found.tables)), ("missing score{}", run.failed)]
    command = reliability_command(run.configuration)
    return Page(
        title="How far can a score be trusted?",
        lead=conditions_text(run),
        headline=facts_of(counts, "scoring time", seconds),
        sentences=reliability_sentences(run),
        figures=reliability_figures(run),
        tables=reliability_tables(run),
        runs=[Run("Scores", command, f"{conditions_text(run)} {duration(seconds)} of scoring.")],
        made=list(made_with(made).items()) if made is not None else [],
        notes=_unfinished(run),
    )


def _unfinished(run: ReliabilityRun) -> list[str]:
    missing = [name for name in run.configuration.design.conditions() if name not in run.found.tables]
    return [f"Not scored yet: {join(missing)}; factors that need them are left out."] if missing else []


def reliability_sentences(run: ReliabilityRun) -> list[Sentence]:
    """Say of each predictor in a sentence how far one score can be trusted, the most reliable first."""
    return [Sentence(sentence_of(one), "noise-ceiling") for one in by_ceiling([*run.found.predictors.values()])]


def sentence_of(one: PredictorReliability) -> str:
    """How far one score of a predictor can be trusted; enough is a reliability of .9."""
    if one.noise is None or one.ceiling.value is None:
        return f"{one.predictor}: nothing can be said, as {one.reliability.reason}."
    drawn = [
        f"{WORDS[name]} {percent(round(of.noise, 3))}"
        for name, of in one.factors.items()
        if name in CHANCE and of.noise is not None
    ]
    said = f"{one.predictor}: {percent(round(one.noise, 3))} of the variance of its ranks is noise ({join(drawn)})"
    highest = f"{one.ceiling.value:.2f}"
    if highest == "1.00":
        return f"{said}; one score says what many would."
    said += f", so that one score correlates with nothing about a network by more than {highest}"
    number = one.scores_for()
    if number is None:
        return f"{said}; no mean of scores helps."
    enough = "one score is enough" if number == 1 else f"the mean of {number} scores would be enough"
    return f"{said}; {enough}."
