"""How long an epoch takes is told by a few steps of it."""

from __future__ import annotations

import pytest
import torch

from netlore.data import split
from netlore.training import estimate as forecasting
from netlore.training.estimate import seconds_a_step, seconds_a_validation_step, seconds_an_epoch
from tests.training.small import small_architecture, small_recipe


def test_an_epoch_is_all_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "seconds_a_step", lambda *given: 2.0)
    monkeypatch.setattr(forecasting, "seconds_a_validation_step", lambda *given: 5.0)
    # 1,438 digits to learn from are 89 batches of 16; 359 to judge by are looked at in 2 of 250.
    found = seconds_an_epoch(small_architecture(), split("digits"), small_recipe(batch_size=16))
    assert found == 89 * 2.0 + 2 * 5.0


@pytest.mark.parametrize(
    "changes", [{}, {"channels_last": True, "precision": "bf16"}, {"mirror": False, "padding": 0}]
)
def test_steps_are_measured_without_a_trace(changes: dict[str, object]) -> None:
    data, recipe, before = split("digits"), small_recipe(**changes), torch.get_rng_state()
    assert 0 < seconds_a_step(small_architecture(), data, recipe) < 60
    assert 0 < seconds_a_validation_step(small_architecture(), data, recipe) < 60
    assert torch.equal(torch.get_rng_state(), before)
