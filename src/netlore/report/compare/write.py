"""`netlore compare`: methods of refinement side by side, as figures, tables, a few sentences and one page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np

from netlore.refinement.result import StopReason
from netlore.report.command_lines import refine_command
from netlore.report.compare.collect import compared
from netlore.report.compare.data import ComparisonFindings, GroupFindings, Rescored
from netlore.report.compare.runs import MethodGroup, method_groups
from netlore.report.compare.tables import comparison_tables
from netlore.report.figures.courses import comparison_figures
from netlore.report.page.page import Page, Report, Run, facts_of, write_page
from netlore.report.text.phrases import count, duration, join, number_text, percent, seeds, span
from netlore.report.text.summary import MOST, Sentence

FILE_NAME = "compare.html"

Comparison = Report[ComparisonFindings]
"""A comparison of methods that was written."""


def compare_runs(
    folders: Sequence[Path], out: Path, progress: Callable[[int, int], None] | None = None
) -> Comparison:
    """Put refinements by several methods side by side, in a folder; nothing is scored.

    Args:
        folders: Folders or archives of `netlore refine`, those of one predictor and data set are compared; and of
            their rescored elites.
        out: Where the page, `figures` and `tables` go.
        progress: Called with how many figures are drawn, and of how many.

    Raises:
        InvalidInput: As in `method_groups`; nothing is written.
        Unwritable: The folder cannot be used.
    """
    return write_comparison(method_groups(folders), out, progress)


def write_comparison(
    groups: Sequence[MethodGroup], out: Path, progress: Callable[[int, int], None] | None = None
) -> Comparison:
    """Write the page, the figures and the tables of groups; arguments and errors as in `compare_runs`."""
    findings = compared(groups)
    return write_page(findings, comparison_page(findings), out / FILE_NAME, progress)


def comparison_page(findings: ComparisonFindings) -> Page:
    """The page of a comparison."""
    return Page(
        title=findings.title,
        lead="What methods of refinement reach, and what repeats, against the networks that they score.",
        headline=comparison_headline(findings),
        sentences=comparison_summary(findings),
        figures=comparison_figures(findings),
        tables=comparison_tables(findings),
        runs=[run for group in findings.groups for run in _runs(group)],
        made=findings.made,
    )


def _runs(group: GroupFindings) -> Iterator[Run]:
    """What each run was, and which command repeats it."""
    for one in group.methods:
        found, settings = one.run.refinements, one.run.configuration
        rounds, seconds = [len(each.rounds) for each in found], sum(each.scoring_seconds for each in found)
        facts = (
            f"{seeds([each.seed for each in found]).capitalize()}, {span(rounds, 'round')} of "
            f"{count(settings.networks, 'network')}, {one.run.budget}, {duration(seconds)} of scoring."
        )
        yield Run(f"{group.title}: {one.label}", refine_command(settings, one.run.asked), facts)
    if group.rescored is not None:
        new = group.rescored
        facts = (
            f"Seed {new.seed}, {count(new.architectures, 'architecture')}, {count(new.scores, 'new score')} on "
            f"{new.batches} batch{'es' if new.batches > 1 else ''}, {duration(new.seconds)} of scoring."
        )
        yield Run(f"{group.title}: elites rescored", f"netlore compare RUN... {again_options(new)}", facts)


def again_options(new: Rescored) -> str:
    """The options that made these scores."""
    return f"--again {new.draws}" + (f" --again-batches {new.batches}" if new.batches > 1 else "")


def comparison_headline(findings: ComparisonFindings) -> list[tuple[str, str]]:
    """Give the comparison in a few facts, (what, value)."""
    found = [each for group in findings.groups for one in group.methods for each in one.run.refinements]
    rescored = [group.rescored for group in findings.groups if group.rescored is not None]
    counts = [
        ("method{}", len(findings.labels)),
        ("refinement{}", len(found)),
        ("network{}", sum(one.networks_scored for one in found)),
        ("new score{}", sum(one.scores for one in rescored)),
    ]
    seconds = math.fsum([*(one.scoring_seconds for one in found), *(one.seconds for one in rescored)])
    return facts_of(counts, "scoring time", seconds)


def comparison_summary(findings: ComparisonFindings) -> list[Sentence]:
    """Say in a few sentences which method ends highest, how surely, and whose seeds agree; group after group."""
    parts = (_highest, _repeats, _bias, _unfinished)
    return list(islice(chain.from_iterable(part(group) for part in parts for group in findings.groups), MOST))


def _highest(group: GroupFindings) -> Iterator[Sentence]:
    """Which method has the highest median, how far above the next, and whether their seeds overlap."""
    if len(group.ranked) < 2:
        return
    (first, highest), (second, next_highest) = group.ranked[:2]
    scores, others = group.elite_scores(first), group.elite_scores(second)
    single = [one.label for one, found in ((first, scores), (second, others)) if len(found) == 1]
    apart = f"every seed of it ends above every seed of {second.label}"
    if single:
        apart = f"one seed of {join(single)} does not show where others end"
    elif min(scores) <= max(others):
        apart = "their seeds overlap, so neither is shown to end higher"
    rescored = "rescored " if group.rescored else ""
    yield Sentence(
        f"{group.title}: {first.label} has the highest median {rescored}elite score of "
        f"{count(len(group.ranked), 'method')}, {number_text(highest)} after {span(first.networks, 'network')}, "
        f"{_distance(group, highest - next_highest)} above {second.label} after "
        f"{span(second.networks, 'network')}; {apart}.",
        "method-courses",
    )


def _repeats(group: GroupFindings) -> Iterator[Sentence]:
    """How often an interval of one seed holds the median of another, and how wide intervals are, by method."""
    shares = [
        f"{one.label} {percent(float(np.mean(one.stability.containment)))} (intervals cover {one.width:.0%} of "
        "the grid)"
        for one in group.methods
        if one.stability is not None
    ]
    if shares:
        text = f"{group.title}: an interval holds another seed's median in these shares of cases: {join(shares)}."
        yield Sentence(text, "method-agreement")


def _bias(group: GroupFindings) -> Iterator[Sentence]:
    """Whose elites' own scores are too high by more than one noise unit."""
    found = {one.label: one.selection_bias for one in group.methods if one.selection_bias is not None}
    if found and group.noise:
        much = [f"{label} by {_distance(group, bias)}" for label, bias in found.items() if bias > group.noise]
        text = join(much) if much else "of no method by more than one noise unit"
        yield Sentence(f"{group.title}: elites' own scores are too high: {text} (median of seeds).", "methods")


def _unfinished(group: GroupFindings) -> Iterator[Sentence]:
    """Which refinements had not ended."""
    for one in group.methods:
        found = [each.seed for each in one.run.refinements if each.stopped_because == StopReason.UNFINISHED]
        if found:
            text = f"{one.label} was interrupted with {seeds(found)}; more networks may lead higher."
            yield Sentence(f"{group.title}: {text}", "methods")


def _distance(group: GroupFindings, difference: float) -> str:
    units = group.in_noise(difference)
    if units is None:
        return f"{number_text(difference)} ({'no noise' if group.noise == 0 else 'noise not known'})"
    return f"{units:,.1f} noise units"
