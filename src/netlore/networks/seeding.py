"""Initial weights that code of others draws, from the global generators, depend on a seed and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(devices: set[torch.device], seed: int = 0) -> Iterator[None]:
    """Inside, the global generators of torch, numpy and Python stand at a seed; afterwards where they stood."""
    cuda = [device for device in devices if device.type == "cuda"]
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - this is the one that networks draw from
    with torch.random.fork_rng(devices=cuda):
        # Not `torch.manual_seed`, which would also seed devices that nobody puts back.
        torch.default_generator.manual_seed(seed)
        for device in cuda:
            with torch.cuda.device(device):
                torch.cuda.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002


class Generators:
    """Where the global generators of torch, numpy and Python stand, to draw the same numbers again."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._torch = torch.default_generator.get_state()
        self._cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
        self._python, self._numpy = random.getstate(), np.random.get_state()  # noqa: NPY002

    @contextmanager
    def again(self) -> Iterator[None]:
        """Inside, they stand there again; afterwards where they stood before."""
        now = Generators(self._device)
        self._set()
        try:
            yield
        finally:
            now._set()

    def _set(self) -> None:
        torch.default_generator.set_state(self._torch)
        if self._cuda is not None:
            torch.cuda.set_rng_state(self._cuda, self._device)
        random.setstate(self._python)
        np.random.set_state(self._numpy)  # noqa: NPY002
