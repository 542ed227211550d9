"""Names of a category in the bootstrap, in trees, and in what is compared."""

from __future__ import annotations

import numpy as np
import pytest

from netlore.analysis.bootstrap import Shares, exact_bootstrap, monte_carlo_bootstrap, rank_probabilities
from netlore.analysis.importance import importance
from netlore.analysis.interval_overlap import agreement, interval_widths, overlap, repetition, stability
from netlore.analysis.trees import decision_tree

RNG = np.random.default_rng(0)
N = 400
OPS = np.asarray(["skip", "conv", "pool", "none"])[RNG.integers(4, size=N)]
DEPTH = RNG.integers(1, 9, size=N)
SCORES = 3.0 * (OPS == "conv") + 0.1 * DEPTH + 0.3 * RNG.normal(size=N)


def test_shares_are_the_weights_of_ranks():
    scores = np.array([3.0, 1.0, 2.0, 0.0])
    found = exact_bootstrap(scores, {"op": np.array(["a", "b", "a", "c"])}, draws=2)["op"]
    weights = rank_probabilities(4, 2)
    assert found.shares == pytest.approx({"a": weights[0] + weights[1], "b": weights[2], "c": weights[3]})
    assert sum(found.shares.values()) == pytest.approx(1)
    assert (found.kept, found.mode) == (("a", "b", "c"), "a")


def test_a_name_is_kept_from_two_and_a_half_percent_on_and_one_in_any_case():
    assert Shares({"a": 0.95, "b": 0.025, "c": 0.0249, "d": 0.0001}).kept == ("a", "b")
    many = Shares({str(i): 0.01 for i in range(100)})
    assert many.kept == tuple(map(str, range(100))), "of equal ones none goes before another"
    assert Shares({"a": 0.02, **{str(i): 0.0098 for i in range(100)}}).kept == ("a",)


def test_resampling_comes_to_the_same_shares():
    columns = {"op": OPS, "depth": DEPTH}
    exact, drawn = (f(SCORES, columns) for f in (exact_bootstrap, monte_carlo_bootstrap))
    for name, share in exact["op"].shares.items():
        assert drawn["op"].shares.get(name, 0.0) == pytest.approx(share, abs=0.02)
    assert exact["op"].kept == ("conv",) and exact["depth"] == drawn["depth"]


def test_a_tree_splits_off_a_name():
    found = decision_tree({"op": OPS, "depth": DEPTH}, SCORES)
    assert found.root.split == ("op", "conv")
    texts = [rule.text for rule in found.rules]
    assert any(text.startswith("op is conv") for text in texts)
    assert any("op is not conv" in text for text in texts)
    assert found.accuracy > found.baseline + 0.1


def test_a_category_has_one_importance():
    found = importance(
        {"op": OPS, "depth": DEPTH, "noise": np.asarray(["x", "y"])[RNG.integers(2, size=N)]}, SCORES
    )
    assert found.names == ("op", "depth", "noise")
    assert found.values[0] > 2 * found.values[1] > 0.2 and abs(found.values[2]) < 0.02


def test_sets_are_compared_as_intervals_are():
    grids = {"op": ("skip", "conv", "pool", "none"), "d": (1, 2, 3, 4)}
    one, other = {"op": ("skip", "conv"), "d": (1, 2)}, {"op": ("conv",), "d": (2, 4)}
    assert overlap(one, other, grids) == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert agreement({"a": one, "b": other}, grids).jaccard[0, 1] == overlap(one, other, grids)
    assert interval_widths(one, grids) == {"op": 0.5, "d": 0.5}
    assert repetition([("skip", "conv"), ("conv",), ("pool",)]).as_dict() == {
        "names": ["skip", "conv", "pool"],
        "agreement": 1 / 3,
    }
    found = [{"op": Shares({"skip": 0.6, "conv": 0.4})}, {"op": Shares({"conv": 0.99, "none": 0.01})}]
    stable = stability(found, {"op": grids["op"]})
    # The first holds the second's most probable name, not the other way round; one name of two in common.
    assert (stable.containment.tolist(), stable.jaccard.tolist()) == ([0.5], [0.5])
