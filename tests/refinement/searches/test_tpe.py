"""Optuna's samplers on landscapes, with and without Optuna."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.refinement.searches import tpe
from netlore.refinement.searches.compare import compare_searches
from netlore.refinement.searches.formulas import NOISE, formula
from netlore.refinement.searches.known_space import known_space
from netlore.refinement.searches.landscape import Landscape
from netlore.refinement.searches.ledger import Ledger, SpentError
from netlore.refinement.searches.searchers import searched, searcher
from netlore.space.sampling import everything
from netlore.validation.accuracies import sampled
from tests.refinement.searches.cases import BENCHMARK, cells, known, scores

KEPT = {"d1": (1, 16), "d2": (2, 2), "d3": (3, 3)}
KEPT |= {f"{letter}{i}": (8 - 7 * (letter == "b"),) * 2 for letter in "wgb" for i in (1, 2, 3)}


def paid(search: object, landscape: Landscape, seed: int, most: int) -> Ledger:
    ledger = Ledger(landscape, seed, most)
    with suppress(SpentError):
        search(ledger)  # type: ignore[operator]
    return ledger


def test_without_optuna_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert not tpe.is_installed()
    with pytest.raises(InvalidInput, match=r"install netlore\[optuna\], or leave it out by --no-tpe"):
        compare_searches(known(), 8, 1, 20)
    with pytest.raises(InvalidInput, match=r"install netlore\[optuna\]"):
        searched(searcher("gp"), known().landscape, 0, 20, [20])


def test_trials_repeat_end_in_time_and_find_high_scores() -> None:
    pytest.importorskip("optuna")
    space = known().landscape
    first, again, other = (paid(tpe.tpe, space, seed, 20) for seed in (0, 0, 1))
    assert first.architectures == again.architectures != other.architectures
    assert len(set(first.architectures)) == len(first.scores) == 20 < first.asked
    assert np.nanmean(first.scores[12:]) > np.nanmean(first.scores[:8])
    assert np.isnan(first.scores).any()  # failures are trials, too


def test_what_is_no_network_costs_nothing_and_all_networks_are_enough() -> None:
    pytest.importorskip("optuna")
    few = sampled(replace(BENCHMARK, table=lambda: BENCHMARK.table()[40:46]), "noise")
    space = known_space(few, dict(zip(cells(), scores(), strict=True)), "x", "").landscape
    ledger = paid(tpe.tpe, space, 0, 500)
    assert ledger.complete and len(ledger.scores) == 6


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize(("search", "most"), [(tpe.tpe, 12), (tpe.gaussian_process, 12)])
def test_the_budget_is_a_constraint_that_is_learned_and_never_left(search: object, most: int) -> None:
    pytest.importorskip("optuna")
    space = nl.anynet(flops=(5e6, 11.5e6)).restrict(KEPT)
    inside = space.architectures(everything(space))
    assert 4 < len(inside) < space.cardinality - 4
    whole = formula("closed_form", noise=NOISE)
    best = float(whole.heights(inside).max())
    landscape = Landscape("easy", "an easy one", space, whole.heights, best, 0.0, len(inside))
    ledger = paid(search, landscape, 0, most)
    assert all(map(space.contains, ledger.architectures))
    assert ledger.heights.max() == pytest.approx(best)


def test_violations_are_the_factors_by_which_limits_are_missed() -> None:
    space = nl.anynet(flops=(10e6, 50e6))
    one = nl.anynet_architecture((15, 16, 16), (8, 16, 64), (8, 16, 16), (1, 1, 1))
    flops = nl.complexity(one, num_classes=10, resolution=32).flops
    for limits in ((10e6, 50e6), (1e6, flops / 2), (3 * flops, 1e9)):
        grid, budget = tpe.violations(nl.anynet(flops=limits), one.values)
        expected = max(math.log(flops / limits[1]), math.log(limits[0] / flops))
        assert grid == 0 and budget == pytest.approx(max(-1, expected))
    assert tpe.violations(space, {**one.values, "g2": 32}) == (1, 1)  # 32 does not divide 16
    assert tpe.violations(nl.anynet(), one.values) == (0, -1)
