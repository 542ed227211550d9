"""The page of a whole study: one self-contained HTML file with its figures, its tables and the explorer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netlore.report.command_lines import refine_command
from netlore.report.data import RefinementData, SampleData, StudyData, TrainingData, scoring_seconds
from netlore.report.explorer.payload import LIMIT, explorer_html
from netlore.report.figures.figure import DrawnFigure
from netlore.report.page.page_parts import Part, ShownTable, numbered
from netlore.report.page.templates import render
from netlore.report.tables.training import PERFORMANCE, SCORES
from netlore.report.text.methods import WORDS, stop_sentence
from netlore.report.text.phrases import count, duration, join

_TRAINED = re.compile(rf"fig11-|({re.escape(PERFORMANCE)}|{re.escape(SCORES)})\b")
"""Names of the figures and tables that stand in the section on training."""

_BEFORE = "What zero-cost predictors prefer in a network, before any training."
_AFTER = "What becomes of networks that are trained."


def study_page(
    findings: StudyData,
    figures: Sequence[DrawnFigure],
    tables: Sequence[ShownTable],
    summary: Sequence[str],
    headline: Sequence[tuple[str, str]],
    limit: int = LIMIT,
) -> str:
    """Write the page; everything that is not marked as trusted is escaped.

    Args:
        findings: What the study found.
        figures: All figures, in order; their SVG elements, as `figures.svg.inline` makes them, are trusted.
        tables: All tables, in order.
        summary: What was found, in sentences.
        headline: The numbers that a reader looks for first: (what, value).
        limit: About how many networks the explorer shows.

    Returns:
        An HTML document that needs no other file.
    """
    drawn, written = numbered(figures, tables)
    trained = {"figures": _in_section(drawn, True), "tables": _in_section(written, True)}
    untrained = bool(findings.samples or findings.refinements) or not findings.trainings
    return render(
        "study.html.j2",
        title=findings.title,
        lead=_BEFORE if untrained else _AFTER,
        summary=summary,
        headline=headline,
        listed=[*drawn, *written],
        figures=_in_section(drawn, False),
        tables=_in_section(written, False),
        trained=trained if any(trained.values()) else None,
        explorer=explorer_html(findings, limit) if untrained else None,
        runs=_runs(findings),
        made=findings.made,
    )


def _in_section(parts: Sequence[Part], training: bool) -> list[Part]:
    """The figures or tables that stand in the section on training, or all others."""
    return [one for one in parts if bool(_TRAINED.match(str(one["name"]))) == training]


def _runs(findings: StudyData) -> list[dict[str, str]]:
    """Say of every sample, refinement and training what it was and which command repeats it."""
    refined = [run for one in findings.refinements for run in _replicates(one)]
    return [_sample(one) for one in findings.samples] + refined + [_training(one) for one in findings.trainings]


def _sample(one: SampleData) -> dict[str, str]:
    return {
        "what": f"A sample of {one.family} on {one.data}",
        "command": one.command,
        "facts": (
            f"{count(len(one.frame), 'network')}, {one.budget}, seed {one.seed}, "
            f"{duration(one.seconds)} of scoring."
        ),
    }


def _replicates(one: RefinementData) -> list[dict[str, str]]:
    return [
        {
            "what": f"{one.predictor} {WORDS[one.method].refined} on {one.data}, seed {each.seed}",
            "command": refine_command(one.configuration, one.asked),
            "facts": (
                f"{count(len(each.rounds), 'round')} of {count(one.configuration.networks, 'network')}, "
                f"{one.budget}, {duration(scoring_seconds(each))} of scoring. {stop_sentence(one.method, each)}"
            ),
        }
        for each in one.refinements
    ]


def _training(one: TrainingData) -> dict[str, str]:
    seeds = join([str(record.seed) for record in one.replicates])
    return {
        "what": f"{one.name} trained on {one.data}, recipe {one.recipe}",
        "command": one.command,
        "facts": (
            f"{one.text}. {count(one.first.planned, 'epoch')} of {count(one.first.images, 'image')}, "
            f"{'seed' if len(one.replicates) == 1 else 'seeds'} {seeds}, "
            f"{duration(sum(record.seconds for record in one.replicates))} of training."
        ),
    }
