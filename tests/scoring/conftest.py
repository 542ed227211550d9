"""What tests of scoring share."""

from __future__ import annotations

import pytest

import netlore as nl


@pytest.fixture(scope="module")
def task() -> nl.Task:
    """Eight images of noise."""
    return nl.task("noise", batch_size=8)
