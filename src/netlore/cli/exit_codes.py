"""How a command ends: its exit code, and one line on stderr about what went wrong."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import typer

from netlore.cli.console import noting
from netlore.cli.interruption import KEPT, NOTHING_KEPT, saying
from netlore.errors import InvalidInput, NetloreError, visible

_LONGEST = 2_000  # characters of a message, which may quote what was given
_INTERRUPTED = 130  # what typer makes of a KeyboardInterrupt


class _Stopped(NetloreError):  # noqa: N818 - as in errors
    """A command that keeps nothing was interrupted."""


def exit_code(command: Callable[[], object]) -> int:
    """Run a command: 0 done, 2 bad input, 3 some networks failed, 130 interrupted, 1 otherwise."""
    _open_closed_streams()
    # The base class of all complaints about arguments, whichever package typer takes it from.
    usage_error = cast("type[Exception]", typer.BadParameter.__bases__[0])
    try:
        with noting():
            code = command()
        if code == _INTERRUPTED:
            _complain(KEPT)
        sys.stdout.flush()
    except _Stopped as error:
        code = _complain(str(error), _INTERRUPTED)
    except InvalidInput as error:
        code = _complain(str(error), 2)
    except BrokenPipeError:
        # Whoever read the output has enough of it; at exit Python would try to write the rest once more.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        code = 1
    except (NetloreError, OSError) as error:
        # A name that no system takes was given; whatever else fails is the system's.
        too_long = isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
        code = _complain(f"{error}; choose a shorter name.", 2) if too_long else _complain(str(error), 1)
    except usage_error as error:
        message = str(error.format_message()) if hasattr(error, "format_message") else str(error)
        # Without a message the help was asked for, by giving no command, and is printed.
        code = _complain(f"{message.rstrip('.')}; see `netlore --help`.", 2) if message else 2
    return code if isinstance(code, int) else 0


@contextmanager
def keeping_nothing() -> Iterator[None]:
    """Inside, an interruption is reported without the promise that the command goes on where it stopped."""
    try:
        with saying(NOTHING_KEPT):
            yield
    except KeyboardInterrupt:
        raise _Stopped(NOTHING_KEPT) from None


def finish(failed: int) -> None:
    """End with code 3 if something failed."""
    if failed:
        raise typer.Exit(3)


def _open_closed_streams() -> None:
    """Where a command starts with closed outputs, what is printed is lost, and no file takes their place."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115


def _complain(message: str, code: int = 1) -> int:
    line = visible(" ".join(message.split()))
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST // 2]} ... {line[-_LONGEST // 2 :]}"
    print(f"netlore: {line}", file=sys.stderr)
    return code
