"""Names, tables and sentences: what is printed for known intervals."""

from __future__ import annotations

from netlore.report.data import RefinementData
from netlore.report.names import classes_of
from netlore.report.text.phrases import preferences


def test_classes_keep_the_order_of_the_design_space(synflow: RefinementData) -> None:
    classes = classes_of(synflow.grids)
    assert [group.slug for group in classes] == ["depths", "widths", "group-widths", "bottleneck-ratios"]
    assert classes[2].names == ("g1", "g2", "g3")


def test_unknown_classes_get_file_names_that_are_safe_and_distinct() -> None:
    classes = classes_of(["../x", "d1", "depths1", "K1", "k1", "∂1"])
    slugs = [group.slug for group in classes]
    assert slugs == ["x", "depths", "depths-2", "k", "k-2", "1"]


def test_preferences_in_words(synflow: RefinementData, jacov: RefinementData) -> None:
    words = {entry.what: entry.text for entry in preferences(synflow.first.principles, synflow.grids)}
    assert words["Depths"] == "15 blocks in stage 1, 16 in stage 2 and 16 in stage 3"
    assert words["Bottleneck ratios"] == "1 in every stage"
    words = {entry.what: entry.text for entry in preferences(jacov.first.principles, jacov.grids)}
    assert words["Depths"] == "2 to 3 blocks in stage 1, 2 to 3 in stage 2 and 1 in stage 3"
    assert words["Bottleneck ratios"] == "anything from 1 to 4 in every stage"


def test_part_of_a_class_is_never_called_every_stage(synflow: RefinementData) -> None:
    part = {"b1": (1, 1), "b2": (1, 1)}
    assert preferences(part, synflow.grids)[0].text == "1 in stage 1 and 1 in stage 2"


def test_unknown_hyperparameters_keep_their_names() -> None:
    assert preferences({"k1": (3, 5), "k2": (3, 3)}, {"k1": (1, 3, 5), "k2": (1, 3)})[0].text == (
        "k1 = 3 to 5 and k2 = 3"
    )
