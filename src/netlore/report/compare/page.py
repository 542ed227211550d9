"""The page of a comparison of methods: one self-contained HTML file with its figures and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netlore.report.command_lines import refine_command
from netlore.report.compare.data import ComparisonFindings, GroupFindings, MethodFindings
from netlore.report.data import scoring_seconds
from netlore.report.figures.figure import DrawnFigure
from netlore.report.page.page_parts import ShownTable, numbered
from netlore.report.page.templates import render
from netlore.report.text.phrases import count, duration, join


def comparison_page(
    findings: ComparisonFindings,
    figures: Sequence[DrawnFigure],
    tables: Sequence[ShownTable],
    summary: Sequence[str],
    headline: Sequence[tuple[str, str]],
) -> str:
    """Write the page in the look of a study's; arguments as in `study_page`, which has an explorer besides."""
    drawn, written = numbered(figures, tables)
    return render(
        "study.html.j2",
        title=findings.title,
        lead="What methods of refinement reach, and what repeats, against the networks that they score.",
        summary=summary,
        headline=headline,
        listed=[*drawn, *written],
        figures=drawn,
        tables=written,
        trained=None,
        explorer=None,
        runs=[
            run
            for group in findings.groups
            for run in (*(_run(group, one) for one in group.methods), *_anew(group))
        ],
        made=findings.made,
    )


def _anew(group: GroupFindings) -> Iterator[dict[str, str]]:
    """How elites were scored anew; the command goes with the runs named before."""
    anew = group.anew
    if anew is not None:
        yield {
            "what": f"{group.title}: elites scored anew",
            "command": f"netlore compare RUN... --again {anew.draws}",
            "facts": (
                f"Seed {anew.seed}, {count(anew.architectures, 'architecture')}, "
                f"{count(anew.scores, 'fresh score')}, {duration(anew.seconds)} of scoring."
            ),
        }


def _run(group: GroupFindings, one: MethodFindings) -> dict[str, str]:
    """What a run was, and which command repeats it."""
    stories, first = one.run.refinements, one.run
    rounds = sorted(len(story.rounds) for story in stories)
    span = count(rounds[-1], "round") if rounds[0] == rounds[-1] else f"{rounds[0]} to {rounds[-1]} rounds"
    return {
        "what": f"{group.title}: {one.label}",
        "command": refine_command(first.configuration, first.asked),
        "facts": (
            f"{'Seed' if len(stories) == 1 else 'Seeds'} {join([str(story.seed) for story in stories])}, {span} "
            f"of {count(first.configuration.networks, 'network')}, {first.budget}, "
            f"{duration(sum(map(scoring_seconds, stories)))} of scoring."
        ),
    }
