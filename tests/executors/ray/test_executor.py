"""On a cluster of two nodes, what one machine gives: results, errors, and what is left of what is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import netlore as nl
from netlore.executors import Lost, RayExecutor
from netlore.testing import check_executor
from tests.executors import jobs

pytest.importorskip("ray")

SPACE = nl.anynet(num_classes=10, flops=(1e6, 5e6))


@pytest.fixture(scope="module")
def running(two_nodes: Any) -> Iterator[RayExecutor]:
    with closing(RayExecutor(address=two_nodes.address)) as executor:
        yield executor


def test_it_keeps_the_rules_of_executors(two_nodes: Any) -> None:
    check_executor(lambda: RayExecutor(address=two_nodes.address))


def test_a_job_that_dies_is_tried_once_more_and_then_lost(running: RayExecutor) -> None:
    found = dict(running.run(jobs.dying, range(8)))
    lost = found.pop(5)
    assert found == {job: job for job in (0, 1, 2, 3, 4, 6, 7)}
    assert isinstance(lost, Lost) and lost.kind == "died" and "exit code 1" in lost.reason


def test_jobs_are_taken_as_there_is_room_for_them(running: RayExecutor) -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            taken.append(len(taken))
            yield taken[-1]

    with closing(running.run(jobs.squaring, endless())) as left:
        for _ in range(20):
            job, result = next(left)
            assert result == job * job
    assert len(taken) <= 20 + 2 * 4


def test_each_node_has_a_worker(running: RayExecutor, tmp_path: Path) -> None:
    assert len({process for _, process in running.run(jobs.Noting(tmp_path), [0.2] * 8)}) == 2


def test_scores_are_those_of_this_process(running: RayExecutor) -> None:
    networks, task = nl.sample(SPACE, 6, seed=0), nl.task("noise", batch_size=8)
    here, there = (nl.score(networks, ("synflow", "snip"), task, workers=one) for one in (1, running))
    columns = ["architecture", "draw", "predictor", "score", "status"]
    assert here.frame[columns].equals(there.frame[columns])


def test_a_node_that_is_killed_in_the_middle_of_a_refinement_changes_nothing(
    two_nodes: Any, running: RayExecutor
) -> None:
    task = nl.task("noise", batch_size=8)
    asked = {"networks": 20, "seed": 0, "round_limit": 2}
    undisturbed = nl.refine(SPACE, "synflow", task, **asked)
    killed = []

    def kill(number: int, done: int, total: int) -> None:
        if done == total // 2 and not killed:
            killed.extend(two_nodes.worker_nodes)
            two_nodes.remove_node(killed[0], allow_graceful=False)

    # By the workers that are there: they have all CPUs, and others would wait for them.
    found = nl.refine(SPACE, "synflow", task, workers=running, progress=kill, **asked)
    assert len(killed) == 1
    assert found.principles == undisturbed.principles
    assert [one.table.frame["score"].tolist() for one in found.rounds] == [
        one.table.frame["score"].tolist() for one in undisturbed.rounds
    ]
