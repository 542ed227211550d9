"""Tables of trainings: performance (the paper's Table II), every epoch, and how scores go with accuracy."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean, median

from netlore.analysis.correlation import TESTABLE
from netlore.report.data import StudyData, TrainingData
from netlore.report.names import measure_title
from netlore.report.score_accuracy import score_comparisons
from netlore.report.tables.table import DATA, RATE, SEED, NamedTable, named_table
from netlore.report.training_groups import counted, data_labels, error_spread, mean_error
from netlore.space.complexity import BUILT_IN

PERFORMANCE, EPOCHS, SCORES = "table2-performance", "training-epochs", "score-accuracy"
"""Names of the three tables."""


def performance(findings: StudyData) -> NamedTable:
    """The paper's Table II: error rates and complexities, with spreads and speeds; in the order given."""
    unfinished = any(not counted(one)[0].finished for one in findings.trainings)
    labels = data_labels(findings.trainings)
    rows = [(labels[one.data], *_performance_row(one, unfinished)) for one in findings.trainings]
    columns = (
        *(DATA, "Architecture", "Recipe", "Epochs"),
        *(("Planned epochs",) if unfinished else ()),
        *("Seeds", "Error, %", "Spread, %", "Best error, %"),
        *map(measure_title, BUILT_IN),
        *("Seconds an epoch", "Images a second"),
    )
    caption = (
        "Performance of trained networks. Error: percent of the validation set that is misclassified after the "
        "last epoch, mean over seeds; spread: its sample standard deviation; best error: after the best epoch, "
        "which is chosen by the validation set and so flatters; seconds: those of the median epoch's training "
        "steps."
    )
    if unfinished:
        caption += " Where fewer epochs are done than planned, training is unfinished and not to be compared."
    if any(len(counted(one)) < len(one.replicates) for one in findings.trainings):
        caption += " Seeds that are not finished are left out where others are."
    return named_table(PERFORMANCE, caption, columns, rows)


def _performance_row(one: TrainingData, unfinished: bool) -> Iterator[object]:
    records = counted(one)
    yield from (one.name, one.recipe, min(len(record.epochs) for record in records))
    if unfinished:
        yield one.first.planned
    yield from (len(records), mean_error(one), error_spread(one), fmean(record.best_error for record in records))
    yield from (getattr(one, name) for name in BUILT_IN)
    yield median(record.seconds_an_epoch for record in records)
    yield median(record.images_per_second for record in records)


def epochs(findings: StudyData) -> NamedTable:
    """The course of every training, epoch by epoch."""
    labels = data_labels(findings.trainings)
    rows = [
        (
            *(labels[one.data], one.name, one.recipe, record.seed),
            *(entry.epoch, entry.learning_rate, entry.loss, entry.training_error),
            *(entry.validation_loss, entry.error, entry.seconds),
        )
        for one in findings.trainings
        for record in one.replicates
        for entry in record.epochs
    ]
    caption = (
        "Every epoch of every training. The learning rate is that of its first step; loss and training error are "
        "of the augmented training images while they were learned, validation loss and error of the validation "
        "set after it; seconds are those of its training steps."
    )
    columns = (
        *(DATA, "Architecture", "Recipe", SEED),
        *("Epoch", RATE, "Loss", "Training error, %"),
        *("Validation loss", "Error, %", "Seconds"),
    )
    return named_table(EPOCHS, caption, columns, rows)


def score_accuracy(findings: StudyData) -> NamedTable:
    """Rank correlations of scores and complexities with accuracy; empty where no three networks have both."""
    rows = [
        (
            *(one.group.label, one.group.recipe, one.group.epochs, one.source),
            one.what if one.of_predictor else measure_title(one.what),
            *(one.correlation.n, one.correlation.dropped, one.correlation.tau, one.correlation.p_value),
        )
        for one in score_comparisons(findings)
    ]
    caption = (
        "Kendall's rank correlation of scores with accuracy over trained networks. It is 1 if a higher score "
        "always means a lower error; complexities of the same networks are yardsticks. n networks have both, "
        "dropped ones are trained but have no score. p is the chance of a tau as far from 0 in a random order; "
        f"there is none for fewer than {TESTABLE} networks, which cannot tell. Networks that a refinement chose "
        "are no random sample."
    )
    columns = (
        *("Trained on", "Recipe", "Epochs", "Scored on", "Predictor or complexity"),
        *("n", "Dropped", "Kendall's tau", "p"),
    )
    return named_table(SCORES, caption, columns, rows)
