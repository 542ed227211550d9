"""Scoring on CUDA devices, and what a device would suffer from, found on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import netlore as nl
from netlore.scoring.engine import PlanEngine
from netlore.scoring.evidence import Evidence
from netlore.scoring.examination import examine
from netlore.scoring.passes.isolation import full_precision
from netlore.scoring.planned.sweep import PlannedPass
from netlore.scoring.planned.synaptic_flow import log_synaptic_flow_of_plan
from netlore.scoring.predictor import resolve
from tests.scoring.cases import (
    ARCHITECTURES,
    NAMES,
    SWEPT,
    images_and_labels,
    nothing_changes,
    plan_of,
    small_network,
)

gpu = pytest.mark.gpu
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
CUDA = torch.device("cuda")


class NoReading(TorchDispatchMode):
    """While active, refuses to read a number off a tensor, for which a CUDA device would have to finish first."""

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call the function, unless it copies a number to the host."""
        assert func is not torch.ops.aten._local_scalar_dense.default, "a number was read off a tensor"
        assert func is not torch.ops.aten.nonzero.default, "a shape depends on a tensor's values"
        return func(*args, **(kwargs or {}))


def examine_everything(passes: PlannedPass) -> None:
    """Read all evidence that the passes give."""
    for evidence in SWEPT:
        _ = passes[evidence]


@pytest.mark.parametrize("needs", [SWEPT, Evidence.ACTIVATION_KERNEL, Evidence.INPUT_JACOBIAN], ids=str)
def test_no_number_is_read_off_a_tensor_inside_the_passes(needs: Evidence) -> None:
    images, labels = images_and_labels()
    passes = PlannedPass(plan_of(ARCHITECTURES[0]), 7, images, labels, needs)
    with NoReading():
        for evidence in needs:
            _ = passes[evidence]


def test_no_number_is_read_off_a_tensor_for_synaptic_flow() -> None:
    with NoReading():
        log_synaptic_flow_of_plan(plan_of(nl.named("baseline/resnet-20")), 0, (3, 32, 32))


def test_the_check_finds_what_it_looks_for() -> None:
    with NoReading(), pytest.raises(AssertionError, match="a number was read"):
        float(torch.ones(()))


@contextmanager
def settings_of_float32() -> Iterator[None]:
    """Settings that a caller may have, put back at the end."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def test_full_precision_holds_inside_and_the_callers_settings_after() -> None:
    with settings_of_float32(), torch.backends.cudnn.flags(enabled=True, benchmark=True, allow_tf32=True):
        with full_precision(torch.device("cuda")):
            assert torch.get_float32_matmul_precision() == "highest"
            assert torch.backends.cudnn.deterministic
            assert not torch.backends.cudnn.benchmark
            assert not torch.backends.cudnn.allow_tf32
        assert torch.get_float32_matmul_precision() == "high"
        assert torch.backends.cudnn.benchmark
        assert torch.backends.cudnn.allow_tf32
        with full_precision(torch.device("cpu")):
            assert torch.backends.mkldnn.matmul.fp32_precision == "ieee"
        assert torch.get_float32_matmul_precision() == "high"
        assert torch.backends.mkldnn.matmul.fp32_precision == "tf32"


@gpu
@needs_cuda
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
def test_a_gpu_gives_the_scores_of_the_cpu(architecture: nl.Architecture) -> None:
    plan, (images, labels) = plan_of(architecture), images_and_labels()
    expected = examine(PlanEngine(plan, 7, torch.device("cpu")), images, labels, resolve(NAMES), torch.float64)
    found = examine(PlanEngine(plan, 7, CUDA), images, labels, resolve(NAMES), torch.float64)
    for name in NAMES:
        size = float(expected["grasp_l1"]) if name == "grasp" else abs(float(expected[name]))
        assert float(found[name]) == pytest.approx(float(expected[name]), rel=0, abs=1e-9 * size), name


@gpu
@needs_cuda
def test_the_passes_never_wait_for_a_gpu() -> None:
    images, labels = images_and_labels()
    plan = plan_of(ARCHITECTURES[0])
    examine_everything(PlannedPass(plan, 7, images.to(CUDA), labels, SWEPT))
    passes = PlannedPass(plan, 7, images.to(CUDA), labels, SWEPT)
    torch.cuda.set_sync_debug_mode("error")
    try:
        examine_everything(passes)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@gpu
@needs_cuda
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scores_on_a_gpu_repeat_and_do_not_depend_on_the_workers(dtype: str) -> None:
    drawn = nl.sample(nl.anynet(flops=(10e6, 50e6)), 6, seed=0)
    task = nl.task("cifar10", batch_size=16)
    tables = [nl.score(drawn, "all", task, workers=n, dtype=dtype, device="cuda").wide for n in (1, 1, 3)]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])


@gpu
@needs_cuda
def test_a_module_on_a_gpu_is_left_as_it_was() -> None:
    network = small_network().to(CUDA)
    images, labels = images_and_labels(resolution=6)
    with nothing_changes(network):
        scores = nl.probe(network, images, labels, NAMES, "float64")
    expected = nl.probe(small_network(), images, labels, NAMES, "float64")
    for name in NAMES:
        assert float(scores[name]) == pytest.approx(float(expected[name]), rel=1e-8), name
