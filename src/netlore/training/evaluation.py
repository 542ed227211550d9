"""What a trained network makes of the validation images: counts by class, and the worst mistakes."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, field_validator

MOST_CLASSES = 1_000
"""Classes up to which confusion is counted: a record of ten times as many would be larger than what is read."""
MISTAKES = 3
"""Misclassified images of a class that are remembered."""

Labels = NDArray[np.int64]
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class Mistake(BaseModel):
    """A misclassified validation image.

    Attributes:
        image: Its place among the validation images, from 0.
        label: Its class.
        predicted: The class that the network takes it for.
        confidence: The probability that the network gives to that class.
    """

    model_config = ConfigDict(frozen=True)

    image: NonNegativeInt
    label: NonNegativeInt
    predicted: NonNegativeInt
    confidence: Annotated[float, Field(ge=0, le=1)]


class Evaluation(BaseModel):
    """How a network classifies the validation images.

    Attributes:
        confusion: Shape (k, k): in row i and column j how many images of class i were taken for class j.
        mistakes: Of every class up to three misclassified images, the most confident mistakes first.
    """

    model_config = ConfigDict(frozen=True)

    confusion: Annotated[tuple[tuple[_Count, ...], ...], Field(min_length=1, max_length=MOST_CLASSES)]
    mistakes: tuple[Mistake, ...] = ()

    @field_validator("confusion")
    @classmethod
    def _square(cls, value: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
        if any(len(row) != len(value) for row in value):
            raise ValueError("a confusion matrix must have as many columns as rows")
        return value

    @property
    def class_errors(self) -> tuple[float | None, ...]:
        """Percent of the images of each class that are misclassified; None for a class without images."""
        return tuple(
            100 * (1 - row[place] / sum(row)) if any(row) else None for place, row in enumerate(self.confusion)
        )


def evaluation(
    labels: Labels, predicted: Labels, confidence: NDArray[np.float64], num_classes: int
) -> Evaluation | None:
    """Count, and find the mistakes; labels, predictions and confidences of n images have shape (n,).

    None for more classes than `MOST_CLASSES`.
    """
    if num_classes > MOST_CLASSES:
        return None
    counts = np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    wrong = np.flatnonzero(labels != predicted)
    wrong = wrong[np.argsort(-confidence[wrong], kind="stable")]
    mistakes = [
        Mistake(image=image, label=one, predicted=predicted[image], confidence=confidence[image])
        for one in range(num_classes)
        for image in wrong[labels[wrong] == one][:MISTAKES].tolist()
    ]
    confusion = tuple(tuple(row) for row in counts.reshape(num_classes, num_classes).tolist())
    return Evaluation(confusion=confusion, mistakes=tuple(mistakes))


def balanced_error(labels: Labels, predicted: Labels) -> float:
    """The mean over classes of the percentage of their images that is misclassified; empty classes do not count.

    >>> balanced_error(np.array([0, 0, 0, 0, 2]), np.array([0, 0, 0, 1, 2]))  # a quarter of class 0, none of 2
    12.5
    """
    wrong, images = np.bincount(labels[labels != predicted], minlength=labels.max() + 1), np.bincount(labels)
    return 100 * float(np.mean(wrong[images > 0] / images[images > 0]))


def majority_error(training: Labels, validation: Labels) -> float:
    """Percent of the validation images that is misclassified by always answering the most frequent class.

    It is that with most training images; of several such classes the first.

    >>> majority_error(np.array([0, 1, 1]), np.array([0, 1, 2, 2]))
    75.0
    """
    return 100 * float(np.mean(validation != np.bincount(training).argmax()))
