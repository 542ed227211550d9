"""Names and words of hyperparameters."""

from __future__ import annotations

from netlore.report.data import RefinementData
from netlore.report.names import classes_of, vocabulary
from netlore.report.text.phrases import value_words
from tests.report.conftest import BEST

WORDS = vocabulary("anynet")


def test_classes_keep_the_order_of_the_design_space(synflow: RefinementData) -> None:
    classes = classes_of(synflow.grids, WORDS)
    assert [group.slug for group in classes] == ["depths", "widths", "group-widths", "bottleneck-ratios"]
    assert classes[2].names == ("g1", "g2", "g3")


def test_unknown_classes_get_file_names_that_are_safe_and_distinct() -> None:
    classes = classes_of(["../x", "d1", "depths1", "K1", "k1", "∂1"], WORDS)
    slugs = [group.slug for group in classes]
    assert slugs == ["x", "depths", "depths-2", "k", "k-2", "1"]


def test_an_architecture_in_words() -> None:
    words = value_words(BEST.values, WORDS)
    assert list(words) == ["Depths", "Widths", "Group widths", "Bottleneck ratios"]
    assert words["Depths"] == "15 blocks in stage 1, 16 in stage 2 and 16 in stage 3"
    assert words["Bottleneck ratios"] == "1 in every stage"
    assert value_words({"d1": 1, "d2": 1, "w1": 8}, WORDS) == {
        "Depths": "1 block in every stage",
        "Widths": "8 in stage 1",
    }


def test_unknown_hyperparameters_keep_their_names() -> None:
    assert value_words({"k1": 5, "k2": 5}, WORDS) == {"k": "k1 = 5 and k2 = 5"}
