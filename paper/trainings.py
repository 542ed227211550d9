"""Trained networks next to the errors of the paper's Table II, and what Fig. 11 says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from netlore.analysis.correlation import AccuracyCorrelation, accuracy_correlation
from netlore.report.data import StudyData, TrainingData
from netlore.report.names import measure_title
from netlore.report.score_accuracy import score_comparisons
from netlore.report.text.phrases import join
from netlore.report.training_groups import TrainingGroup, counted, error_spread, mean_error, training_groups
from netlore.space.complexity import MEASURES
from paper.pages import NO_VALUE, Check, markdown

Entry = Mapping[str, Any]
Errors = Mapping[str, float]


class Trained(NamedTuple):
    """Networks trained on CIFAR-10, as the paper's: our mean errors and the paper's, percent, by name."""

    ours: Errors
    papers: Errors
    basis: str


def errors_of(paper: Entry) -> dict[str, float]:
    """The errors of Table II on CIFAR-10, percent, by the architectures' names."""
    return {name: float(row["error"]) for name, row in paper["table2"]["cifar10"].items()}


def like_the_papers(study: StudyData, paper: Entry) -> Trained:
    """The trainings on most images of CIFAR-10; none if there are no such."""
    papers = errors_of(paper)
    groups = [one for one in training_groups(study.trainings) if _of_cifar10(one.data)]
    if not groups:
        return Trained({}, papers, NO_VALUE)
    group = max(groups, key=lambda one: one.trainings[0].training_images)
    seeds, images = join([str(seed) for seed in group.seeds]), group.trainings[0].training_images
    ours = {one.name: mean_error(one) for one in group.finished if one.name in papers}
    return Trained(ours, papers, f"{group.epochs} epochs, {images:,} images, seed {seeds}")


def _of_cifar10(data: str) -> bool:
    return Path(data).stem.startswith("cifar10") and "cifar100" not in data


def short(name: str) -> str:
    """A network's name without what all have."""
    return name.removeprefix("paper/cifar10/").removeprefix("baseline/")


def order_of_errors(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """Pairs of networks whose errors differ in the paper: are they in the same order here?"""
    ours, papers, basis = like_the_papers(study, paper)
    pairs = [
        (low, high)
        for low, high in combinations(sorted(ours, key=lambda name: papers[name]), 2)
        if papers[high] - papers[low] >= entry["apart"]
    ]
    for low, high in pairs:
        what, text = f"{short(low)} errs less than {short(high)}", f"{papers[low]:g} < {papers[high]:g} %"
        yield Check(what, text, f"{ours[low]:.2f}, {ours[high]:.2f} %", basis, ours[low] < ours[high])
    if not pairs:
        yield Check("the order of pairs of networks", "as printed")


def least_error(entry: Entry, study: StudyData, paper: Entry) -> Iterator[Check]:
    """A network's error next to those of the other predictors' networks, and of the best baseline."""
    (ours, papers, basis), name = like_the_papers(study, paper), entry["network"]
    if name not in ours:
        yield Check(f"{short(name)}'s error next to the others'", "lowest")
        return
    for other in (one for one in ours if one.startswith("paper/") and one != name):
        text = f"{papers[name]:g} < {papers[other]:g} %"
        found = f"{ours[name]:.2f}, {ours[other]:.2f} %"
        yield Check(f"lower than that of {short(other)}", text, found, basis, ours[name] < ours[other])
    baselines = [one for one in ours if one.startswith("baseline/")]
    if baselines:
        best = min(baselines, key=lambda one: ours[one])
        within = ours[name] <= ours[best] + entry["within"]
        text, found = f"{papers[name]:g}, {papers[best]:g} %", f"{ours[name]:.2f}, {ours[best]:.2f} %"
        yield Check(f"comparable to {short(best)}", text, found, basis, within)


def error_table(group: TrainingGroup, papers: Errors) -> str:
    """The errors of a group of comparable trainings next to the paper's."""
    columns = ("network", "error, %", "lowest, %", "paper's error, %", "MFLOPs", "seeds", "seconds an epoch")
    return markdown(columns, [_error_line(one, papers) for one in group.trainings])


def _error_line(one: TrainingData, papers: Errors) -> Sequence[object]:
    spread, records = error_spread(one), counted(one)
    return (
        short(one.name),
        f"{mean_error(one):.2f}" + ("" if spread is None else f" (s {spread:.2f})"),
        f"{min(record.best_error for record in records):.2f}",
        f"{papers[one.name]:g}" if one.name in papers else NO_VALUE,
        f"{one.flops / 1e6:.1f}",
        ", ".join(str(record.seed) for record in records),
        f"{np.median([record.seconds_an_epoch for record in records]):.1f}",
    )


def same_order(group: TrainingGroup, papers: Errors) -> AccuracyCorrelation:
    """Whether our errors are in the order of the paper's."""
    known = [one for one in group.finished if one.name in papers]
    ours = np.array([mean_error(one) for one in known])
    return accuracy_correlation(-np.array([papers[one.name] for one in known]), ours)


def score_table(study: StudyData) -> str:
    """Kendall's tau of every predictor, and of complexities, with accuracy; empty where nothing is comparable."""
    compared = score_comparisons(study)
    found = {(one.what, one.group.label, one.source): one.correlation for one in compared}
    columns = list(dict.fromkeys(key[1:] for key in found))
    heads = [f"trained on {label}, scored on {source.split(' (')[0]}" for label, source in columns]
    lines = [
        (
            measure_title(what) if what in MEASURES else what,
            *(_tau(found.get((what, *column))) for column in columns),
        )
        for what in dict.fromkeys(key[0] for key in found)
    ]
    return markdown(("predictor", *heads), lines) if found else ""


def _tau(found: AccuracyCorrelation | None) -> str:
    if found is None or found.tau is None:
        return NO_VALUE
    p = f"p = {found.p_value:.2g}" if found.p_value is not None else "too few"
    return f"{found.tau:.2f} (n = {found.n}, {p})"
