"""What one worker of a cluster is there: a process of Ray's that has a process of its own for jobs."""

from __future__ import annotations

import sys
from importlib.metadata import version

from netlore import __version__
from netlore.errors import NetloreError
from netlore.executors.limits import Limits, Lost
from netlore.executors.processes import Processes
from netlore.executors.ray.code import Code
from netlore.executors.ray.parcel import Packed


def versions() -> dict[str, str]:
    """Of what decides scores."""
    return {
        "netlore": __version__,
        "torch": version("torch").partition("+")[0],
        "Python": ".".join(map(str, sys.version_info[:2])),
    }


class Slot:
    """Does jobs one after the other, under limits, as one worker on the caller's machine would."""

    def __init__(self, limits: Limits) -> None:
        # Its own process is not to read the script of Ray's worker, which is here where a user's script would be.
        vars(sys.modules["__main__"]).pop("__file__", None)
        self._running = Processes(1, limits)
        self._setup: Packed | None = None

    def versions(self) -> dict[str, str]:
        """Of this node."""
        return versions()

    def prepare(self, setup: bytes, code: Code, module: str) -> None:
        """Have this setup from now on, which is of that module."""
        self._setup = Packed(setup, code, module)

    def work(self, job: bytes) -> bytes | Lost | NetloreError:
        """The result of a job, or what is to be raised: as a value, for Ray adds its own words to errors."""
        assert self._setup is not None
        try:
            [(_, result)] = self._running.run(self._setup, [job])
        except NetloreError as error:
            return error
        return result
