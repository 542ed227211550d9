"""Everything that a score depends on, except the network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from netlore.data import Task
from netlore.errors import InvalidInput
from netlore.networks.devices import check_device, hardware, versions
from netlore.scoring.chunks import batch_coupling_of_plan, check_chunk_size, refusal
from netlore.scoring.combination import with_members
from netlore.scoring.evidence import OF_THE_BATCH
from netlore.scoring.examination import check_dtype, own_dtype
from netlore.scoring.fingerprint import fingerprint
from netlore.scoring.objective import USUAL, Objective
from netlore.scoring.predictor import Predictor
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.family import has_plans
from netlore.space.plan import Plan
from netlore.storage.origin import Origin, origin

OWN = "own"


@dataclass(frozen=True)
class Settings:
    """Everything that a score depends on, except the network.

    Attributes:
        task: The batch, with further ones if a predictor looks at several.
        predictors: What to compute; the passes are shared.
        seed: The run's seed.
        dtype: `float32`, `float64`, or `own`, that of the network; netlore's own networks have float32.
        device: A torch device, `cpu` or `cuda`.
        chunk_size: At most this number of images is evaluated at a time; None: all.
        objective: The loss, and the output that it looks at.
    """

    task: Task
    predictors: tuple[Predictor, ...]
    seed: int = 0
    dtype: str = "float32"
    device: str = "cpu"
    chunk_size: int | None = None
    objective: Objective = USUAL

    def __post_init__(self) -> None:
        if self.dtype != OWN:
            check_dtype(self.dtype)
        if self.seed < 0:
            raise InvalidInput(f"seed = {self.seed} is negative; choose 0 or more.")
        check_chunk_size(self.chunk_size)
        check_device(self.device)
        count = max((kind.batches for one in self.predictors for kind in one.needs), default=1)
        object.__setattr__(self, "task", self.task.with_batches(count))

    @property
    def examining(self) -> tuple[Predictor, ...]:
        """What looks at networks: predictors, and members in place of their combinations."""
        return with_members(self.predictors)

    @property
    def in_chunks(self) -> bool:
        """Whether the batch makes more than one chunk."""
        return self.chunk_size is not None and self.chunk_size < self.task.batch_size

    def dtype_for(self, network: nn.Module) -> torch.dtype:
        """The precision of the passes over a network."""
        return own_dtype(network) if self.dtype == OWN else check_dtype(self.dtype)

    def origin(self, dtype: torch.dtype) -> Origin:
        """What computes here a score with passes of that precision."""
        return _origin(self.device, str(dtype).removeprefix("torch."), self.task.digest)

    def describe(self) -> dict[str, object]:
        """What a store's scores must have in common, as JSON-able values."""
        chunks = {} if self.chunk_size is None else {"chunk_size": self.chunk_size}
        of = {"loss": (self.objective.loss, USUAL.loss), "output": (self.objective.output, USUAL.output)}
        how = {name: _described(one) for name, (one, usual) in of.items() if one != usual}
        return {"data": self.task.describe(), "dtype": self.dtype, "device": self.device, **chunks, **how}


@lru_cache(maxsize=64)  # versions are read from files, and networks take milliseconds
def _origin(device: str, dtype: str, batch: str) -> Origin:
    return origin(**versions(), **hardware(device), dtype=dtype, batch=batch)


def _described(one: object) -> str:
    """A name, or that of a function with its fingerprint."""
    return (
        one if isinstance(one, str) else f"{getattr(one, '__qualname__', type(one).__name__)} {fingerprint(one)}"
    )


def plan_of(architecture: Architecture, task: Task) -> Plan:
    """The plan of an architecture for the classes and the channels of a task."""
    return families.plan_of(architecture.family, architecture.values, task.num_classes, task.images.shape[1])


def check_chunks(architectures: Iterable[Architecture], settings: Settings) -> None:
    """Refuse chunks before anything is written, as far as plans say: batch norms need all images at once."""
    if settings.in_chunks:
        for architecture in (one for one in architectures if has_plans(one.family)):
            check_coupling(batch_coupling_of_plan(plan_of(architecture, settings.task)), settings)


def check_coupling(coupling: str, settings: Settings) -> None:
    """The same for one network, of which is known why it may need all images at once."""
    of_the_batch = [predictor for predictor in settings.predictors if predictor.needs & OF_THE_BATCH]
    if settings.in_chunks and settings.chunk_size is not None and coupling and of_the_batch:
        raise InvalidInput(
            f"{of_the_batch[0].name} on {refusal(settings.task.batch_size, settings.chunk_size, coupling)}"
        )
