"""Trained networks beside the errors of the paper's Table II, and what Fig. 11 says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from reproduction_basis import markdown
from reproduction_claims import NO_VALUE, Check, Claim, missing

from netlore.analysis.accuracy import AccuracyCorrelation, accuracy_correlation
from netlore.report.data import StudyData, TrainingData
from netlore.report.names import measure_title
from netlore.report.score_accuracy import score_comparisons
from netlore.report.text.phrases import join
from netlore.report.training_groups import TrainingGroup, counted, error_spread, mean_error, training_groups
from netlore.space.complexity import MEASURES

Errors = Mapping[str, float]
_LIKE_THE_PAPERS = "cifar10"  # what the name of a part of CIFAR-10 begins with
_CLOSE = 0.5  # percent: errors of the paper that differ by less are in no order, it gives one seed


def printed_errors(paper: Mapping[str, Any]) -> Errors:
    """The errors of Table II on CIFAR-10, percent, by the architectures' names."""
    return {name: float(row["error"]) for name, row in paper["table2"]["cifar10"].items()}


def training_claims(study: StudyData, errors: Errors) -> list[Claim]:
    """What Table II and Fig. 11 say of errors on CIFAR-10, checked on the networks that were trained on it."""
    group = _like_the_papers(study)
    ours = {} if group is None else {one.name: mean_error(one) for one in group.finished if one.name in errors}
    basis = NO_VALUE if group is None else _basis(group)
    return [_order_claim(ours, errors, basis), _synflow_claim(ours, errors, basis)]


def _order_claim(ours: Errors, errors: Errors, basis: str) -> Claim:
    checks = [
        Check(
            f"{_short(low)} errs less than {_short(high)}",
            f"{errors[low]:g} < {errors[high]:g} %",
            f"{ours[low]:.2f}, {ours[high]:.2f} %",
            basis,
            ours[low] < ours[high],
        )
        for low, high in combinations(sorted(ours, key=lambda name: errors[name]), 2)
        if errors[high] - errors[low] >= _CLOSE
    ]
    rule = f"a pair of networks whose errors differ by {_CLOSE:g} % or more in the paper is in the same order here"
    none = (missing("the order of pairs of networks", "as printed"),)
    why = "the schedule is a fraction of the paper's."
    return Claim("Table II", "The order of errors on CIFAR-10", rule, tuple(checks) or none, why)


def _synflow_claim(ours: Errors, errors: Errors, basis: str) -> Claim:
    name, says = (
        "paper/cifar10/synflow",
        "synflow's network errs least of the predictors', about as the baselines do",
    )
    rule = "its error is the lower one, or within 2 % of the lowest baseline's"
    if name not in ours:
        return Claim("Fig. 11", says, rule, (missing("synflow's error beside the others'", "lowest"),))
    checks = [
        Check(
            f"lower than that of {_short(other)}",
            f"{errors[name]:g} < {errors[other]:g} %",
            f"{ours[name]:.2f}, {error:.2f} %",
            basis,
            ours[name] < error,
        )
        for other, error in ours.items()
        if other.startswith("paper/") and other != name
    ]
    baselines = {other: error for other, error in ours.items() if other.startswith("baseline/")}
    if baselines:
        best = min(baselines, key=lambda other: baselines[other])
        within = ours[name] <= baselines[best] + 2
        printed = f"{errors[name]:g}, {errors[best]:g} %"
        found = f"{ours[name]:.2f}, {baselines[best]:.2f} %"
        checks.append(Check(f"comparable to {_short(best)}", printed, found, basis, within))
    return Claim("Fig. 11", says, rule, tuple(checks))


def trained_section(study: StudyData, errors: Errors) -> str:
    """Every group of comparable trainings beside the paper's errors."""
    if not study.trainings:
        return ""
    parts = [
        "### Errors beside the paper's",
        "The paper trains for 300 epochs on 50,000 images and gives one number a network. The schedules here are "
        "much shorter, on fewer images, so errors are not comparable with the paper's, and orders only with "
        "caution: a network that learns slowly is judged more harshly here. Errors are those on the validation "
        "set after the last epoch; seconds were measured on one of two cores while other programs ran. "
        "cifar10-train-20k is a part of CIFAR-10, 2,000 training images of each class; it is judged by the whole "
        "test set. The digits are scikit-learn's. results/training is the archive of the study on digits "
        "(studies/training.toml, size laptop); the trainings on CIFAR-10 and the scores were made by the commands "
        "below in folders beside its own, and named in its study.json.",
    ]
    tables = [_table(group, errors) for group in training_groups(study.trainings)]
    return "\n\n".join([*parts, *tables, *_scores(study)])


