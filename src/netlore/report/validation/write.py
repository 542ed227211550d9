"""`netlore validate`: how well scores predict accuracy, as figures, tables, a few sentences and one page."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from netlore.experiments.record import RunRecord
from netlore.experiments.validate import ValidateRun
from netlore.report.collect import made_with
from netlore.report.page.page import Page, Report, Run, facts_of, write_page
from netlore.report.sampled import transform_of
from netlore.report.text.phrases import count, duration, join, minus, percent
from netlore.report.text.summary import MOST, Sentence
from netlore.report.validation.command import validate_command
from netlore.report.validation.data import ValidationData, highest, name_of
from netlore.report.validation.figures import validation_figures
from netlore.report.validation.tables import validation_tables

FILE_NAME = "validation.html"


def write_validation(
    run: ValidateRun,
    out: Path,
    made: RunRecord | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report[ValidationData]:
    """Write the page, the figures and the tables of a validation into a folder.

    Args:
        run: What was found.
        out: The folder.
        made: The machine and the versions that it was scored with.
        progress: Called with how many figures are drawn, and of how many.

    Raises:
        Unwritable: The folder cannot be used.
    """
    transforms = {one.name: transform_of(one.name) for one in run.found.predictors}
    data = ValidationData(run, transforms)
    found = write_page(data, validation_page(data, made), out / FILE_NAME, progress)
    return replace(found, failures=tuple(run.table.failures), files=(*found.files, *run.files))


def validation_page(data: ValidationData, made: RunRecord | None = None) -> Page:
    """The page of a validation."""
    seconds = sum(row.score.seconds for row in data.run.table.rows)
    known, counts = data.found.accuracies, [("network{}", len(data.found.accuracies))]
    counts += [("predictor{}", len(data.found.predictors)), ("missing score{}", data.run.failed)]
    facts = f"{data.networks}, {duration(seconds)} of scoring."
    more = [("accuracies", known.source)] if known.source else []
    return Page(
        title=data.title,
        lead=data.accuracy,
        headline=facts_of(counts, "scoring time", seconds),
        sentences=validation_summary(data),
        figures=validation_figures(data),
        tables=validation_tables(data),
        runs=[Run(known.title, shlex.join(validate_command(data.run.configuration)), facts)],
        made=[*(made_with(made).items() if made is not None else ()), *more],
        notes=[note for note in (_stand_in(data), *known.notes) if note],
    )


def _stand_in(data: ValidationData) -> str:
    return "" if data.run.configuration.images else data.found.accuracies.stand_in


def validation_summary(data: ValidationData) -> list[Sentence]:
    """Say in a few sentences whether scores rank networks, better than counts, at equal cost, and what they
    choose."""
    parts = (_ranks, _at_equal_cost, _choice, _noise, _failures)
    return list(islice(chain.from_iterable(part(data) for part in parts), MOST))


def _ranks(data: ValidationData) -> Iterator[Sentence]:
    best, counted = data.best_predictor, data.best_count
    if best is None:
        reasons = dict.fromkeys(one.kendall.reason for one in data.found.predictors)
        yield Sentence(f"No predictor can be judged: {join(list(reasons))}.")
        return
    text = f"Of all predictors, {best.name} ranks networks best, with Kendall's tau {_interval(best.kendall)}"
    if counted is None:
        yield Sentence(f"{text}.", "validation-kendall")
        return
    above = data.above_counts(best)
    text += f"; the best count, {name_of(counted)}, has {_interval(counted.kendall)}"
    if above is not None and above.low is not None and above.high is not None:
        verdict = "above it" if above.low > 0 else "below it" if above.high < 0 else "not shown to differ from it"
        text += f". On the same networks {best.name} is {verdict} (difference {_interval(above)})"
    yield Sentence(f"{text}.", "validation-kendall")


def _at_equal_cost(data: ValidationData) -> Iterator[Sentence]:
    for statistic, where in (
        ("within_flops", "bands of equal FLOPs"),
        ("within_layers", "equal numbers of layers"),
    ):
        best = highest(data.found.judgements, statistic)
        if best is not None:
            found = getattr(best, statistic)
            text = f"Within {where}, {name_of(best)} is highest, with Kendall's tau {_interval(found)}"
            whole = best.kendall.value
            yield Sentence(f"{text}; over all networks it has {_number(whole)}.", "validation-kendall")


def _choice(data: ValidationData) -> Iterator[Sentence]:
    found = [one for one in data.found.predictors if one.regret is not None]
    if found:
        best = min(found, key=lambda one: one.regret or 0.0)
        text = f"The network that {best.name} puts first is {_points(data, best.regret)} below the best of all"
        counts = [one for one in data.found.counts if one.regret is not None]
        if counts:
            other = min(counts, key=lambda one: one.regret or 0.0)
            text += f", the one by {name_of(other)} {_points(data, other.regret)}"
        text += f", and one at random {_points(data, float(data.chance[0]))}"
        yield Sentence(f"{text}; of all predictors and counts these are the best.", "validation-regret")


def _noise(data: ValidationData) -> Iterator[Sentence]:
    noisy = [(one, one.noise) for one in data.found.predictors if one.noise is not None]
    if noisy:
        one, noise = max(noisy, key=lambda entry: entry[1].share)
        yield Sentence(
            f"Initialisation matters most for {one.name}: {percent(round(noise.share, 3))} of the variance of its "
            f"ranks, so that its Kendall's tau could be at most about {_number(noise.tau_ceiling)}.",
            "initialisation",
        )


def _failures(data: ValidationData) -> Iterator[Sentence]:
    found = [f"{count(one.failed, 'network')} by {one.name}" for one in data.found.predictors if one.failed]
    if found:
        yield Sentence(f"Without a score: {join(found)}; they rank last.", "rank-correlation-dropped")


def _interval(found: object) -> str:
    value, low, high = (getattr(found, name) for name in ("value", "low", "high"))
    ends = "" if low is None else f" [{_number(low)}, {_number(high)}]"
    return f"{_number(value)}{ends}"


def _number(value: float | None) -> str:
    return "undefined" if value is None else minus(f"{value:.2f}")


def _points(data: ValidationData, regret: float | None) -> str:
    points = (regret or 0.0) / data.found.accuracies.target.point
    return f"{points:.2f} points"
