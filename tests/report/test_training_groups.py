"""Only what is alike is compared, and only finished seeds count where there are any."""

from __future__ import annotations

import pytest

from netlore.report.training_groups import counted, data_labels, error_spread, mean_error, training_groups
from tests.report.tabled import four_trained, record, trained


def test_groups_share_images_recipe_and_epochs() -> None:
    runs = [
        trained("a", record([5.0])),
        trained("b", record([5.0]), recipe="paper"),
        trained("c", record([5.0]), data="digits"),
        trained("d", record([5.0], planned=2)),
        trained("e", record([5.0]), validation_images=7),
        trained("f", record([5.0]), training_images=7),
        trained("g", record([4.0])),
    ]
    found = [[one.name for one in group.trainings] for group in training_groups(runs)]
    assert found == [["a", "g"], ["b"], ["c"], ["d"], ["e"], ["f"]]


def test_seeds_that_are_not_finished_count_only_while_none_is() -> None:
    a, b, c, d = four_trained()
    assert [len(counted(one)) for one in (a, b, c, d)] == [1, 2, 1, 1]
    assert [mean_error(one) for one in (a, b, c, d)] == [20.0, 12.5, 10.0, 12.0]
    assert [error_spread(one) for one in (a, b, c, d)] == [None, pytest.approx(0.5**0.5), None, None]
    (group,) = training_groups((a, b, c, d))
    assert [one.name for one in group.finished] == ["a", "b", "c"]
    assert group.seeds == (0, 1)


def test_data_sets_are_called_by_short_names_unless_these_are_alike() -> None:
    one, other, third = (trained("a", record([5.0]), data=data) for data in ("x/d.parquet", "y/d.parquet", "e"))
    assert data_labels([one, third]) == {"x/d.parquet": "d", "e": "e"}
    assert data_labels([one, other]) == {"x/d.parquet": "x/d.parquet", "y/d.parquet": "y/d.parquet"}
