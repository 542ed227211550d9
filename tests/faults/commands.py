"""The smallest commands of each kind, as processes: cold as a user starts them, or forks of one that is warm."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.processes import is_running

_TINY = ("--data", "digits", "--batch-size", "4", "--flops", "1e6", "3e6", "--out", "out")
COMMANDS = {
    "score": ("score", "--predictor", "synflow", "--networks", "40", *_TINY),
    "refine": ("refine", "--predictor", "synflow", "--networks", "12", "--round-limit", "2", *_TINY),
    "replicates": ("refine", "--networks", "8", "--round-limit", "1", "--replicates", "2", *_TINY),
}


class Running:
    """A command in a folder of its own, whose session holds all that it starts; its outputs go to files there."""

    def __init__(self, name: str, folder: Path, label: str, workers: int = 2, cold: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.temporary = folder, folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self._err = folder / f"{label}.err"
        with self._err.open("wb") as err, (folder / f"{label}.out").open("wb") as out:
            start = _started if cold else _forked
            self.process = start(
                (*COMMANDS[name], "--workers", str(workers)), folder, self.temporary, out.fileno(), err.fileno()
            )
        self._code: int | None = None

    @property
    def said(self) -> str:
        """What it wrote to standard error."""
        return self._err.read_text(errors="replace")

    @property
    def code(self) -> int | None:
        """Its exit code, or the number of the signal below 0; None: it runs."""
        if self._code is None:
            found, status = os.waitpid(self.process, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if found else None
        return self._code

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for something, at most until the command has ended: whether it came."""
        end = time.monotonic() + seconds
        while not (met := condition()) and self.code is None and time.monotonic() < end:
            time.sleep(0.003)
        return met

    def left(self) -> list[int]:
        """Processes of its session that run, without itself."""
        return [one for one in session(self.process) if one != self.process and is_running(one)]

    def end(self) -> None:
        """Let nothing of it go on."""
        for one in session(self.process):
            os.kill(one, signal.SIGKILL)
        self.wait(lambda: False, 30)


def session(leader: int) -> list[int]:
    """The processes of a session that run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        if int(of) == leader and state != "Z":
            found.append(int(path.parent.name))
    return found


def _started(words: tuple[str, ...], folder: Path, temporary: Path, out: int, err: int) -> int:
    """A command as a user starts it."""
    command = [sys.executable, "-m", "netlore", *words]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": err}
    started = subprocess.Popen(
        command, cwd=folder, env=environment, start_new_session=True, preexec_fn=_hear_signals, **pipes
    )
    started.returncode = 0  # it is waited for here, and not by what is left of it there
    return started.pid


def _forked(words: tuple[str, ...], folder: Path, temporary: Path, out: int, err: int) -> int:
    """A command in a fork of this process, which has imported everything: it saves the seconds of doing so."""
    process = os.fork()
    if process:
        return process
    os.setsid()
    _hear_signals()
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.environ["TMPDIR"] = str(temporary)
    from netlore.cli import main

    code = 70
    try:
        main([*words])
    except SystemExit as error:
        code = int(error.code or 0)
    finally:
        sys.stdout.flush()
        os._exit(code)
    return 0


def _hear_signals() -> None:
    """A shell starts what runs in the background with SIGINT ignored, `nohup` with SIGHUP, and commands leave both
    as they find them: such blows would be none."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
