"""Tables of devices are in use for a process; a test begins and ends without one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netlore.space.device_table import IN_USE, forget


@pytest.fixture(autouse=True)
def no_table_in_use() -> Iterator[None]:
    """Whatever was in use before is not, and nothing is afterwards."""
    _forget_all()
    yield
    _forget_all()


def _forget_all() -> None:
    for name in [*IN_USE]:
        forget(name)
