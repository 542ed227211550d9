"""The report of a refinement: one self-contained HTML page, and its figures as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from netlore.errors import InvalidInput
from netlore.report.figures.figure import FigurePlan
from netlore.report.figures.refinement import (
    cardinality_figure,
    complexity_figure,
    edf_figure,
    interval_figure,
)
from netlore.report.figures.style import png_bytes
from netlore.report.figures.svg import document, inline
from netlore.report.names import classes_of, slug, unique
from netlore.report.page.templates import render
from netlore.report.story import ReportStory
from netlore.report.tables.markup import Table, best_table, principles_table, sizes_table, to_html
from netlore.report.text.methods import WORDS, course_title, interval_note
from netlore.report.text.phrases import duration, preferences, repetition, short, summary
from netlore.storage.atomic import write_whole


def write_report(story: ReportStory, folder: Path) -> list[Path]:
    """Write `report.html` and its figures as SVG and PNG files into a folder.

    Every file appears whole or not at all, and the page last, so a page never lacks its figures.

    Args:
        story: What to report.
        folder: Where to; it is made if it does not exist.

    Returns:
        The files written, the page first.

    Raises:
        InvalidInput: The folder's path is that of a file.
    """
    pictures = folder / "figures"
    try:
        pictures.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InvalidInput(f"A report needs a folder, but {error.filename} is a file; choose another.") from error
    written: list[Path] = []
    drawn: list[dict[str, object]] = []
    for plan in figure_plans(story):
        figure = plan.draw()
        text = document(figure, plan.name)
        for ending, content in (("svg", text.encode()), ("png", png_bytes(figure))):
            written.append(write_whole(pictures / f"{plan.name}.{ending}", content))
        drawn.append({"plan": plan, "svg": Markup(inline(text, plan.title))})
    page = write_whole(folder / "report.html", render_page(story, drawn).encode())
    return [page, *written]


def figure_plans(story: ReportStory) -> list[FigurePlan]:
    """List the figures of a report in the order of the page."""
    plans = [*_interval_plans(story), *_edf_plans(story), *_course_plans(story)]
    names = unique(plan.name for plan in plans)
    return [FigurePlan(name, plan.title, plan.caption, plan.draw) for name, plan in zip(names, plans, strict=True)]


def _interval_plans(story: ReportStory) -> Iterator[FigurePlan]:
    several = " Replicates lie over each other, a colour and line style for each." if story.refinements[1:] else ""
    for group in classes_of(story.first.grids):
        yield FigurePlan(
            name=f"intervals-{group.slug}",
            title=(
                course_title(group.key, story.refinements, one=True)
                if group.plural == group.key
                else course_title(f"the {group.plural}", story.refinements)
            ),
            caption=(
                "Column 0 is the full grid of the original design space, column j the interval found in round j; "
                f"the line is the median.{interval_note(story.refinements)}{several} A band that stays tall shows "
                "no preference; one that collapses to its line, a strict one."
            ),
            draw=lambda names=group.names: interval_figure(story.refinements, names),  # type: ignore[misc]
        )


def _edf_plans(story: ReportStory) -> Iterator[FigurePlan]:
    several = len(story.refinements) > 1
    for one in story.refinements:
        if not any(entry.scores.size for entry in one.rounds):
            continue
        yield FigurePlan(
            name=f"edf-seed-{slug(str(one.seed))}" if several else "edf",
            title="Scores of every round" + (f", seed {one.seed}" if several else ""),
            caption=(
                "A curve gives the fraction of a round's networks whose score is at most x; the colour is the "
                "round, the last one is thicker. Where a curve lies further to the right, a network picked "
                "at random scores higher."
            ),
            draw=lambda one=one: edf_figure(one),  # type: ignore[misc]
        )


def _course_plans(story: ReportStory) -> Iterator[FigurePlan]:
    yield FigurePlan(
        name="space-size",
        title=WORDS[story.first.method].sizes,
        caption="The axis is logarithmic: equal steps divide the space by equal factors. 1: one architecture.",
        draw=lambda: cardinality_figure(story.refinements),
    )
    yield FigurePlan(
        name="complexity",
        title="Complexity of the best networks",
        caption=(
            "Bands are the intervals of FLOPs, parameters and activations among "
            f"{WORDS[story.first.method].best}, lines their medians; the axes are logarithmic. "
            f"Budget: {story.first.budget}."
        ),
        draw=lambda: complexity_figure(story.refinements),
    )


def render_page(story: ReportStory, figures: list[dict[str, object]]) -> str:
    """Fill the template; everything that is not made by this package is escaped."""
    steady, differing = repetition(story)
    first = story.first
    return render(
        "report.html.j2",
        story=story,
        paragraphs=summary(story),
        facts=_facts(story),
        alone=len(story.refinements) == 1,
        liked=preferences(first.principles if len(story.refinements) == 1 else steady, first.grids),
        differing=differing,
        figures=figures,
        principles=_table(principles_table(story)),
        sizes=_table(sizes_table(story)),
        caveat=WORDS[first.method].caveat,
        best=_table(best_table(story)) if any(one.best for one in story.refinements) else None,
        made=[(one, duration(one.seconds)) for one in story.refinements],
    )


def _facts(story: ReportStory) -> list[tuple[str, str]]:
    """Give the numbers that a reader looks for first."""
    runs = story.refinements
    scored = sum(one.networks_scored for one in runs)
    rounds = " / ".join(str(len(one.rounds)) for one in runs)
    left = " / ".join(short(one.cardinalities[-1]) for one in runs)
    return [
        ("networks scored", f"{scored:,}"),
        ("rounds", rounds),
        ("architectures at first", short(story.first.cardinalities[0])),
        (WORDS[story.first.method].left, left),
        ("scoring time", duration(sum(one.seconds for one in runs))),
        ("networks without a score", f"{sum(one.failed for one in runs):,}"),
    ]


def _table(table: Table) -> dict[str, object]:
    return {"caption": table.caption, "html": Markup(to_html(table))}
