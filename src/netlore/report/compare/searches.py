"""`netlore compare --benchmark`: how accurate the picks of methods are, as figures, tables and one page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from netlore.analysis.resampling import Statistic
from netlore.refinement.methods import MEMORY, PAPER, RANDOM
from netlore.refinement.searches.compare import SearchComparison
from netlore.report.compare.search_data import (
    SearchData,
    accuracy_text,
    interval_text,
    label_of,
    searched_by,
)
from netlore.report.compare.search_figures import search_figures
from netlore.report.compare.search_tables import courses_frame, search_tables
from netlore.report.page.page import Page, Report, Run, write_page
from netlore.report.text.phrases import count, minus
from netlore.report.text.summary import MOST, Sentence
from netlore.storage.atomic import write_whole
from netlore.storage.documents import write_document

FILE_NAME, RESULT, COURSES = "compare.html", "compare.json", "courses.parquet"

Searches = Report[SearchData]
"""A comparison of searches that was written."""


def write_searches(
    found: SearchComparison, command: str, out: Path, progress: Callable[[int, int], None] | None = None
) -> Searches:
    """Write the page, the figures, the tables, JSON and all courses of a comparison into a folder.

    Args:
        found: The comparison.
        command: What does the same again.
        out: The folder.
        progress: Called with how many figures are drawn, and of how many.

    Raises:
        Unwritable: The folder cannot be used.
    """
    data = SearchData(found)
    written = write_page(data, searches_page(data, command), out / FILE_NAME, progress)
    sink = io.BytesIO()
    courses_frame(data).to_parquet(sink, index=False)
    files = (*written.files, write_whole(out / COURSES, sink.getvalue()), out / RESULT)
    written = replace(written, files=files)
    write_document(out / RESULT, searches_document(written))
    return written


def searches_document(written: Searches) -> dict[str, object]:
    """What was asked and found, as JSON-able values."""
    found = written.data.found
    known = found.known
    return {
        "benchmark": known.accuracies.title,
        "accuracy": known.accuracies.target.what,
        "unit": written.data.unit,
        "predictor": known.name,
        "scores": known.source,
        "architectures": len(known),
        "without_score": written.data.failed,
        "networks": found.networks,
        "most": found.most,
        "seeds": found.seeds,
        "best": found.best,
        **written.document(),
    }


def searches_page(data: SearchData, command: str) -> Page:
    """The page of a comparison."""
    found = data.found
    facts = f"{count(found.seeds, 'seed')}, {found.networks} networks in a round, at most {found.most:,} networks."
    source = found.known.accuracies.source
    return Page(
        title=data.title,
        lead=f"How accurate the network is that a method picks, against the networks it looked at. {data.said}",
        headline=[
            ("architectures", f"{len(found.known):,}"),
            ("methods", str(len(data.searches))),
            ("seeds", str(found.seeds)),
            ("best accuracy", accuracy_text(data, found.best)),
        ],
        sentences=search_summary(data),
        figures=search_figures(data),
        tables=search_tables(data),
        runs=[Run(data.title, command, facts)],
        made=[("accuracies", source)] if source else [],
        notes=[data.rule, *found.known.accuracies.notes],
    )


def search_summary(data: SearchData) -> list[Sentence]:
    """Say in a few sentences which picks are the most accurate, whether narrowing helps, and what limits all."""
    parts = (_highest, _narrowing, _limit, _counts, _failed)
    return list(islice(chain.from_iterable(part(data) for part in parts), MOST))


def _highest(data: SearchData) -> Iterator[Sentence]:
    """Which method has the highest median, early, on the way and in the end."""
    for networks in data.told:
        medians = {one.name: float(data.found.over_seeds(one, [networks]).middle[0]) for one in data.searches}
        highest = max(medians.values())
        best = [name for name, value in medians.items() if value == highest]
        text = (
            f"After {count(networks, 'network')} the highest median accuracy of a pick is "
            f"{accuracy_text(data, highest)}, by {searched_by(best)}"
        )
        if RANDOM.name not in best:
            text += f"; random search has {accuracy_text(data, medians[RANDOM.name])}"
        yield Sentence(f"{text}. The best of the space has {accuracy_text(data, data.found.best)}.", "searches")


def _narrowing(data: SearchData) -> Iterator[Sentence]:
    """Whether refinements are better than random search after as many networks as they usually take."""
    for name in (PAPER.name, MEMORY.name):
        one = data.found.line(name)
        networks = int(np.median(one.networks))
        above = data.found.above_random(one, networks)
        yield Sentence(
            f"{_capital(label_of(name))} ends after {count(networks, 'network')} (median). There its pick is "
            f"{_points(data, above)} that of random search after as many, in the mean over seeds.",
            "above-random",
        )


def _limit(data: SearchData) -> Iterator[Sentence]:
    """What a search that scores everything would pick."""
    found, name = data.found, data.found.known.name
    pick = found.whole[name]
    yield Sentence(
        f"Who scores all {len(found.known):,} networks picks one of {accuracy_text(data, pick)}, "
        f"{_number((found.best - pick) / data.point)} points below the best: no search by {name} alone has more "
        "to find, and where a search is above that, it has not yet found the highest score.",
        "whole-space",
    )


def _counts(data: SearchData) -> Iterator[Sentence]:
    """What counting alone would pick."""
    picks = [f"{label_of(one)} {accuracy_text(data, data.found.whole[one])}" for one in data.found.known.counts]
    if picks:
        yield Sentence(f"Without any score, of all networks: {', '.join(picks)}.", "whole-space")


def _failed(data: SearchData) -> Iterator[Sentence]:
    if data.failed:
        yield Sentence(f"{count(data.failed, 'network')} without a score can be drawn, and are never picked.")


def _points(data: SearchData, found: Statistic) -> str:
    """A difference in words, with its interval."""
    if found.value is None or found.low is None or found.high is None:
        return "not comparable to"
    low, high = found.low / data.point, found.high / data.point
    said = f"{interval_text(found, data.point)} points"
    if low <= 0 <= high:
        return f"not shown to be more or less accurate ({said}) than"
    return f"{'more' if low > 0 else 'less'} accurate ({said}) than"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: float) -> str:
    return minus(f"{value:.2f}")
