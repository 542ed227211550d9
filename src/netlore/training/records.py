"""What happened while a network was trained: plain values, kept epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NonNegativeInt, PlainSerializer, PositiveInt

RECORD = "record.json"
"""The record's name in a training's folder."""
Update = Callable[[int, int, str], None]
"""Shows how far a training is: images of all epochs that are learned, of how many, and a note on how it goes."""
Progress = Callable[[], AbstractContextManager[Update]]
"""Opens something that shows it, closed when the training ends; picklable, for another process may train."""

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


class TrainingRecord(BaseModel):
    """The course of one training.

    Attributes:
        seed: Decides initial weights, order of images and augmentation.
        images: Training images that one epoch sees.
        epochs: The finished epochs, in order.
        planned: Epochs that the recipe asks for.
    """

    model_config = ConfigDict(frozen=True)

    seed: Annotated[NonNegativeInt, Field(lt=2**63)]
    images: PositiveInt
    epochs: Annotated[tuple[EpochRecord, ...], Field(min_length=1)]
    planned: PositiveInt

    def document(self) -> dict[str, Any]:
        """Everything, as JSON-able values."""
        return self.model_dump(mode="json")

    @property
    def finished(self) -> bool:
        """Whether every epoch that was planned is done."""
        return len(self.epochs) >= self.planned

    @property
    def error(self) -> float:
        """Percent of the validation set that is misclassified after the last epoch."""
        return self.epochs[-1].error

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
