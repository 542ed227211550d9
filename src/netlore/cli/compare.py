"""`netlore compare`: methods side by side, by what they reached in runs, or by true accuracies of a benchmark."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlore.cli import options
from netlore.cli.console import print_json, reporter
from netlore.cli.executing import PLACES, executable, executing
from netlore.cli.exit_codes import finish
from netlore.errors import InvalidInput
from netlore.executors import Executor

if TYPE_CHECKING:  # what draws is imported by the commands that draw
    from netlore.report.compare.searches import Searches

_WITH = "With --benchmark:"
_OF_RUNS = ("runs", "again", "again_batches", "workers", *PLACES)
_OF_BOTH = ("benchmark", "out", "as_json", "trust")
"""All other options are about searches."""


@executable
def compare(
    context: typer.Context,
    runs: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders or archives of refinements or studies, and of scores that --again made of their elites."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the page, figures and tables; with --benchmark runs/compare-BENCHMARK-DATA-PREDICTOR "
            "if not given."
        ),
    ] = None,
    again: Annotated[
        int,
        typer.Option(
            max=1_000, help="Score the best architectures so often again, with new initial weights; 0: not."
        ),
    ] = 0,
    again_batches: Annotated[
        int,
        typer.Option(
            min=1, max=1_000, help="With --again: on so many batches, the first of them that of the refinements."
        ),
    ] = 1,
    benchmark: Annotated[
        str,
        typer.Option(
            help="Compare no runs, but searches by stored scores of a benchmark: a name of `netlore list "
            "benchmarks` or package.module:name."
        ),
    ] = "",
    data: Annotated[str, typer.Option(help=f"{_WITH} what its networks were trained on.")] = "cifar10",
    target: Annotated[str, typer.Option(help=f"{_WITH} which accuracy; the usual one if not given.")] = "",
    predictor: Annotated[str, typer.Option(help=f"{_WITH} whose scores.")] = "synflow",
    scores: Annotated[
        Path | None,
        typer.Option(
            help=f"{_WITH} a run of netlore validate, score or refine, its archive, or a CSV or Parquet file."
        ),
    ] = None,
    architecture_column: Annotated[
        str, typer.Option(help="Of a file of scores: the benchmark's strings; `architecture` if not given.")
    ] = "",
    score_column: Annotated[
        str, typer.Option(help="Of a file of scores: the scores; the predictor's name if not given.")
    ] = "",
    seeds: Annotated[int, typer.Option(min=1, max=10_000, help=f"{_WITH} searches by each method.")] = 20,
    networks: Annotated[int, typer.Option(min=1, help=f"{_WITH} networks in a round.")] = 50,
    most: Annotated[
        int, typer.Option(min=1, max=1_000_000, help=f"{_WITH} networks that a search looks at, at most.")
    ] = 5_000,
    tpe: Annotated[
        bool, typer.Option("--tpe/--no-tpe", help=f"{_WITH} Optuna's TPE as well, which needs netlore[optuna].")
    ] = True,
    workers: options.Workers = 1,
    as_json: options.Json = False,
) -> None:
    """Put methods side by side: how high they end, after how many networks, what repeats; or how accurate the
    networks are that they pick from a benchmark."""
    _check(context, bool(benchmark))
    if benchmark:
        given = {name: context.params[name] for name in _of_searches(context)}
        _compare_searches(benchmark, given, out, as_json)
    elif again_batches > 1 and not again:
        raise InvalidInput("--again-batches says on what --again scores, and is nothing without it; give --again.")
    elif out is None:
        raise InvalidInput("where the comparison of runs goes is not known; name a folder by --out.")
    else:
        with executing(context) as running:
            _compare_runs(runs or [], out, again, again_batches, running, as_json)


def _check(context: typer.Context, searches: bool) -> None:
    """Refuse what is of the other kind of comparison."""
    if not searches and not context.params["runs"]:
        raise InvalidInput("what to compare is not known; name runs, or a benchmark by --benchmark.")
    for name in _OF_RUNS if searches else _of_searches(context):
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT" and context.params[name]:
            what = "RUNS" if name == "runs" else f"--{name.replace('_', '-')}"
            wrong = "runs, and --benchmark compares none" if searches else "--benchmark, and none is given"
            raise InvalidInput(f"{what} is about {wrong}; leave one of them out.")


def _of_searches(context: typer.Context) -> list[str]:
    return [name for name in context.params if name not in (*_OF_RUNS, *_OF_BOTH)]


def _compare_runs(runs: list[Path], out: Path, again: int, batches: int, workers: Executor, as_json: bool) -> None:
    from netlore.cli import tables, tables_of_time
    from netlore.report.compare.write import compare_runs
    from netlore.study import compare_again

    tables_of_time.show_reading(runs)
    with reporter() as progress:
        if again:
            found = compare_again(runs, out, again, workers, progress, batches)
        else:
            found = compare_runs(runs, out, partial(progress, "compare", unit="figures"))
    print_json(found.document()) if as_json else tables.show_comparison(found)
    finish(len(found.failures))


def _compare_searches(benchmark: str, given: dict[str, object], out: Path | None, as_json: bool) -> None:
    from netlore.experiments.config import short_name
    from netlore.experiments.searches import SearchConfiguration
    from netlore.report.compare.search_data import searches_command
    from netlore.report.compare.searches import searches_document, write_searches

    asked = SearchConfiguration(benchmark, **given)  # type: ignore[arg-type]  # typer has checked them
    name = f"compare-{short_name(benchmark)}-{short_name(asked.data)}-{asked.predictor}"
    with reporter() as progress:
        found = asked.compared(partial(progress, "compare", unit="searches"))
        folder = out or Path("runs") / name
        written = write_searches(
            found, searches_command(asked), folder, partial(progress, "report", unit="figures")
        )
    print_json(searches_document(written)) if as_json else show_searches(written)


def show_searches(found: Searches) -> None:
    """Which accuracy is meant, the rule, the sentences, the tables that are looked for first, and the files."""
    from netlore.cli import tables
    from netlore.cli.console import show_table
    from netlore.report.compare.search_tables import MAIN

    print(found.data.said, found.data.rule, "", *(one.text for one in found.sentences), "", sep="\n")
    for table in found.tables:
        if table.name in MAIN:
            show_table(table.caption.partition(". ")[0], table.texts)
    tables.show_files(found.files)
