from __future__ import annotations

import os
import platform

import pytest
import torch

import netlore as nl
from netlore.networks.devices import hardware
from netlore.scoring.cost import timed_run
from netlore.scoring.draws import Job, numbered
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import ScoringSetup
from netlore.scoring.settings import Settings

SMALL = nl.architecture("resnet", {"d1": 1, "d2": 1, "d3": 1, "w1": 2, "w2": 3, "w3": 4})
NAMES = ("snip", "logdet")


def test_scores_by_the_clock_are_those_without_one() -> None:
    settings = Settings(nl.task("noise", batch_size=4), resolve(NAMES))
    jobs = [Job(network, NAMES) for network in numbered([SMALL, SMALL])]
    plain = [ScoringSetup(settings)()(job) for job in jobs]
    with timed_run(settings, workers=1) as run:
        timed = dict(run(jobs))
    for index in (0, 1):
        found = timed[index]
        assert [score.value for score in found.scores] == [score.value for score in plain[index]]
        assert found.process == os.getpid()
        assert found.seconds >= sum(score.seconds for score in found.scores)


def test_the_hardware_is_named() -> None:
    found = hardware("cpu")
    assert found["device"] == "cpu" and found["machine"] == f"{platform.system()} {platform.machine()}"
    assert found["capability"] == torch.backends.cpu.get_cpu_capability()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_is_called_by_its_name() -> None:
    assert hardware("cuda")["device"] not in ("", "cuda")
