"""The command line: argument parsing only."""

from __future__ import annotations

from typing import Annotated

import typer

from netlore import __version__
from netlore.cli import compute, read, train
from netlore.cli.compare import compare
from netlore.cli.design import design
from netlore.cli.doctor import doctor
from netlore.cli.latency import latency
from netlore.cli.optimum import optimum
from netlore.cli.reliability import reliability
from netlore.cli.trust import trusting_the_user
from netlore.cli.validate import validate

app = typer.Typer(
    name="netlore",
    help="Uncovers the hidden design principles of zero-cost performance predictors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command()(trusting_the_user(design))
app.command()(trusting_the_user(compute.refine))
app.command()(trusting_the_user(train.pick))
app.command()(trusting_the_user(compute.score))
app.command()(trusting_the_user(train.train))
app.command()(trusting_the_user(compute.bench))
app.command("run")(trusting_the_user(compute.run_study))
app.command()(trusting_the_user(read.analyze))
app.command()(trusting_the_user(read.report))
app.command()(trusting_the_user(compare))
app.command()(trusting_the_user(validate))
app.command()(trusting_the_user(reliability))
app.command()(trusting_the_user(optimum))
app.command()(trusting_the_user(latency))
app.command()(trusting_the_user(read.export))
app.command()(trusting_the_user(read.show))
app.command()(doctor)
app.command("list")(trusting_the_user(read.list_names))


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
