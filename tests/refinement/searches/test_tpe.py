"""Optuna's TPE on stored scores, with and without Optuna."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from netlore.errors import InvalidInput
from netlore.refinement.searches import tpe
from netlore.refinement.searches.compare import compare_searches
from netlore.refinement.searches.known_space import known_space
from netlore.validation.accuracies import sampled
from tests.refinement.searches.cases import BENCHMARK, cells, known, scores


def test_without_optuna_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InvalidInput, match=r"install netlore\[optuna\], or leave it out by --no-tpe"):
        compare_searches(known(), 8, 1, 20)


def test_trials_repeat_end_in_time_and_find_high_scores() -> None:
    pytest.importorskip("optuna")
    space = known()
    first = tpe.tpe(space, 0, 40)
    assert np.array_equal(first, tpe.tpe(space, 0, 40)) and len(first) == 40
    assert not np.array_equal(first, tpe.tpe(space, 1, 40))
    found = space.scores[first]
    assert np.nanmean(found[20:]) > np.nanmean(found[:10])
    assert np.isnan(found).any()  # failures are trials, too


def test_what_is_no_network_costs_nothing_and_all_networks_are_enough() -> None:
    pytest.importorskip("optuna")
    few = sampled(replace(BENCHMARK, table=lambda: BENCHMARK.table()[40:46]), "noise")
    space = known_space(few, dict(zip(cells(), scores(), strict=True)), "x", "")
    looked_at = tpe.tpe(space, 0, 500)
    assert set(looked_at.tolist()) <= set(range(6)) and 6 <= len(looked_at) <= tpe.TRIALS
