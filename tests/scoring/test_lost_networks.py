"""A network whose process ends, or that goes over a limit, has that as its status; the others are scored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import netlore as nl
from netlore.executors import InProcess, Lost
from netlore.storage.score_store import Store


class Losing(InProcess):
    """Loses the first network that it is asked for."""

    def __init__(self, kind: Any) -> None:
        self.lost = Lost(kind, "said so")

    def run(self, setup: Any, jobs: Any) -> Iterator[tuple[int, Any]]:
        for index, result in super().run(setup, jobs):
            yield index, self.lost if index == 0 else result


@pytest.mark.parametrize(
    ("kind", "status"), [("died", "error"), ("timeout", "timeout"), ("memory", "out_of_memory")]
)
def test_a_lost_network_has_a_status_and_a_reason_by_every_predictor(tmp_path, kind: str, status: str) -> None:
    task = nl.task("noise", batch_size=2)
    networks = nl.sample(nl.anynet(flops=(0, 3e6)), 3)
    table = nl.score(networks, ("synflow", "flops"), task, store=tmp_path, workers=Losing(kind))
    lost = [row for row in table.rows if row.score.status != "ok"]
    assert [(row.predictor, row.score.status, row.score.reason) for row in lost] == [
        ("synflow", status, "said so"),
        ("flops", status, "said so"),
    ]
    assert len({row.architecture.id for row in lost}) == 1
    with Store(tmp_path, None) as store:
        assert sorted(row.score.status for row in store.rows()) == sorted([status] * 2 + ["ok"] * 4)
    again = nl.score(networks, ("synflow", "flops"), task, store=tmp_path)
    assert again.frame.equals(table.frame), "what is in the store is not tried again"
