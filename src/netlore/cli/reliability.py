"""`netlore reliability`: how far the scores of predictors can be trusted."""

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

if TYPE_CHECKING:  # what draws is imported by the commands that draw
    from netlore.experiments.reliability import ReliabilityRun
    from netlore.report.page.page import Report


@executable
@options.having(options.SPACE, READING, options.PASS)
def reliability(
    context: typer.Context,
    predictors: options.Predictors = ["all"],  # noqa: B006
    data: options.Data = "cifar10",
    benchmark: Annotated[
        str, typer.Option(help="Whose networks, by a name of `netlore list benchmarks`; else those of the space.")
    ] = "",
    architectures: Annotated[
        list[str], typer.Option("--architecture", help="Score this, by name or JSON, instead; may be repeated.")
    ] = [],  # noqa: B006
    networks: Annotated[int, typer.Option(help="Networks to draw.")] = 100,
    factors: Annotated[
        list[str],
        typer.Option("--factor", help="What to vary: weights, batches, batch-sizes, data or precision; all else."),
    ] = [],  # noqa: B006
    draws: Annotated[int, typer.Option(help="Initial weights of each network.")] = 3,
    batches: Annotated[int, typer.Option(help="Batches, by consecutive seeds.")] = 3,
    batch_sizes: Annotated[
        list[int],
        typer.Option("--batch-sizes", help="A number of images; may be repeated; 16, 32, 64 if none."),
    ] = [],  # noqa: B006
    others: Annotated[
        list[str],
        typer.Option("--other-data", help="A further data set; may be repeated; cifar100, digits if none."),
    ] = [],  # noqa: B006
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    out: Annotated[Path | None, typer.Option(help="Output folder; if not given runs/reliability-DATA.")] = None,
    chunk_size: Annotated[int, typer.Option(help="The most images evaluated at a time; 0: all.")] = 0,
    as_json: options.Json = False,
) -> None:
    """Find out how much of a score is the network's, and how much initial weights, images and precision make."""
    from netlore.experiments.config import short_name
    from netlore.experiments.reliability import reliability_run
    from netlore.experiments.reliability_config import ReliabilityConfiguration

    # An option that may be repeated is empty if it is not given.
    usual = ReliabilityConfiguration.model_fields
    given = {
        name: usual[name].default if name in ("factors", "batch_sizes", "others") and not value else value
        for name, value in context.params.items()
    }
    configuration = options.configured(ReliabilityConfiguration, given)
    folder = out or Path("runs") / f"reliability-{short_name(data)}"
    with reporter() as progress, executing(context) as running:
        run = reliability_run(configuration, folder, running, progress)
        written = _written(run, folder, partial(progress, "report", unit="figures"))
    document = run.document() | {"files": [str(path) for path in written.files]}
    print_json(document) if as_json else show_reliability(written)
    finish(run.failed)


def report_reliability(
    runs: Sequence[Path], out: Path | None, progress: Callable[[int, int], None]
) -> Report[ReliabilityRun] | None:
    """Write the report of a study of reliability from its scores; None: these are other runs."""
    from netlore.experiments.record import command_of
    from netlore.experiments.reliability import stored_reliability
    from netlore.experiments.reliability_config import COMMAND
    from netlore.experiments.study.folders import study_parts

    if len(runs) > 1 or study_parts(runs[0]) is not None or command_of(runs[0]) != COMMAND:
        return None
    return _written(stored_reliability(runs[0]), out or runs[0], progress, runs[0])


def _written(
    run: ReliabilityRun, out: Path, progress: Callable[[int, int], None], folder: Path | None = None
) -> Report[ReliabilityRun]:
    from netlore.experiments.reliability_config import recorded_reliability
    from netlore.report.reliability.write import write_reliability

    return write_reliability(run, out, recorded_reliability(folder or out), progress)


def show_reliability(found: Report[ReliabilityRun]) -> None:
    """A sentence for each predictor, the tables, and the files."""
    from netlore.cli import tables
    from netlore.cli.console import show_table

    print(*(one.text for one in found.sentences), "", sep="\n")
    for table in found.tables:
        show_table(table.caption.partition(". ")[0], table.texts)
    tables.show_failures(found.failures)
    tables.show_files(found.files)
