"""What happened while a network was trained: plain values, kept epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, PlainSerializer, PositiveInt

from netlore.training.evaluation import Evaluation

RECORD = "record.json"
"""The record's name in a training's folder."""
Update = Callable[[int, int, str], None]
"""Shows how far a training is: images of all epochs that are learned, of how many, and a note on how it goes.

A note that is a `Remark` is to be read: it has a line of its own.
"""
Progress = Callable[[], AbstractContextManager[Update]]
"""Opens something that shows it, closed when the training ends; picklable, for another process may train."""

MARGIN = 0.01
"""Share of the loss of chance by which a training loss must be lower before anything is learned."""

NOT_LEARNING = "the network does not learn"
"""How a remark begins that says why."""


class Remark(str):
    """A note on a training that is to be read, such as that the network does not learn."""

    __slots__ = ()


# JSON has no nan, which a validation loss may be: there it is null.
_Measured = Annotated[
    float,
    BeforeValidator(lambda value: math.nan if value is None else value),
    PlainSerializer(lambda value: value if math.isfinite(value) else None, when_used="json"),
]


class EpochRecord(BaseModel):
    """One epoch.

    Attributes:
        epoch: Its number: 1, 2, ...
        learning_rate: That of its first step.
        loss: Mean training loss over its steps, with the recipe's label smoothing.
        training_error: Percent of the augmented training images that were misclassified while they were learned.
        validation_loss: Mean cross-entropy on the validation set after the epoch, without smoothing.
        error: Percent of the validation set that is misclassified after the epoch.
        seconds: Wall time of its training steps, everything included.
        batch_seconds: How much of `seconds` went into picking, augmenting and normalising images.
        validation_seconds: Wall time of the validation after it.
        balanced_error: The mean over classes of the percentage of their validation images that is misclassified;
            classes without any are left out. None in records of earlier versions.
        predicted_classes: How many classes the network takes any validation image for; None likewise.
    """

    model_config = ConfigDict(frozen=True)

    epoch: PositiveInt
    learning_rate: _Measured
    loss: _Measured
    training_error: _Measured
    validation_loss: _Measured
    error: _Measured
    seconds: float
    batch_seconds: float
    validation_seconds: float
    balanced_error: float | None = None
    predicted_classes: PositiveInt | None = None


class TrainingRecord(BaseModel):
    """The course of one training.

    Attributes:
        seed: Decides initial weights, order of images and augmentation.
        images: Training images that one epoch sees.
        epochs: The finished epochs, in order.
        planned: Epochs that the recipe asks for.
        early_stopping: Epochs without a lower validation error after which the training ends; 0: it does not.
        majority_error: Percent of the validation set that is misclassified by always answering the class with most
            training images. None in records of earlier versions.
        chance_loss: The training loss of an answer that knows class frequencies alone; None likewise.
        evaluation: Confusion and mistakes of the kept network; None likewise, and for more than 1,000 classes.
        precision: The number format that it learned in, `float32` or `bf16`; empty likewise.
    """

    model_config = ConfigDict(frozen=True)

    seed: Annotated[NonNegativeInt, Field(lt=2**63)]
    images: PositiveInt
    epochs: Annotated[tuple[EpochRecord, ...], Field(min_length=1)]
    planned: PositiveInt
    early_stopping: NonNegativeInt = 0
    majority_error: float | None = None
    chance_loss: float | None = None
    evaluation: Evaluation | None = None
    precision: str = ""

    def document(self) -> dict[str, Any]:
        """Everything, as JSON-able values."""
        return self.model_dump(mode="json")

    @property
    def kept(self) -> EpochRecord:
        """The epoch whose weights are kept: the last, or where training may stop early the first of the best."""
        if not self.early_stopping:
            return self.epochs[-1]
        return min(self.epochs, key=lambda one: one.error)

    @property
    def stopped(self) -> bool:
        """Whether the validation error has not been lower for as long as the recipe waits."""
        return 0 < self.early_stopping <= len(self.epochs) - self.kept.epoch

    @property
    def finished(self) -> bool:
        """Whether every epoch that was planned is done, or the training has stopped early."""
        return len(self.epochs) >= self.planned or self.stopped

    @property
    def error(self) -> float:
        """Percent of the validation set that the kept network misclassifies."""
        return self.kept.error

    @property
    def balanced_error(self) -> float | None:
        """The mean over classes of the kept network's errors, percent; None in records of earlier versions."""
        return self.kept.balanced_error

    @property
    def not_learning(self) -> str | None:
        """Why the last epoch's network does not learn, in words; None if it does, or if that is not known.

        It does not if a loss is not finite, if it takes all validation images for one class though some are of
        others, or if the training loss is not below 99 % of `chance_loss` (which is 0 where there is one class).
        """
        last = self.epochs[-1]
        if not math.isfinite(last.loss + last.validation_loss):
            return f"the loss is not finite: {last.loss:.3g} in training, {last.validation_loss:.3g} in validation"
        if last.predicted_classes == 1 and last.error > 0:
            return f"it takes all validation images for one class, with an error of {last.error:.2f} %"
        if self.chance_loss and last.loss >= (1 - MARGIN) * self.chance_loss:
            return (
                f"the training loss, {last.loss:.3f}, is not {100 * MARGIN:g} % below {self.chance_loss:.3f}, "
                "which is had by class frequencies alone"
            )
        return None

    @property
    def best_error(self) -> float:
        """The lowest validation error after any epoch, percent; chosen by the validation set, so it flatters."""
        return min(one.error for one in self.epochs)

    @property
    def seconds(self) -> float:
        """Wall time of all epochs, validation included."""
        return sum(one.seconds + one.validation_seconds for one in self.epochs)

    @property
    def seconds_an_epoch(self) -> float:
        """Median wall time of an epoch's training steps."""
        return median(one.seconds for one in self.epochs)

    @property
    def images_per_second(self) -> float:
        """Training throughput in the median epoch."""
        return self.images / self.seconds_an_epoch
