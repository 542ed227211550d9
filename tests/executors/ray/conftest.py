"""A Ray cluster of two nodes, for tests of what runs on it; they are skipped where Ray is missing."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

# Read when Ray is first imported. A node may take long to come up where there is much else to do.
os.environ.setdefault("RAY_raylet_start_wait_time_s", "240")
os.environ.setdefault("RAY_agent_register_timeout_ms", "240000")
for name in ("RAY_USAGE_STATS_ENABLED", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "RAY_worker_niceness"):
    os.environ.setdefault(name, "0")

QUICK = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 2_000,
    "health_check_failure_threshold": 3,
}
"""So that a node that was killed is missed within seconds."""


@pytest.fixture(scope="session")
def two_nodes() -> Iterator[Any]:
    """A cluster whose nodes have a CPU each; the second is marked by a resource of its own."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={**node(), "_system_config": QUICK})
    made.add_node(**node())
    yield made
    made.shutdown()


def node() -> dict[str, Any]:
    """A node with a CPU. Its ports are given, since it waits for those that its helpers choose for 15 s alone."""
    names = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
    with ExitStack() as opened:
        taken = [opened.enter_context(socket.socket()) for _ in names]
        for one in taken:
            one.bind(("", 0))
        ports = {name: one.getsockname()[1] for name, one in zip(names, taken, strict=True)}
    return {"num_cpus": 1, "object_store_memory": 100_000_000, "include_dashboard": False, **ports}
