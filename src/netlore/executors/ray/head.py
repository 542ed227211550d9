"""The process that a cluster of our own belongs to: it starts Ray, and leaves nothing of it behind.

It is run as a file, has a session of its own, and reads standard input, to which nothing is written. When that
ends, because whoever started it is done or dead, it kills all processes of its session and removes the folder.
Whatever signal ends a command, and however, Ray hears of it in this way alone.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

LOG = "start.log"
"""The file in the cluster's folder that holds what Ray says while it starts."""

# Seconds between two looks at what is going on.
_LOOK = 0.02


def main(folder: str, *command: str) -> None:
    """Run a command that starts Ray, print how it ended, and wait; then end everything and remove the folder."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with (Path(folder) / LOG).open("wb") as log:
        starting = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, close_fds=True)
    said = False
    while not select.select([0], [], [], None if said else _LOOK)[0]:
        if starting.poll() is not None:
            said = True
            with suppress(BrokenPipeError):
                print(starting.returncode, flush=True)
    while others := _of_session(os.getsid(0)) - {os.getpid()}:
        for process in others:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(_LOOK)
    shutil.rmtree(folder, ignore_errors=True)


def _of_session(session: int) -> set[int]:
    """The processes of a session, but for those that are dead and not yet buried by their parents."""
    found = set()
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            # After the name, which may hold blanks and brackets: state, parent, group, session.
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if fields[0] not in "ZX" and int(fields[3]) == session:
                found.add(int(entry.name))
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
