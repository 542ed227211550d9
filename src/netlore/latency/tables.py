"""Tables that predict latency: some networks are measured, and a sum over the steps of a plan is fitted to them.

Coefficients c >= 0 of classes and features of steps (`netlore.space.steps`) minimise the sum over networks of

    (sum over steps and features of c x feature / measured - 1)^2

by non-negative least squares (Lawson and Hanson 1974), so that relative errors count. What networks have in
common, such as a runtime's own time for a pass, goes to the steps that each has once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from netlore.analysis import Floats
from netlore.analysis.rank_agreement import spearman_samples
from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.latency.kept import Progress, machine, measured, silent
from netlore.latency.timing import Setting
from netlore.space.architecture import Architecture
from netlore.space.complexity import FLOPS
from netlore.space.design_space import DesignSpace
from netlore.space.device_table import DeviceTable
from netlore.space.distribution import check_whole
from netlore.space.family import plan_of
from netlore.space.plan import Plan
from netlore.space.sampling import sample
from netlore.space.steps import features

NETWORKS, HELD_OUT, ROUNDS = 100, 50, 24
_LEAST = 20
WITHIN = 0.2
"""The relative error up to which a prediction counts as right."""


@dataclass(frozen=True, eq=False)
class TableRun:
    """A table, and how well it predicts networks that it was not made of.

    Attributes:
        measured, predicted: Milliseconds of the networks that were held out, shape (n,).
        flops: Of the same networks.
    """

    table: DeviceTable
    measured: Floats
    predicted: Floats
    flops: Floats

    @property
    def errors(self) -> Floats:
        """|predicted / measured - 1|, shape (n,)."""
        found: Floats = np.abs(self.predicted / self.measured - 1)
        return found

    @property
    def right(self) -> int:
        """Predictions within 20 % of what was measured."""
        return int((self.errors <= WITHIN).sum())

    @property
    def rank_correlation(self) -> float:
        """Spearman's rho of predicted and measured."""
        return _rho(self.predicted, self.measured)

    @property
    def rank_correlation_of_flops(self) -> float:
        """Spearman's rho of FLOPs and measured."""
        return _rho(self.flops, self.measured)


@validated
def latency_table(
    space: DesignSpace,
    runtime: str = "onnxruntime",
    threads: int = 1,
    batch: int = 1,
    networks: int = NETWORKS,
    held_out: int = HELD_OUT,
    rounds: int = ROUNDS,
    seed: int = 0,
    cache: Path | None = None,
    progress: Progress = silent,
) -> TableRun:
    """Make a table of this machine for the networks of a space, and see how well it predicts others of them.

    Args:
        space: What networks are drawn from; the nearer to those that are asked about later, the better.
        runtime: `onnxruntime`, from the extra `onnx`, or `torch`.
        threads: That the runtime may use.
        batch: Images in a pass.
        networks: That the table is made of, 20 at least.
        held_out: Further ones, that it is judged by.
        rounds: In each, every network runs six times, in turns; the shortest run of all counts.
        seed: Decides which networks.
        cache: A folder where measurements are kept after every round, so that a later call goes on with them.
        progress: Called with what is done, and how much of it.

    Raises:
        InvalidInput: The space has too few networks within its budget, or they are torch modules; or the runtime
            is not installed.
    """
    if not space.is_planned:
        raise InvalidInput(f"networks of {space.family} are torch modules without steps; choose a space of plans.")
    setting = Setting(runtime, threads, batch, space.resolution, space.channels, space.num_classes)
    check_whole("rounds", rounds, 1, 10_000)
    drawn = sample(space, max(networks + held_out, 1), seed)
    if networks < _LEAST or held_out < 1 or len(drawn) < networks + held_out:
        raise InvalidInput(
            f"{networks} networks and {held_out} held out are too few, or more than the {len(drawn)} there are; "
            f"give {_LEAST} or more and 1 or more, or a wider budget."
        )
    milliseconds = measured(drawn, setting, rounds, cache, progress)
    plans = [_plan(one, space) for one in drawn]
    table = fitted(plans[:networks], milliseconds[:networks], setting)
    compute = table.as_measure()
    predicted = [compute.compute(plan, space.resolution) / compute.steps for plan in plans[networks:]]
    flops = [FLOPS.compute(plan, space.resolution) for plan in plans[networks:]]
    return TableRun(table, milliseconds[networks:], np.asarray(predicted), np.asarray(flops, dtype=np.float64))


def fitted(plans: Sequence[Plan], milliseconds: Floats, setting: Setting) -> DeviceTable:
    """The table of steps that predicts these networks best; milliseconds have shape (plans,)."""
    rows = [_named(plan, setting.resolution) for plan in plans]
    names = sorted({name for row in rows for name in row})
    columns = np.asarray([[row.get(name, 0) for name in names] for row in rows], dtype=np.float64)
    sizes = columns.max(axis=0)
    # Columns of one size, since flops are millions and counts are few.
    found, _ = nnls(columns / sizes / milliseconds[:, np.newaxis], np.ones(len(plans)))
    coefficients: dict[str, dict[str, float]] = {}
    for (step, feature), value in zip(names, (found / sizes).tolist(), strict=True):
        if value > 0:
            coefficients.setdefault(step, {})[feature] = float(f"{value:.6g}")
    device = {**machine(setting), "networks": len(plans)}
    return DeviceTable("latency", "ms", device, coefficients)


def _named(plan: Plan, resolution: int) -> dict[tuple[str, str], float]:
    """Features that are not 0, by class and name."""
    found = features(plan, resolution)
    return {(step, one): float(value) for step, of in found.items() for one, value in of.items() if value}


def _plan(one: Architecture, space: DesignSpace) -> Plan:
    return plan_of(one.family, one.values, space.num_classes, space.channels)


def _rho(one: Floats, other: Floats) -> float:
    return float(spearman_samples(one, other, np.ones((1, len(one)), dtype=np.float32))[0])
