"""nl.validate: networks of a benchmark, scored and judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

import netlore as nl
from netlore.analysis.initialisation_noise import initialisation_noise
from netlore.errors import InvalidInput
from netlore.validation.accuracies import sampled
from netlore.validation.measures import costs_of
from netlore.validation.own_tables import read_accuracies
from netlore.validation.result import judged
from tests.validation.tables import NAME, TINY, accuracies, architectures, registered


def test_predictors_and_counts_are_judged_on_the_same_networks(tmp_path: Path) -> None:
    with registered():
        found = nl.validate(
            NAME, "noise", ("synflow", "logdet"), 12, 2, batch_size=4, store=tmp_path, resamples=40
        )
    frame, networks = found.frame.set_index("quantity"), found.networks
    assert list(frame.index) == ["synflow", "logdet", "flops", "params", "depth", "layers"]
    assert len(networks) == 12 and found.draws == 2
    known = {one.id: value for one, value in zip(architectures(), accuracies(), strict=True)}
    assert networks["accuracy"].tolist() == [known[name] for name in networks["architecture"]]
    for name in ("flops", "depth"):
        expected = kendalltau(networks[name], networks["accuracy"]).statistic
        assert frame.loc[name, "kendall"] == pytest.approx(expected)
    assert frame.loc["depth", "kendall"] > 0.6, "as the table was made"
    table = nl.score([one for one in found.accuracies.architectures for _ in range(2)], "synflow",
                     nl.task("noise", 4), store=None)  # fmt: skip
    means = table.frame.groupby("architecture", sort=False)["score"].mean()
    np.testing.assert_allclose(networks["synflow"], means[networks["architecture"]])
    assert 0 <= frame.loc["synflow", "initialisation_share"] <= 1 and "phone-latency" in networks


def test_counts_that_were_scored_are_judged_once() -> None:
    with registered():
        found = nl.validate(NAME, "noise", ("params", "synflow", "depth"), 12, batch_size=4, resamples=5)
        alone = nl.validate(NAME, "noise", "depth", 12, batch_size=4, resamples=5)
    assert [one.name for one in found.predictors] == ["synflow"]
    assert [one.name for one in found.counts] == ["flops", "params", "depth", "layers"]
    assert [one.name for one in alone.predictors] == ["depth"]
    assert [one.name for one in alone.counts] == ["flops", "params", "layers"]
    assert found.frame.set_index("quantity").loc["depth", "kendall"] == alone.frame["kendall"][0]


def test_costs_of_one_network_counted_by_hand() -> None:
    one = nl.anynet_architecture((1, 2, 1), (8, 8, 16), (8, 8, 8), (1, 1, 1))
    costs = costs_of([one], 10, 32, 3)
    expected = nl.complexity(one, num_classes=10, resolution=32)
    assert (costs["flops"][0], costs["params"][0]) == (expected.flops, expected.params)
    # Stem, three convolutions in each of four blocks, classifier; projections where width or stride changes: 3.
    assert costs["depth"].tolist() == [1 + 4 * 3 + 1] and costs["layers"].tolist() == [1 + 4 * 3 + 1 + 3]


def test_trainings_of_one_network_show_the_noise_of_accuracy(tmp_path: Path) -> None:
    seeds = [(one, i, seed) for i, one in enumerate(architectures()[:6]) for seed in (0, 1, 2)]
    rows = [(one.to_json(), 80.0 + 5 * i + seed) for one, i, seed in seeds]
    pd.DataFrame(rows, columns=["net", "acc"]).to_csv(tmp_path / "own.csv", index=False)
    table = nl.score(architectures()[:6], "synflow", nl.task("noise", 4))
    found = judged(read_accuracies(tmp_path / "own.csv", "net", "acc"), table, resamples=5)
    # Three trainings of each of six networks, no two networks near one another: ranks 1 to 18 in groups of three.
    assert found.training_noise == initialisation_noise(np.arange(18.0).reshape(6, 3))
    assert judged(sampled(TINY, "noise", networks=99), table, resamples=5).training_noise is None


def test_scores_and_accuracies_meet_on_their_networks() -> None:
    table = nl.score(architectures()[:4], "synflow", nl.task("noise", 4))
    found = judged(sampled(TINY, "noise", networks=99), table, resamples=5)
    assert {*found.networks["architecture"]} == {one.id for one in architectures()[:4]}
    others = nl.score(nl.sample(nl.anynet(flops=(1e6, 2e6)), 2, seed=9), "synflow", nl.task("noise", 4))
    with pytest.raises(InvalidInput, match="none of the 2 networks with scores is among the 24 of Tiny-Bench"):
        judged(sampled(TINY, "noise", networks=99), others)
