"""The command that puts methods of refinement side by side: `compare`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from netlore.cli import options
from netlore.cli.common import finish, print_json


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Folders or archives of refinements or studies, and of scores that --again made of their elites."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the page, figures and tables.")],
    again: Annotated[
        int, typer.Option(help="Score the best architectures so often again, with new initial weights; 0: not.")
    ] = 0,
    workers: options.Workers = 1,
    as_json: options.Json = False,
) -> None:
    """Put methods of refinement side by side: how high they end, after how many networks, what repeats."""
    from netlore.cli import tables_comparison as showing_comparison
    from netlore.cli.console import reporter
    from netlore.report.compare import write as comparing

    with reporter() as told:
        if again:
            found = comparing.compare_again(runs, out, again, workers, told)
        else:
            found = comparing.compare_runs(runs, out, partial(told, "compare", unit="figures"))
    print_json(found.document()) if as_json else showing_comparison.show_comparison(found)
    finish(len(found.failures))
