"""How long a part of a training takes, also on a device that works while the processor goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch


class Stopwatch:
    """Adds up the time of what is done inside `running`.

    On the CPU, work is done when a call returns. CUDA's queue notes the time when it comes to a mark; nothing
    waits for it until `seconds` is asked for.

    Args:
        device: Where the work is done.
    """

    def __init__(self, device: torch.device) -> None:
        self._on_cuda = device.type == "cuda"
        self._marks: list[torch.cuda.Event] = []
        self._sum = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """What is done inside counts."""
        self._mark()
        start = time.perf_counter()
        yield
        self._sum += time.perf_counter() - start
        self._mark()

    def seconds(self) -> float:
        """All of it so far."""
        if not self._on_cuda:
            return self._sum
        torch.cuda.synchronize()
        pairs = zip(self._marks[::2], self._marks[1::2], strict=True)
        return sum(float(start.elapsed_time(stop)) for start, stop in pairs) / 1000

    def _mark(self) -> None:
        if self._on_cuda:
            event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
            event.record()
            self._marks.append(event)
