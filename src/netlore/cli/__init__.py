"""The command line: argument parsing only."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from netlore import __version__
from netlore.cli import (
    compare as comparing,
)
from netlore.cli import (
    compute as computing,
)
from netlore.cli import (
    read as telling,
)
from netlore.cli import (
    select as choosing,
)
from netlore.cli import (
    train as training,
)
from netlore.cli.exit_codes import exit_code
from netlore.executors.allocator import keep_freed_memory

app = typer.Typer(
    name="netlore",
    help="Uncovers the hidden design principles of zero-cost performance predictors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(computing.refine)
app.command()(choosing.pick)
app.command()(computing.score)
app.command()(training.train)
app.command()(computing.bench)
app.command("run")(computing.run_study)
app.command()(telling.analyze)
app.command()(telling.report)
app.command()(comparing.compare)
app.command()(telling.export)
app.command()(telling.show)
app.command("list")(telling.list_names)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"netlore {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Uncovers the hidden design principles of zero-cost performance predictors."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 bad input, 3 some networks failed, 130 interrupted, 1 otherwise."""
    keep_freed_memory()
    sys.exit(exit_code(lambda: app(arguments, prog_name="netlore", standalone_mode=False)))
