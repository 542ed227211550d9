"""Tables of trainings: performance (the paper's Table II), every epoch, and how scores go with accuracy."""

from __future__ import annotations

from statistics import fmean, median

from netlore.analysis.correlation import TESTABLE
from netlore.report.data import StudyData, TrainedArchitecture
from netlore.report.names import measure_title
from netlore.report.tables.table import DATA, RATE, SEED, NamedTable, named_table
from netlore.report.trainings import (
    beside_error,
    counted,
    data_labels,
    error_spread,
    mean_error,
    score_comparisons,
)
from netlore.space.complexity import BUILT_IN


def performance(study: StudyData) -> NamedTable:
    """The paper's Table II: error rates and complexities, with spreads and speeds; in the order given."""
    unfinished = any(not counted(one)[0].finished for one in study.trainings)
    labels = data_labels(study.trainings)
    rows = [{DATA: labels[one.data], **_performance(one, unfinished)} for one in study.trainings]
    caption = (
        "Performance of trained networks. Error: percent of the validation set that is misclassified after the "
        "last epoch, mean over seeds; spread: its sample standard deviation; best error: after the best epoch, "
        "which is chosen by the validation set and so flatters; seconds: those of the median epoch's training "
        "steps."
    )
    if any(beside_error(counted(one)) for one in study.trainings):
        caption += (
            " Balanced error: the mean over classes of the errors of each; majority's error: that of always "
            "answering the class with most training images."
        )
    if any(record.early_stopping for one in study.trainings for record in one.replicates):
        caption += " Where a recipe stops early, errors are those of the best epoch, which is kept."
    if unfinished:
        caption += " Where fewer epochs are done than planned, training is unfinished and not to be compared."
    if any(len(counted(one)) < len(one.replicates) for one in study.trainings):
        caption += " Seeds that are not finished are left out where others are."
    return named_table("table2-performance", caption, rows)


def _performance(one: TrainedArchitecture, unfinished: bool) -> dict[str, object]:
    records = counted(one)
    return {
        "Architecture": one.name,
        "Recipe": one.recipe,
        "Epochs": min(len(record.epochs) for record in records),
        **({"Planned epochs": one.first.planned} if unfinished else {}),
        "Seeds": len(records),
        "Error, %": mean_error(one),
        "Spread, %": error_spread(one),
        **beside_error(records),
        "Best error, %": fmean(record.best_error for record in records),
        **{measure_title(name): getattr(one, name) for name in BUILT_IN},
        "Seconds an epoch": median(record.seconds_an_epoch for record in records),
        "Images a second": median(record.images_per_second for record in records),
    }


def epochs(study: StudyData) -> NamedTable:
    """The course of every training, epoch by epoch."""
    labels = data_labels(study.trainings)
    rows = (
        {
            **{DATA: labels[one.data], "Architecture": one.name, "Recipe": one.recipe, SEED: record.seed},
            **{"Epoch": entry.epoch, RATE: entry.learning_rate, "Loss": entry.loss},
            **{"Training error, %": entry.training_error, "Validation loss": entry.validation_loss},
            "Error, %": entry.error,
            **({} if entry.balanced_error is None else {"Balanced error, %": entry.balanced_error}),
            "Seconds": entry.seconds,
        }
        for one in study.trainings
        for record in one.replicates
        for entry in record.epochs
    )
    caption = (
        "Every epoch of every training. The learning rate is that of its first step; loss and training error are "
        "of the augmented training images while they were learned, validation loss and error of the validation "
        "set after it; seconds are those of its training steps."
    )
    return named_table("training-epochs", caption, rows)


def score_accuracy(study: StudyData) -> NamedTable:
    """Rank correlations of scores and complexities with accuracy; empty where no three networks have both."""
    rows = (
        {
            **{"Trained on": one.group.label, "Recipe": one.group.recipe, "Epochs": one.group.epochs},
            "Scored on": one.source,
            "Predictor or complexity": one.what if one.of_predictor else measure_title(one.what),
            **{"n": one.correlation.n, "Dropped": one.correlation.dropped},
            **{"Kendall's tau": one.correlation.tau, "p": one.correlation.p_value},
        }
        for one in score_comparisons(study)
    )
    caption = (
        "Kendall's rank correlation of scores with accuracy over trained networks. It is 1 if a higher score "
        "always means a lower error; complexities of the same networks are yardsticks. n networks have both, "
        "dropped ones are trained but have no score. p is the chance of a tau as far from 0 in a random order; "
        f"there is none for fewer than {TESTABLE} networks, which are too few. Networks that a refinement chose "
        "are no random sample."
    )
    return named_table("score-accuracy", caption, rows)
