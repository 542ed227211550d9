"""A case: something wrong, or right, that is given to netlore; and what came of it."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore import cli
from netlore.errors import InvalidInput

LIMIT = 60
"""Seconds that a case may take."""

GOOD = ("done", "refused", "some failed", "not written", "accepted")
"""What may come of a case; `not written` where the case is about what cannot be written."""

_CODES = {0: "done", 2: "refused", 3: "some failed"}


@dataclass(frozen=True)
class Case:
    """What is tried.

    Attributes:
        kind: What is wrong: arguments, options, studies, ...
        said: One line that says it.
        run: Does it, in an empty folder that is the working directory, and says what came of it.
    """

    kind: str
    said: str
    run: Callable[[], tuple[str, str]]


@dataclass(frozen=True)
class Result:
    """What came of a case: one of `GOOD`, or `traceback`, `deep`, `hang`, `not one line`, with a detail."""

    outcome: str
    detail: str
    seconds: float

    @property
    def good(self) -> bool:
        return self.outcome in GOOD


class Late(BaseException):
    """The limit of a case is over."""


def tried(case: Case, limit: float = LIMIT) -> Result:
    """Do a case in a folder of its own, and stop it when its time is over."""
    here, start = Path.cwd(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="netlore-fuzz-", ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        try:
            with _limited(limit):
                outcome, detail = case.run()
        except Late:
            outcome, detail = "hang", f"more than {limit:g} seconds"
        except BaseException as error:
            outcome, detail = "traceback", _place(error)
        finally:
            os.chdir(here)
    return Result(outcome, detail, time.perf_counter() - start)


def command(*words: object, writes: bool = True) -> tuple[str, str]:
    """Run a command in this process: what came of it, and the last line that it said."""
    out, said = io.StringIO(), io.StringIO()
    kept, cli.own_process = cli.own_process, lambda: None  # signals and memory stay those of this process
    before = dict(os.environ)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            cli.main([str(word) for word in words])
    except SystemExit as ended:
        code = ended.code
    finally:
        cli.own_process = kept
        os.environ.clear()
        os.environ.update(before)
    lines = [line for line in said.getvalue().splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if any("Traceback (most" in line for line in lines):
        return "traceback", last
    if code in (1, 2) and not (last.startswith("netlore: ") and len(last) < 2_500) and words:
        return "not one line", last[:300]
    if code == 1:
        return "not written" if writes else "code 1", last
    return _CODES.get(code if isinstance(code, int) else -1, f"code {code}"), last[:300]


def call(function: Callable[..., Any], *given: Any, **named: Any) -> tuple[str, str]:
    """Call a function of Python: accepted, or refused at its first line."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            function(*given, **named)
    except InvalidInput as error:
        line = str(error)
        return ("not one line", line[:300]) if "\n" in line or len(line) > 2_500 else ("refused", line[:300])
    except TypeError as error:
        frames = traceback.extract_tb(error.__traceback__)
        # The line that calls, and the door.
        deep = len(frames) > 2 or (len(frames) == 2 and not frames[-1].filename.endswith("arguments/door.py"))
        return ("deep" if deep else "refused"), _place(error)
    return "accepted", ""


def _place(error: BaseException) -> str:
    """An error and where in netlore it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}netlore{os.sep}" in frame.filename] or frames[-1:]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    return f"{type(error).__name__} at {place}: {' '.join(str(error).split())[:200]}"


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise Late

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
