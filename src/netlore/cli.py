"""The command line: argument parsing only."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from netlore import __version__
from netlore.executors.memory import keep_freed_memory
from netlore.runs import options
from netlore.runs.ending import exit_code, keeping_nothing

if TYPE_CHECKING:
    from netlore.runs.configuration import Configuration

    C = TypeVar("C", bound=Configuration)

app = typer.Typer(
    name="netlore",
    help="Uncovers the hidden design principles of zero-cost performance predictors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_SAMPLE = Path("runs/sample")


@app.command()
def refine(
    predictor: Annotated[str, typer.Option(help="Whose principles to uncover.")] = "synflow",
    data: options.Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw in each round.")] = 500,
    seed: options.Seed = 0,
    replicates: Annotated[int, typer.Option(help="Independent refinements, with seeds that count up.")] = 1,
    workers: options.Workers = 1,
    out: Annotated[Path | None, typer.Option(help="Output folder; runs/PREDICTOR-DATA if not given.")] = None,
    space: options.Space = "anynet",
    flops: options.Flops = (10e6, 50e6),
    params: options.Limits = options.NO_LIMIT,
    activations: options.Limits = options.NO_LIMIT,
    batch_size: options.BatchSize = 64,
    data_seed: options.DataSeed = 0,
    dtype: options.Dtype = "float32",
    device: options.Device = "cpu",
    bootstrap: Annotated[str, typer.Option(help="Intervals: exact, or the paper's monte-carlo.")] = "exact",
    round_limit: Annotated[int, typer.Option(help="Give up after so many rounds.")] = 100,
    as_json: options.Json = False,
) -> None:
    """Uncover what a predictor prefers: narrow a design space round after round."""
    from netlore.console import reporter
    from netlore.runs import refining, showing
    from netlore.runs.configuration import RefineConfiguration

    configuration = _checked(RefineConfiguration, locals())
    folder = out or Path("runs") / f"{predictor}-{Path(data).stem}"
    with reporter() as told:

        def progress(one: int, number: int, done: int, total: int) -> None:
            told(f"seed {one}, round {number}" if replicates > 1 else f"round {number}", done, total)

        run = refining.refine_run(configuration, folder, replicates, workers, progress)
    _print_json(run.document()) if as_json else showing.show_refinement(run)
    _finish(run.failed)


@app.command()
def score(
    predictors: options.Predictors = ["all"],  # noqa: B006
    data: options.Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw.")] = 100,
    architectures: Annotated[
        list[str], typer.Option("--architecture", help="Score this, by name or JSON, instead; may be repeated.")
    ] = [],  # noqa: B006
    module: Annotated[
        str | None, typer.Option(help="Score this torch module, package.module:attribute, instead.")
    ] = None,
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    out: Annotated[Path, typer.Option(help="Output folder; a module's scores are only printed.")] = _SAMPLE,
    space: options.Space = "anynet",
    flops: options.Flops = (10e6, 50e6),
    params: options.Limits = options.NO_LIMIT,
    activations: options.Limits = options.NO_LIMIT,
    batch_size: options.BatchSize = 64,
    data_seed: options.DataSeed = 0,
    dtype: options.Dtype = "float32",
    device: options.Device = "cpu",
    chunk_size: Annotated[int, typer.Option(help="Evaluate at most so many images at a time; 0: all.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Score and write nothing; show passes, and the time it would take.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Score a sample of a design space, named architectures, or any torch module."""
    from netlore.console import reporter
    from netlore.runs import forecasting, scoring, showing, showing_speed
    from netlore.runs.configuration import ScoreConfiguration

    configuration = _checked(ScoreConfiguration, locals())
    if module is not None and architectures:
        raise typer.BadParameter("--module and --architecture exclude each other; give one of them.")
    if dry_run:
        with reporter() as told, keeping_nothing():
            found = forecasting.forecast(module, configuration, out, workers, partial(told, "measured"))
        _print_json(found.document()) if as_json else showing_speed.show_forecast(found)
        return
    if module is not None:
        scores = scoring.score_module(module, configuration)
        document = {"module": module, "scores": {name: vars(found) for name, found in scores.items()}}
        _print_json(document) if as_json else showing.show_module_scores(module, scores)
        _finish(sum(found.status != "ok" for found in scores.values()))
        return
    with reporter() as told:
        run = scoring.score_run(configuration, out, workers, lambda done, total: told("scores", done, total))
    _print_json(run.document()) if as_json else showing.show_scores(run)
    _finish(run.failed)


@app.command()
def bench(
    predictors: options.Predictors = ["all"],  # noqa: B006
    data: options.Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw.")] = 20,
    seed: options.Seed = 0,
    workers: Annotated[int, typer.Option(min=1, help="Processes, each on one core.")] = 1,
    flops: options.Flops = (10e6, 50e6),
    batch_size: options.BatchSize = 64,
    dtype: options.Dtype = "float32",
    device: options.Device = "cpu",
    as_json: options.Json = False,
) -> None:
    """Measure how fast this machine scores: by each predictor alone, and by all together."""
    from netlore.console import reporter
    from netlore.runs import showing_speed
    from netlore.runs.benchmarking import bench_run
    from netlore.runs.configuration import BenchConfiguration

    configuration = _checked(BenchConfiguration, locals())
    with reporter() as told, keeping_nothing():
        found = bench_run(configuration, workers, told)
    _print_json(found.document()) if as_json else showing_speed.show_benchmark(found)
    _finish(len(found.failures))


@app.command()
def report(run: options.Run, as_json: options.Json = False) -> None:
    """Write a refinement's report again, from its scores."""
    from netlore.runs import refining, showing

    made = refining.report_run(run)
    _print_json(made.document()) if as_json else showing.show_refinement(made)


@app.command()
def export(
    run: options.Run,
    form: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    as_json: options.Json = False,
) -> None:
    """Write a run's scores as CSV or Parquet files."""
    from netlore.runs import showing
    from netlore.runs.exporting import export_run

    files = export_run(run, form)
    _print_json({"files": [str(path) for path in files]}) if as_json else showing.show_files(files)


@app.command()
def show(
    architecture: Annotated[
        str, typer.Argument(help="A name of `netlore list architectures`, JSON, or a .json file.")
    ],
    classes: Annotated[
        int | None, typer.Option(min=1, help="Classes; by default those it was searched for.")
    ] = None,
    resolution: Annotated[int, typer.Option(min=1, help="Side of the square input images, in pixels.")] = 32,
    as_json: options.Json = False,
) -> None:
    """Show an architecture: its layers, FLOPs, parameters and activations."""
    from netlore.runs import showing
    from netlore.space.catalogue import natural_classes, parse

    found = parse(architecture)
    num_classes = natural_classes(architecture) if classes is None else classes
    if as_json:
        _print_json(showing.architecture_document(found, num_classes, resolution))
    else:
        showing.show_architecture(found, num_classes, resolution)


@app.command("list")
def list_names(
    what: Annotated[str, typer.Argument(help="predictors, families, spaces, data or architectures.")],
    as_json: options.Json = False,
) -> None:
    """List what can be named."""
    from netlore.runs import showing

    _print_json(showing.listed(what)) if as_json else showing.show_list(what)


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


def _finish(failed: int) -> None:
    if failed:
        raise typer.Exit(3)


def _checked(kind: type[C], given: dict[str, Any]) -> C:
    """The configuration that a command's options make; what one of them does not know is left out."""
    from netlore.runs.configuration import checked

    known = {name: given[name] for name in kind.model_fields if name in given}
    return checked(kind, {name: None if value == options.NO_LIMIT else value for name, value in known.items()})


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, allow_nan=False))
