"""A score that did not fit in memory says what would."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.scoring.engine import PlanEngine
from netlore.scoring.examination import examine
from netlore.scoring.passes.autograd import BatchPass
from netlore.scoring.predictor import resolve
from tests.scoring.cases import ARCHITECTURES, CLASSES, NAMES, images_and_labels, plan_of, seeded
from tests.scoring.separable import Convolutional, N


def test_running_out_of_memory_in_one_pass_spares_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(self: BatchPass, forward: object) -> Tensor:
        raise torch.OutOfMemoryError("no room for one image after the other.")

    monkeypatch.setattr(BatchPass, "_image_passes", too_large)
    scores = nl.probe(seeded(Convolutional), *images_and_labels(N, resolution=6), NAMES, chunk_size=4)
    assert scores["fisher_parameter"].status == "out_of_memory"
    assert scores["fisher_parameter"].reason == "no room for one image after the other; use chunk_size, such as 2"
    assert {score.status for name, score in scores.items() if name != "fisher_parameter"} == {"ok"}


class Full(nn.Module):
    """Has no memory left."""

    acts_on_each_image = True

    def __init__(self, *others: nn.Module) -> None:
        super().__init__()
        self.layer = nn.Linear(108, CLASSES)
        self.others = nn.ModuleList(others)

    def forward(self, x: Tensor) -> Tensor:
        """The error."""
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate")


@pytest.mark.parametrize(
    ("others", "chunk_size", "reason"),
    [
        ((), None, "CUDA out of memory; use chunk_size, such as 3"),
        ((), 3, "CUDA out of memory; use chunk_size, such as 1"),
        ((), 1, "CUDA out of memory"),
        (
            (nn.BatchNorm1d(2),),
            None,
            "CUDA out of memory; the network's batch norms look at all images at once, so use a smaller "
            "batch, such as 3 images",
        ),
        (
            (nn.Dropout(0.1),),
            None,
            "CUDA out of memory; the network's dropout draws for all images at once, so use a smaller "
            "batch, such as 3 images",
        ),
    ],
)
def test_out_of_memory_names_its_remedy(
    others: tuple[nn.Module, ...], chunk_size: int | None, reason: str
) -> None:
    images, labels = images_and_labels(N, resolution=6)
    scores = nl.probe(Full(*others), images, labels, ("snip", "synflow"), chunk_size=chunk_size)
    assert scores["snip"].reason.removesuffix(".") == reason
    # It looks at one image, whatever the batch.
    assert (scores["synflow"].status, scores["synflow"].reason) == ("out_of_memory", "CUDA out of memory.")


def test_out_of_memory_of_a_plan_names_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("netlore.scoring.planned.sweep.run_forward", too_large)
    subject = PlanEngine(plan_of(ARCHITECTURES[0]), 0, torch.device("cpu"))
    score = examine(subject, *images_and_labels(8), resolve("snip"), torch.float32)["snip"]
    assert score.reason == (
        "MemoryError; the network's batch norms look at all images at once, so use a smaller batch, "
        "such as 4 images"
    )