def _table(group: TrainingGroup, errors: Errors) -> str:
    lines = [_line(one, errors) for one in group.trainings]
    columns = ("network", "error, %", "lowest, %", "paper's error, %", "MFLOPs", "seeds", "seconds an epoch")
    first = group.trainings[0]
    head = (
        f"**{group.label}**: recipe {group.recipe}, {group.epochs} epochs on {first.training_images:,} images, "
        f"judged by {first.validation_images:,}. {_ranks(group, errors)}"
    )
    commands = "\n".join(f"    {one.command}" for one in group.trainings)
    return f"{head}\n\n{markdown(columns, lines)}\n\nMade by\n\n{commands}"


def _scores(study: StudyData) -> list[str]:
    """Kendall's tau of every predictor, and of complexities, with accuracy."""
    compared = score_comparisons(study)
    if not compared:
        return []
    columns = list(dict.fromkeys((one.group.label, one.source) for one in compared))
    found = {(one.what, one.group.label, one.source): one.correlation for one in compared}
    lines = [
        (
            measure_title(what) if what in MEASURES else what,
            *(_tau(found.get((what, *column))) for column in columns),
        )
        for what in dict.fromkeys(one.what for one in compared)
    ]
    heads = [f"trained on {label}, scored on {source.split(' (')[0]}" for label, source in columns]
    text = (
        "Kendall's tau between score and accuracy; 1: a higher score always means a lower error. p in brackets, "
        "where there are enough networks for one; it does not know that there are many predictors. These networks "
        "are no sample: each was chosen because one of the predictors scores it highest, or is a baseline. "
        "Complexities are yardsticks: a predictor that ranks no better than they do tells nothing new."
    )
    made = "\n".join(f"    {one.command}" for one in study.samples if one.budget.startswith("none"))
    table = markdown(("predictor", *heads), lines)
    return ["### Do scores rank as accuracies do?", text, table, *(("Scored by", made) if made else ())]


def _tau(found: AccuracyCorrelation | None) -> str:
    if found is None or found.tau is None:
        return NO_VALUE
    p = f"p = {found.p_value:.2g}" if found.p_value is not None else "too few"
    return f"{found.tau:.2f} (n = {found.n}, {p})"


def _line(one: TrainingData, errors: Errors) -> Sequence[str]:
    spread = error_spread(one)
    records = counted(one)
    return (
        _short(one.name),
        f"{mean_error(one):.2f}" + ("" if spread is None else f" (s {spread:.2f})"),
        f"{min(record.best_error for record in records):.2f}",
        f"{errors[one.name]:g}" if one.name in errors else NO_VALUE,
        f"{one.flops / 1e6:.1f}",
        ", ".join(str(record.seed) for record in records),
        f"{np.median([record.seconds_an_epoch for record in records]):.1f}",
    )


def _ranks(group: TrainingGroup, errors: Errors) -> str:
    """Whether our errors are in the order of the paper's."""
    known = [one for one in group.finished if one.name in errors]
    ours = np.array([mean_error(one) for one in known])
    papers = np.array([errors[one.name] for one in known])
    found = accuracy_correlation(-papers, ours)
    if found.tau is None:
        return "Too few networks to compare their order with the paper's."
    told = "too few for a p-value" if found.p_value is None else f"p = {found.p_value:.2g}"
    return f"Kendall's tau between these errors and the paper's is {found.tau:.2f} (n = {found.n}, {told})."


def _like_the_papers(study: StudyData) -> TrainingGroup | None:
    """The trainings on most images of CIFAR-10."""
    found = [
        group
        for group in training_groups(study.trainings)
        if Path(group.data).stem.startswith(_LIKE_THE_PAPERS) and "cifar100" not in group.data
    ]
    return max(found, key=lambda group: group.trainings[0].training_images, default=None)


def _basis(group: TrainingGroup) -> str:
    seeds = join([str(seed) for seed in group.seeds])
    images = group.trainings[0].training_images
    return f"{group.epochs} epochs, {images:,} images, seed {seeds}"


def _short(name: str) -> str:
    return name.removeprefix("paper/cifar10/").removeprefix("baseline/")
