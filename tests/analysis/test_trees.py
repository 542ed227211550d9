"""Trees on data whose rule is known, and against what a tree is: a partition of the networks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from netlore.analysis.trees import Node, Tree, decision_tree
from netlore.errors import InvalidInput

RNG = np.random.default_rng(0)
COLUMNS = {
    "d1": RNG.integers(1, 17, 1000),
    "d3": RNG.integers(1, 17, 1000),
    "w1": 8 * RNG.integers(1, 33, 1000),
}
NOISE = RNG.normal(size=1000)


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in (node.below, node.above):
        if child is not None:
            yield from nodes(child)


def leaf(share: float, *shares: float) -> Node:
    return Node(share, (shares[0], shares[1], shares[2]))


def test_the_true_split_is_found() -> None:
    # 30 networks of each of ten depths: the lowest three are low, the next four medium, the highest three high.
    d3 = np.repeat(np.arange(1, 11), 30)
    columns = {"d1": RNG.permutation(d3), "d3": d3, "w1": RNG.permutation(d3)}
    found = decision_tree(columns, d3**2.0)
    assert found.quantiles == (9.0, 49.0)
    assert (found.accuracy, found.spread, found.baseline, found.n) == (1.0, 0.0, 0.4, 300)
    assert found.root.split in {("d3", 8), ("d3", 4)}
    assert found.root.shares == (0.3, 0.4, 0.3)
    assert [(rule.text, rule.level, rule.purity) for rule in found.rules] == [
        ("d3 >= 8", "high", 1.0),
        ("4 <= d3 < 8", "medium", 1.0),
        ("d3 < 4", "low", 1.0),
    ]
    assert [rule.share for rule in found.rules] == pytest.approx([0.3, 0.4, 0.3])


def test_split_values_are_values_of_the_column() -> None:
    w1 = np.repeat([8, 16, 64], 20)
    root = decision_tree({"w1": w1}, (w1 > 16).astype(float), quantiles=(0.3, 0.6)).root
    assert root.split == ("w1", 64)  # not 40, halfway


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_a_tree_parts_the_networks(depth) -> None:
    scores = COLUMNS["d3"] + 0.1 * COLUMNS["w1"] + NOISE
    found = decision_tree(COLUMNS, scores, depth=depth)
    low, high = found.quantiles
    levels = np.where(scores <= low, 0, np.where(scores > high, 2, 1))

    def check(node: Node, here: np.ndarray, left: int) -> None:
        assert node.share == pytest.approx(here.mean())
        assert node.shares == pytest.approx([(levels[here] == level).mean() for level in range(3)])
        assert here.sum() >= 20  # 2 %
        assert left >= 0
        if node.split is None:
            assert node.below is node.above is None
            return
        name, value = node.split
        assert value in COLUMNS[name]
        assert node.below.split or node.above.split or node.below.level != node.above.level
        check(node.below, here & (COLUMNS[name] < value), left - 1)
        check(node.above, here & (COLUMNS[name] >= value), left - 1)

    check(found.root, np.ones(1000, dtype=bool), depth)
    assert sum(node.share for node in nodes(found.root) if node.split is None) == pytest.approx(1)


def test_rules_say_what_their_leaves_hold() -> None:
    scores = COLUMNS["d3"] + 0.1 * COLUMNS["w1"] + NOISE
    found = decision_tree(COLUMNS, scores, depth=4)
    levels = np.where(scores <= found.quantiles[0], "low", np.where(scores > found.quantiles[1], "high", "medium"))
    covered = np.zeros(1000)
    for rule in found.rules:
        # Python reads the text of a rule as it is meant, one network at a time.
        holds = [eval(rule.text, {name: column[i] for name, column in COLUMNS.items()}) for i in range(1000)]
        covered += holds
        assert rule.share == pytest.approx(np.mean(holds))
        assert rule.purity == pytest.approx((levels[np.array(holds)] == rule.level).mean())
    assert (covered == 1).all()


def test_bounds_on_one_name_are_combined_and_rules_ordered() -> None:
    split_again = Node(0.5, (0.2, 0.3, 0.5), ("w1", 2), leaf(0.1, 0, 0, 1.0), leaf(0.4, 0.2, 0.5, 0.3))
    below = Node(0.7, (0.3, 0.3, 0.4), ("d3", 6), leaf(0.2, 0.6, 0.4, 0), split_again)
    root = Node(1.0, (0.3, 0.4, 0.3), ("w1", 32), below, leaf(0.3, 0, 0.1, 0.9))
    rules = Tree(root, (0.0, 1.0), 0.9, 0.01, 0.4, 100).rules
    assert [(rule.text, rule.level, rule.share, rule.purity) for rule in rules] == [
        ("w1 >= 32", "high", 0.3, 0.9),
        ("w1 < 2 and d3 >= 6", "high", 0.1, 1.0),
        ("2 <= w1 < 32 and d3 >= 6", "medium", 0.4, 0.5),
        ("w1 < 32 and d3 < 6", "low", 0.2, 0.6),
    ]


def test_splits_that_decide_nothing_are_merged() -> None:
    # d1 shifts the odds of being low from 0.6 to 0.7, never the most frequent level.
    d1 = np.tile([1, 2], 500)
    scores = np.where(np.arange(1000) % 10 < 7, 0.0, 1.0) + (np.arange(1000) % 20 == 0)
    found = decision_tree({"d1": d1}, scores, quantiles=(0.5, 0.8))
    assert found.root.split is None
    assert [(rule.text, rule.level, rule.share, rule.purity) for rule in found.rules] == [
        ("all networks", "low", 1.0, pytest.approx((scores == 0).mean()))
    ]
    assert found.accuracy == pytest.approx(found.baseline)


def test_equal_scores_have_the_same_level() -> None:
    # The 30 % quantile of fifty zeros and fifty distinct scores is 0, so all zeros are low.
    scores = np.concatenate([np.zeros(50), np.arange(1.0, 51.0)])
    found = decision_tree({"d1": np.arange(100)}, scores)
    assert found.quantiles == (0.0, 20.0)
    assert found.root.shares == (0.5, 0.2, 0.3)


def test_all_scores_equal_is_one_level() -> None:
    found = decision_tree({"d1": np.arange(30)}, np.ones(30))
    assert (found.root, found.accuracy, found.baseline) == (leaf(1.0, 1.0, 0, 0), 1.0, 1.0)


def test_a_level_with_fewer_networks_than_folds_makes_no_noise(recwarn) -> None:
    scores = np.concatenate([np.zeros(57), np.arange(1.0, 4.0)])
    assert decision_tree({"d1": np.arange(60)}, scores).root.shares == pytest.approx((57 / 60, 0, 3 / 60))
    assert not recwarn.list


def test_quantiles_are_counted_exactly() -> None:
    # 0.07 * 100 is 7.000000000000001 in floating point, yet seven of a hundred are low.
    found = decision_tree({"d1": np.arange(100)}, np.arange(100.0), quantiles=(0.07, 0.93))
    assert found.root.shares == (0.07, 0.86, 0.07)


def test_noise_is_not_predicted_and_accuracy_is_held_out() -> None:
    found = decision_tree(COLUMNS, NOISE, depth=6)
    assert found.accuracy < found.baseline + 3 * found.spread
    assert abs(found.baseline - 0.4) < 1e-9


def test_order_decides_and_seeds_repeat() -> None:
    scores = COLUMNS["d3"] + 3 * NOISE
    found = decision_tree(COLUMNS, scores)
    assert found == decision_tree(COLUMNS, scores)
    assert found.root == decision_tree(COLUMNS, np.exp(scores)).root
    other = decision_tree(COLUMNS, scores, seed=1)
    assert (other.root, other.quantiles) == (found.root, found.quantiles)
    assert other.accuracy != found.accuracy


def test_networks_without_a_score_are_left_out() -> None:
    scores = np.where(np.arange(1000) < 100, np.nan, COLUMNS["d3"] + NOISE)
    kept = decision_tree({name: column[100:] for name, column in COLUMNS.items()}, scores[100:])
    assert kept.n == 900
    assert decision_tree(COLUMNS, scores) == kept


@pytest.mark.parametrize(
    ("n", "options", "message"),
    [
        (24, {}, "give 25 or more"),
        (14, {"folds": 3}, "give 15 or more"),
        (30, {"depth": 0}, "depth = 0"),
        (30, {"folds": 1}, "folds = 1"),
        (30, {"quantiles": (0.7, 0.3)}, "do not ascend"),
    ],
)
def test_what_makes_no_tree_is_refused(n, options, message) -> None:
    with pytest.raises(InvalidInput, match=message):
        decision_tree({"d1": np.arange(n)}, np.arange(float(n)), **options)
