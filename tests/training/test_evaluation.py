"""Confusion, balanced error and mistakes, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.metrics import confusion_matrix, recall_score

from netlore.training.evaluation import (
    MISTAKES,
    MOST_CLASSES,
    Evaluation,
    balanced_error,
    evaluation,
    majority_error,
)


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(st.integers(1, 60), st.integers(1, 6), st.integers(0, 10**6))
def test_it_is_what_scikit_learn_counts(count: int, num_classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, predicted = rng.integers(num_classes, size=(2, count))
    confidence = rng.random(count)
    found = evaluation(labels, predicted, confidence, num_classes)
    assert found is not None
    expected = confusion_matrix(labels, predicted, labels=range(num_classes))
    assert np.array_equal(found.confusion, expected)
    there = np.unique(labels)
    recalls = recall_score(labels, predicted, labels=there, average=None, zero_division=0)
    assert [found.class_errors[one] for one in there] == pytest.approx((100 * (1 - recalls)).tolist())
    assert all(found.class_errors[one] is None for one in set(range(num_classes)) - set(there.tolist()))
    assert balanced_error(labels, predicted) == pytest.approx(100 * (1 - recalls.mean()))
    assert Evaluation.model_validate_json(found.model_dump_json()) == found


def test_the_most_confident_mistakes_of_each_class_come_first() -> None:
    labels = np.asarray([0, 0, 0, 0, 0, 1, 1, 2])
    predicted = np.asarray([1, 2, 1, 1, 0, 0, 1, 2])
    confidence = np.asarray([0.6, 0.9, 0.7, 0.9, 0.99, 0.5, 0.8, 0.9])
    whole = evaluation(labels, predicted, confidence, 3)
    assert whole is not None
    found = whole.mistakes
    assert len([one for one in found if one.label == 0]) == MISTAKES == 3
    assert [(one.image, one.label, one.predicted, one.confidence) for one in found] == [
        *((1, 0, 2, 0.9), (3, 0, 1, 0.9), (2, 0, 1, 0.7)),
        (5, 1, 0, 0.5),
    ]


@pytest.mark.parametrize("confusion", [[], [[1, 2]], [[1], [2]], [[-1]], [[2**60]], [[0.5]], [["x"]], 3])
def test_what_is_no_matrix_of_counts_is_refused(confusion: object) -> None:
    with pytest.raises(ValidationError):
        Evaluation.model_validate({"confusion": confusion})


def test_of_very_many_classes_there_is_none() -> None:
    none = np.zeros(1, dtype=np.int64)
    assert evaluation(none, none, np.ones(1), MOST_CLASSES + 1) is None
    assert evaluation(none, none, np.ones(1), MOST_CLASSES) is not None


def test_the_majority_is_that_of_the_training_images() -> None:
    assert majority_error(np.asarray([2, 2, 1]), np.asarray([1, 1, 1, 2])) == 75
    assert majority_error(np.asarray([0, 1]), np.asarray([0])) == 0
