"""Checks of trained networks, and the lines of tables about them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

import numpy as np
from scipy.stats import binomtest

from netlore.analysis.resampling import Statistic
from netlore.report.data import StudyData, TrainedArchitecture
from netlore.report.text.phrases import join
from netlore.report.trainings import (
    TrainingGroup,
    counted,
    counted_errors,
    error_spread,
    mean_error,
    training_groups,
)
from paper.checks_of_sample import tau_between
from paper.checks_of_tables import difference, short
from paper.pages import NO_VALUE, Check, Entry, interval_text, within

CHANCE = 90.0
"""Error of guessing one of ten classes, percent: all trainings of the page have ten."""
LEARNED = CHANCE / 2
"""A training has learned if its last error is below: it is nearer to none than to chance."""


def errors_of(paper: Entry) -> dict[str, float]:
    """The errors of Table II on CIFAR-10, percent, by the architectures' names."""
    return {name: float(row["error"]) for name, row in paper["table2"]["cifar10"].items()}


def _group(study: StudyData) -> TrainingGroup | None:
    """The trainings on most images of CIFAR-10."""
    groups = [one for one in training_groups(study.trainings) if re.match("cifar10(?!0)", Path(one.data).name)]
    return max(groups, key=lambda one: one.trainings[0].training_images, default=None)


def _known(group: TrainingGroup | None, papers: Mapping[str, float]) -> dict[str, TrainedArchitecture]:
    """Its finished networks of Table II, in the paper's order."""
    found = {one.name: one for one in group.finished} if group else {}
    return {name: found[name] for name in papers if name in found}


def _basis(group: TrainingGroup | None, networks: int, of: int) -> str:
    if group is None:
        return NO_VALUE
    seeds = join([str(seed) for seed in group.seeds])
    images = f"{group.trainings[0].training_images:,} images"
    return f"{networks} of {of} networks, {group.epochs} epochs, {images}, seed {seeds}"


def tau_of_errors(group: TrainingGroup | None, papers: Mapping[str, float]) -> Statistic:
    """Whether our errors are in the order of the paper's, with an interval over the networks."""
    known = _known(group, papers)
    ours = np.array([mean_error(one) for one in known.values()])
    return tau_between(np.array([papers[name] for name in known]), ours)


def order_of_errors(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Whether errors are in the paper's order."""
    papers, group = errors_of(paper), _group(study)
    found, what = tau_of_errors(group, papers), "tau of our errors and the paper's"
    if found.value is None:
        yield Check(what, "1")
        return
    ours, holds = interval_text(*found[:3], "+.2f"), within(found.low, found.high, entry["low"])
    yield Check(what, "1", ours, _basis(group, found.n, len(papers)), holds)


def apart(one: TrainedArchitecture, other: TrainedArchitecture) -> tuple[float, float, float]:
    """How many points one's mean error lies below the other's, with a 95 % interval.

    Its standard error is that of errors counted on all images and seeds, or where it is larger that of the seeds'
    mean errors.
    """
    images = [len(counted(each)) * each.validation_images for each in (one, other)]
    gap, low, high, _ = difference(mean_error(one), mean_error(other), *images)
    seeds = math.sqrt(sum((error_spread(each) or 0.0) ** 2 / len(counted(each)) for each in (one, other)))
    half = max((high - low) / 2, 1.96 * seeds)
    return gap, gap - half, gap + half


def least_error(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """A network's error next to those of the other predictors' networks, and of the best baseline.

    Nothing is graded before all networks are in: those that are missing might be the best.
    """
    papers, group, name = errors_of(paper), _group(study), entry["network"]
    known = _known(group, papers)
    basis = _basis(group, len(known), len(papers))
    if len(known) < len(papers):
        yield Check(f"{short(name)}'s error next to the others'", "lowest", basis=basis)
        return
    baselines = sorted(
        (one for one in known if one.startswith("baseline/")), key=lambda one: mean_error(known[one])
    )
    for other in (*(one for one in known if one.startswith("paper/") and one != name), *baselines[:1]):
        near = other in baselines
        what, sign = ("comparable to", ",") if near else ("lower than that of", " <")
        gap, low, high = apart(known[name], known[other])
        holds = within(low, high, -entry["within"] if near else 0)
        ours = f"{interval_text(gap, low, high, '+.2f')} points"
        yield Check(f"{what} {short(other)}", f"{papers[name]:g}{sign} {papers[other]:g} %", ours, basis, holds)


def nearest_predictors(group: TrainingGroup) -> str:
    """The two predictors' networks with the lowest median errors, and how far apart they are; empty for fewer."""
    found = sorted((one for one in group.finished if one.name.startswith("paper/")), key=_median)[:2]
    if len(found) < 2:
        return ""
    images = [len(counted(one)) * one.validation_images for one in found]
    wrong = [
        f"{short(one.name)} errs on {round(mean_error(one) * of / 100):,} of {of:,} images"
        for one, of in zip(found, images, strict=True)
    ]
    gap, low, high = apart(*found)
    word = "no difference that these images and seeds show" if within(low, high, 0) is None else "a difference"
    return f"Of the predictors' networks {join(wrong)}: {interval_text(gap, low, high, '+.2f')} points, {word}."


def _median(one: TrainedArchitecture) -> float:
    return median(counted_errors(one))


def error_lines(group: TrainingGroup, papers: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """The errors of trainings next to the paper's: medians, for a mean hides runs that never started.

    An interval is Wilson's at 95 %, of the images that the median seed errs on.
    """
    for one in group.trainings:
        errors, records, error = counted_errors(one), counted(one), _median(one)
        found = binomtest(round(error * one.validation_images / 100), one.validation_images)
        ends = found.proportion_ci(method="wilson")
        yield (
            short(one.name),
            interval_text(error, 100 * ends.low, 100 * ends.high, ".2f"),
            f"{min(errors):.2f} to {max(errors):.2f}" if len(errors) > 1 else NO_VALUE,
            f"{sum(error < LEARNED for error in errors)} of {len(errors)}",
            f"{papers[one.name]:g}" if one.name in papers else NO_VALUE,
            f"{one.flops / 1e6:.1f}",
            ", ".join(str(record.seed) for record in records),
            f"{np.median([record.seconds_an_epoch for record in records]):.1f}",
            join(sorted({record.precision or NO_VALUE for record in records})),
        )
