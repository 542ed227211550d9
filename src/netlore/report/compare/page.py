"""The page of a comparison of methods."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlore.report.command_lines import refine_command
from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings
from netlore.report.data import scoring_seconds
from netlore.report.figures.figure import DrawnFigure
from netlore.report.page.page import Page, Run, write_page
from netlore.report.tables.table import NamedTable
from netlore.report.text.phrases import count, duration, join
from netlore.report.text.summary import Sentence


def comparison_page(
    findings: ComparisonFindings,
    figures: Sequence[DrawnFigure],
    tables: Sequence[NamedTable],
    summary: Sequence[str],
    headline: Sequence[tuple[str, str]],
) -> str:
    """Write the page of a comparison; the same as a study's, without an explorer."""
    return write_page(
        Page(
            title=findings.title,
            lead="What methods of refinement reach, and what repeats, against the networks that they score.",
            headline=headline,
            sentences=[Sentence(text) for text in summary],
            figures=figures,
            tables=tables,
            runs=[run for group in findings.groups for run in _runs(group)],
            made=findings.made,
        )
    )


def _runs(group: GroupFindings) -> Iterator[Run]:
    """What each run was and which command repeats it; the last command goes with the runs named before."""
    for one in group.methods:
        yield _run(group, one)
    anew = group.anew
    if anew is not None:
        facts = (
            f"Seed {anew.seed}, {count(anew.architectures, 'architecture')}, "
            f"{count(anew.scores, 'fresh score')}, {duration(anew.seconds)} of scoring."
        )
        yield Run(f"{group.title}: elites scored again", f"netlore compare RUN... --again {anew.draws}", facts)


def _run(group: GroupFindings, one: MethodFindings) -> Run:
    found, run = one.run.refinements, one.run
    rounds = sorted(len(each.rounds) for each in found)
    span = count(rounds[-1], "round") if rounds[0] == rounds[-1] else f"{rounds[0]} to {rounds[-1]} rounds"
    facts = (
        f"{'Seed' if len(found) == 1 else 'Seeds'} {join([str(each.seed) for each in found])}, {span} "
        f"of {count(run.configuration.networks, 'network')}, {run.budget}, "
        f"{duration(sum(map(scoring_seconds, found)))} of scoring."
    )
    return Run(f"{group.title}: {one.label}", refine_command(run.configuration, run.asked), facts)
