"""A few measured steps say how long an epoch takes."""

from __future__ import annotations

import pytest
import torch

from netlore.data import split
from netlore.training import timing
from tests.training.small import small_architecture, small_recipe


def test_an_epoch_is_all_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "measured", lambda work, times, device: 2.0 if times == timing.STEPS else 5.0)
    # 1,438 digits to learn from are 89 batches of 16; 359 to judge by are looked at in 2 of 250.
    found = timing.seconds_an_epoch(small_architecture(), split("digits"), small_recipe(batch_size=16))
    assert found == 89 * 2.0 + 2 * 5.0


@pytest.mark.parametrize(
    "changes", [{}, {"channels_last": True, "precision": "bf16"}, {"mirror": False, "padding": 0}]
)
def test_steps_are_measured_without_a_trace(changes: dict[str, object]) -> None:
    data, recipe, before = split("digits"), small_recipe(**changes), torch.get_rng_state()
    assert 0 < timing.seconds_an_epoch(small_architecture(), data, recipe) < 600
    assert torch.equal(torch.get_rng_state(), before)
