"""How long a part of a training takes, also on a device that works while the processor goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import torch


class Stopwatch(Protocol):
    """Adds up the time of what is marked by `start` and `stop`."""

    def start(self) -> None:
        """From here on it counts."""

    def stop(self) -> None:
        """Up to here."""

    def seconds(self) -> float:
        """All of it so far."""


def stopwatch(device: torch.device) -> Stopwatch:
    """A stopwatch for work on this device."""
    return _Cuda() if device.type == "cuda" else _Clock()


@contextmanager
def running(watch: Stopwatch) -> Iterator[None]:
    """What is done inside counts."""
    watch.start()
    yield
    watch.stop()


class _Clock:
    """For devices whose work is done when a call returns."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._start = 0.0

    def start(self) -> None:
        self._start = time.perf_counter()

    def stop(self) -> None:
        self._sum += time.perf_counter() - self._start

    def seconds(self) -> float:
        return self._sum


class _Cuda:
    """For CUDA, whose queue notes the time when it comes to a mark; nothing waits for it until the end."""

    def __init__(self) -> None:
        self._marks: list[torch.cuda.Event] = []

    def start(self) -> None:
        self._mark()

    def stop(self) -> None:
        self._mark()

    def seconds(self) -> float:
        torch.cuda.synchronize()
        pairs = zip(self._marks[::2], self._marks[1::2], strict=True)
        return sum(float(start.elapsed_time(stop)) for start, stop in pairs) / 1000

    def _mark(self) -> None:
        event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        event.record()
        self._marks.append(event)
