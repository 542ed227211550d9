"""The page of a design."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from scipy.stats import binomtest

from netlore.report.design.data import DesignData
from netlore.report.design.figures import design_figures
from netlore.report.design.tables import design_tables
from netlore.report.explorer.payload import explorer_html
from netlore.report.page.page import Page, Report, write_page
from netlore.report.text.phrases import count, duration, short
from netlore.report.text.summary import Sentence

FILE_NAME = "design.html"


def write_design(
    found: DesignData, folder: Path, progress: Callable[[int, int], None] | None = None
) -> Report[DesignData]:
    """Write the page, with its figures and tables, into the folder of a design.

    Raises:
        Unwritable: There is no space or no permission.
    """
    return write_page(found, design_page(found), folder / FILE_NAME, progress)


def design_page(found: DesignData) -> Page:
    """The page of a design."""
    name = found.architecture.id
    return Page(
        title=found.study.title,
        lead=f"{name}, trained on {found.found.name}: the network that netlore recommends within the budget.",
        headline=_headline(found),
        sentences=[*_sentences(found)],
        figures=design_figures(found),
        tables=design_tables(found),
        runs=found.steps,
        made=found.study.made,
        explorer=explorer_html(found.study),
        notes=found.notes,
    )


def _headline(found: DesignData) -> list[tuple[str, str]]:
    trained = sum(one.records[0].seconds for one in (found.trained, *found.finalists))
    seconds = trained + sum(one.scoring_seconds for each in found.study.refinements for one in each.refinements)
    return [
        ("validation error", f"{found.record.error:.1f} %"),
        ("parameters", short(found.measures["params"])),
        ("FLOPs", short(found.measures["flops"])),
        ("ms for an image", f"{found.latency.milliseconds.value:.2g}"),
        ("scoring and training", duration(seconds)),
    ]


def _sentences(found: DesignData) -> Iterator[Sentence]:
    """What came out, then what was chosen on the way."""
    record, facts = found.record, found.trained.facts
    wrong, images = round(record.error / 100 * facts.validation_images), facts.validation_images
    low, high = binomtest(wrong, images).proportion_ci(method="wilson")
    text = (
        f"It misclassifies {record.error:.1f} % [{100 * low:.1f}, {100 * high:.1f}] of {images:,} images that it "
        "did not learn from"
    )
    if record.early_stopping:
        text += ", by which its epoch was chosen, so that the error flatters"
    if record.majority_error is not None:
        text += f"; always answering the most frequent class would misclassify {record.majority_error:.1f} %"
    yield Sentence(f"{text}.", "fig11-training")
    if record.balanced_error is not None:
        yield Sentence(f"The mean of the errors of all classes is {record.balanced_error:.1f} %.", "class-errors")
    latency, how = found.latency.milliseconds, found.latency.setting
    yield Sentence(
        f"A pass of one image takes {latency.value:.3g} ms [{latency.low:.3g}, {latency.high:.3g}] here: median "
        f"of {latency.n} runs by {how.runtime} on {count(how.threads, 'thread')}, those for warm-up not counted.",
        "costs",
    )
    yield Sentence(
        f"The file {found.onnx.name} holds the trained network; onnxruntime computes with it what torch computes.",
        "structure",
    )
    scored = sum(one.networks_scored for each in found.study.refinements for one in each.refinements)
    yield Sentence(
        f"Of {scored:,} networks that were scored before any training, the best {found.candidates:,} were scored "
        f"again with other initial weights{'' if found.finalists else ', and the best of these was trained'}.",
        "front",
    )
    if found.finalists:
        yield Sentence(_of_finalists(found), "finalists")
    for text in found.choices:
        yield Sentence(text, "")


def _of_finalists(found: DesignData) -> str:
    """How the network was chosen by images, and what that was good for."""
    first, number = found.finalists[0], len(found.finalists)
    by_network = {run.configuration.make_architecture(): run.records[0].error for run in found.finalists}
    best, picked = (by_network.get(one) for one in (found.architecture, found.picked))
    text = (
        f"The best of these and {count(number - 1, 'network')} less deep learned for "
        f"{count(len(first.records[0].epochs), 'epoch')}; {found.architecture.id} had the lowest error and was "
        f"trained: {best:.1f} % of {first.facts.validation_images:,} images held out"
    )
    if found.picked == found.architecture:
        return f"{text}: it is what the predictor picks, too."
    return f"{text}." if picked is None else f"{text}, where what the predictor picks had {picked:.1f} %."
