"""`netlore validate`: how well predictors rank networks whose accuracies are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netlore.cli import options
from netlore.cli.console import print_json, reporter
from netlore.cli.executing import executable, executing
from netlore.cli.exit_codes import finish
from netlore.cli.pictures import READING
from netlore.errors import InvalidInput

if TYPE_CHECKING:  # what draws is imported by the commands that draw
    from netlore.report.page.page import Report
    from netlore.report.validation.data import ValidationData

_COLUMN = "of --accuracies"


@executable
@options.having(READING, options.PASS)
def validate(
    context: typer.Context,
    benchmark: Annotated[
        str, typer.Option(help="Whose networks: a name of `netlore list benchmarks` or package.module:name.")
    ] = "nas-bench-201",
    data: Annotated[
        str, typer.Option(help="What they were trained on; with --accuracies the images to show.")
    ] = "cifar10",
    target: Annotated[str, typer.Option(help="Which accuracy; the benchmark's usual one if not given.")] = "",
    predictors: options.Predictors = ["all"],  # noqa: B006
    networks: Annotated[int, typer.Option(help="Networks to draw, each at most once.")] = 500,
    draws: Annotated[int, typer.Option(help="Initialisations of each; two or more show their noise.")] = 1,
    connected: Annotated[
        bool, typer.Option("--connected", help="Only cells all of whose operations can be reached.")
    ] = False,
    distinct: Annotated[
        bool, typer.Option("--distinct", help="Only one of networks that compute the same function.")
    ] = False,
    images: Annotated[str, typer.Option(help="Images to show instead of the benchmark's, as for --data.")] = "",
    accuracies: Annotated[
        str, typer.Option(metavar="FILE", help="A CSV or Parquet file of your own networks, not a benchmark.")
    ] = "",
    architecture_column: Annotated[
        str, typer.Option(help=f"Column {_COLUMN}: JSON, a benchmark's string, or with --scores ids of netlore.")
    ] = "",
    accuracy_column: Annotated[str, typer.Option(help=f"Column {_COLUMN}: accuracies, percent or shares.")] = "",
    family: Annotated[str, typer.Option(help="Family of the architectures, where these are strings.")] = "",
    errors: Annotated[bool, typer.Option("--errors", help="The column holds errors.")] = False,
    scores: Annotated[
        Path | None, typer.Option(help="A run of netlore score or refine: judge its scores, and score nothing.")
    ] = None,
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    out: Annotated[
        Path | None, typer.Option(help="Output folder; if not given runs/validate-BENCHMARK-DATA.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Find out how well predictors, and mere counts, rank networks by their accuracy after training."""
    from netlore.experiments.config import short_name
    from netlore.experiments.record import recorded
    from netlore.experiments.validate import joined_validation, validate_run
    from netlore.experiments.validate_config import ValidateConfiguration, with_table
    from netlore.report.validation.write import write_validation

    given = {**context.params, "digest": "", "scores": "" if scores is None else str(scores)}
    fixed = (*options.SPACE, "architectures", "chunk_size")
    configuration = with_table(options.configured(ValidateConfiguration, given, fixed))
    name = short_name(accuracies) if accuracies else short_name(benchmark)
    folder = out or Path("runs") / f"validate-{name}-{short_name(data)}"
    with reporter() as progress, executing(context) as running:
        judging = partial(progress, "judged", unit="quantities")
        if scores is not None:
            if folder.resolve() == scores.resolve():
                raise InvalidInput(f"--out {folder} is the run with the scores; choose another folder.")
            run = joined_validation(configuration, scores, folder, judging)
        else:
            shown = partial(progress, "scores")
            run = validate_run(configuration, folder, running, shown, judging)
        made = recorded(scores or folder)
        written = write_validation(run, folder, made, partial(progress, "report", unit="figures"))
    document = run.document() | {"files": [str(path) for path in written.files]}
    print_json(document) if as_json else show_validation(written)
    finish(run.failed)


def report_validation(
    runs: Sequence[Path], out: Path | None, progress: Callable[[int, int], None]
) -> Report[ValidationData] | None:
    """Write the report of a validation from its scores; None: these are other runs."""
    from netlore.experiments.record import command_of, recorded
    from netlore.experiments.study.folders import study_parts
    from netlore.experiments.validate import stored_validation
    from netlore.experiments.validate_config import COMMAND
    from netlore.report.validation.write import write_validation

    if len(runs) > 1 or study_parts(runs[0]) is not None or command_of(runs[0]) != COMMAND:
        return None
    return write_validation(stored_validation(runs[0]), out or runs[0], recorded(runs[0]), progress)


def show_validation(found: Report[ValidationData]) -> None:
    """Which accuracy is meant, the sentences, the tables that are looked for first, and the files."""
    from netlore.cli import tables
    from netlore.cli.console import show_table
    from netlore.report.validation.tables import MAIN

    print(found.data.accuracy, *(one.text for one in found.sentences), "", sep="\n")
    for table in found.tables:
        if table.name in MAIN:
            show_table(table.caption.partition(". ")[0], table.texts)
    tables.show_failures(found.failures)
    tables.show_files(found.files)
