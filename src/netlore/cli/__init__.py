"""The command line. What it needs is imported when it runs, after it is ready to be interrupted."""

from __future__ import annotations

import os
import sys

from netlore.cli import interruption


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 bad input, 3 some networks failed, 1 otherwise; 130, 143 or 129 if
    Ctrl-C, SIGTERM or SIGHUP interrupted it."""
    own_process()
    try:
        from netlore.cli.application import app
        from netlore.cli.exit_codes import exit_code

        code = exit_code(lambda: app(arguments, prog_name="netlore", standalone_mode=False))
    finally:
        interruption.leave()
    sys.exit(code)


def own_process() -> None:
    """What is done in a process that is the command's own: signals, and memory."""
    interruption.install()
    # Processes that are started for workers are not to import a `random.py` of the folder that one works in.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    from netlore.executors.allocator import keep_freed_memory

    keep_freed_memory()
