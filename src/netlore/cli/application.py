"""The command line: argument parsing only."""

from __future__ import annotations

from typing import Annotated

import typer

from netlore import __version__
from netlore.cli import compute, read, train
from netlore.cli.compare import compare
from netlore.cli.reliability import reliability
from netlore.cli.validate import validate

app = typer.Typer(
    name="netlore",
    help="Uncovers the hidden design principles of zero-cost performance predictors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(compute.refine)
app.command()(train.pick)
app.command()(compute.score)
app.command()(train.train)
app.command()(compute.bench)
app.command("run")(compute.run_study)
app.command()(read.analyze)
app.command()(read.report)
app.command()(compare)
app.command()(validate)
app.command()(reliability)
app.command()(read.export)
app.command()(read.show)
app.command("list")(read.list_names)


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
