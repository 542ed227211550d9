"""The command that puts methods of refinement side by side: `compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlore.cli import options
from netlore.cli.console import print_json, reporter
from netlore.cli.exit_codes import finish
from netlore.errors import InvalidInput

if TYPE_CHECKING:
    from netlore.executors import Workers
    from netlore.experiments.progress import Progress
    from netlore.report.compare.write import Comparison


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Folders or archives of refinements or studies, and of scores that --again made of their elites."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the page, figures and tables.")],
    again: Annotated[
        int,
        typer.Option(
            max=1_000, help="Score the best architectures so often again, with new initial weights; 0: not."
        ),
    ] = 0,
    workers: options.Workers = 1,
    executor: options.Executor = None,
    as_json: options.Json = False,
) -> None:
    """Put methods of refinement side by side: how high they end, after how many networks, what repeats."""
    from netlore.cli import tables
    from netlore.report.compare.write import compare_runs

    with reporter() as progress:
        if again:
            found = compare_again(runs, out, again, options.workers_of(workers, executor), progress)
        else:
            found = compare_runs(runs, out, partial(progress, "compare", unit="figures"))
    print_json(found.document()) if as_json else tables.show_comparison(found)
    finish(len(found.failures))


def compare_again(
    folders: Sequence[Path], out: Path, draws: int, workers: Workers, progress: Progress
) -> Comparison:
    """Score the elites of refinements again, or go on with it; then compare their methods by these scores.

    Args:
        folders: As in `compare_runs`, without rescored elites.
        out: The same; `again` in it has the scores.
        draws: How often each elite is initialised and scored.
        workers: Processes or an executor; results do not depend on it.
        progress: Called with how many networks are scored, and how many figures are drawn.

    Raises:
        InvalidInput: As in `method_groups` and `rescore`; nothing is scored.
        Unwritable: The folder cannot be used.
    """
    from netlore.experiments.rescore import Elites, rescore
    from netlore.report.compare.runs import method_groups
    from netlore.report.compare.write import write_comparison

    groups = method_groups(folders)
    for group in groups:
        if group.rescored is not None:
            raise InvalidInput(
                f"{group.rescored.folder} holds new scores of {group.title} already; leave it out, or --again."
            )
    elites = [Elites(one.first, tuple(one.elites.values()), one.last_seed) for one in groups]
    made = rescore(elites, draws, out, workers, progress)
    joined = [group.joined(folder) for group, (folder, _) in zip(groups, made, strict=True)]
    found = write_comparison(joined, out, partial(progress, "compare", unit="figures"))
    files = (*found.files, *(path for _, run in made for path in run.files))
    return replace(found, files=files, failures=tuple(row for _, run in made for row in run.table.failures))
