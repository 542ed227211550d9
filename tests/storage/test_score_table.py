from __future__ import annotations

import math

import pytest

from netlore.errors import NetloreError
from netlore.space.complexity import complexity
from netlore.space.named import named
from netlore.storage.score_table import Score, ScoreRow, ScoreTable

DEEP, SHALLOW = named("paper/cifar10/synflow"), named("paper/cifar10/jacov")
FAILED = Score(None, "nonfinite", "the formula gave inf", 0.5)
ROWS = [
    ScoreRow(DEEP, 7, 0, "snip", Score(2.5, seconds=0.1)),
    ScoreRow(DEEP, 7, 0, "grasp", FAILED),
    ScoreRow(SHALLOW, 7, 0, "snip", Score(1.5)),
    ScoreRow(SHALLOW, 7, 0, "grasp", Score(-4.0)),
    ScoreRow(DEEP, 7, 1, "snip", Score(3.5)),
]
TABLE = ScoreTable(ROWS, num_classes=10)


def test_a_score_is_a_number_or_says_why_not():
    assert float(Score(2.5)) == 2.5 and Score(2.5).status == "ok"
    with pytest.raises(NetloreError) as caught:
        float(FAILED)
    assert str(caught.value) == (
        "the network has no score (nonfinite: the formula gave inf); look at `status` first."
    )


def test_the_frame_has_a_row_per_network_and_predictor_in_order():
    frame = TABLE.frame
    assert list(frame.columns) == [
        "architecture",
        "seed",
        "draw",
        "predictor",
        "score",
        "status",
        "reason",
        "seconds",
        "origin",
    ]
    assert frame["architecture"].tolist() == [row.architecture.id for row in ROWS]
    assert frame["draw"].tolist() == [0, 0, 0, 0, 1] and set(frame["seed"]) == {7}
    assert frame["predictor"].tolist() == ["snip", "grasp", "snip", "grasp", "snip"]
    assert frame["score"].fillna(99.0).tolist() == [2.5, 99.0, 1.5, -4.0, 3.5]
    assert frame["status"].tolist() == ["ok", "nonfinite", "ok", "ok", "ok"]
    assert frame["reason"][1] == "the formula gave inf" and frame["seconds"][0] == 0.1
    assert [str(frame[name].dtype) for name in ("seed", "draw", "score", "seconds")] == ["int64"] * 2 + [
        "float64"
    ] * 2


def test_wide_has_a_row_per_network_and_a_column_per_predictor():
    wide = TABLE.wide
    letters = [f"{letter}{i}" for letter in "dwgb" for i in (1, 2, 3)]
    assert list(wide.columns) == [
        *("architecture", "seed", "draw"),
        *letters,
        *("flops", "params", "activations"),
        *("snip", "grasp"),
    ]
    assert wide["architecture"].tolist() == [DEEP.id, SHALLOW.id, DEEP.id] and wide["draw"].tolist() == [0, 0, 1]
    assert wide.loc[1, letters].tolist() == [SHALLOW.values[name] for name in letters]
    assert wide["flops"].tolist() == [complexity(a, 10).flops for a in (DEEP, SHALLOW, DEEP)]
    assert wide["snip"].tolist() == [2.5, 1.5, 3.5]
    # Failed, there, and never asked for.
    assert [math.isnan(value) for value in wide["grasp"]] == [True, False, True]


def test_wide_counts_complexities_for_the_images_and_classes_of_the_table():
    wide = ScoreTable(ROWS, num_classes=100, resolution=8, channels=1).wide
    expected = complexity(SHALLOW, 100, 8, 1)
    assert tuple(wide.loc[1, ["flops", "params", "activations"]]) == tuple(expected.as_dict().values())


def test_wide_keeps_the_order_of_columns_when_families_mix():
    mixed = [ScoreRow(named("baseline/resnet-20"), 0, 0, "snip", Score(1.0)), ROWS[0]]
    columns = list(ScoreTable(mixed, 10).wide.columns)
    assert columns[-4:] == ["flops", "params", "activations", "snip"] and columns[3] == "d1"


def test_an_empty_table_has_its_columns():
    empty = ScoreTable([], 10)
    assert empty.frame.empty and list(empty.frame.columns)[:3] == ["architecture", "seed", "draw"]
    assert empty.wide.empty and list(empty.wide.columns) == [
        *("architecture", "seed", "draw"),
        *("flops", "params", "activations"),
    ]


def test_failures_are_the_rows_without_a_value():
    assert TABLE.failures == [ROWS[1]]
