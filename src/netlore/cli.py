"""The command line: argument parsing only."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import typer

from netlore import __version__
from netlore.errors import InvalidInput, NetloreError
from netlore.executors.memory import keep_freed_memory

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

Data = Annotated[str, typer.Option(help="Data set: a name of `netlore list data`, a .parquet file, or a folder.")]
Space = Annotated[str, typer.Option(help="Design space: a name of `netlore list spaces`.")]
Flops = Annotated[tuple[float, float], typer.Option(help="Budget in multiply-adds; `0 inf` for none.")]
Limits = Annotated[tuple[float, float], typer.Option(help="A further budget; `0 inf` for none.")]
Seed = Annotated[int, typer.Option(help="Decides architectures and initial weights.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes; results do not depend on it.")]
BatchSize = Annotated[int, typer.Option(help="Images in the batch.")]
DataSeed = Annotated[int, typer.Option(help="Decides which images.")]
Dtype = Annotated[str, typer.Option(help="Precision: float32 or float64.")]
Device = Annotated[str, typer.Option(help="Where to compute: cpu or cuda.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")]
Run = Annotated[Path, typer.Argument(help="A run's folder.")]

_INTERRUPTED = 130  # what typer makes of a KeyboardInterrupt
_NO_LIMIT = (0.0, float("inf"))
_SAMPLE = Path("runs/sample")


@app.command()
def refine(
    predictor: Annotated[str, typer.Option(help="Whose principles to uncover.")] = "synflow",
    data: Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw in each round.")] = 500,
    seed: Seed = 0,
    replicates: Annotated[int, typer.Option(help="Independent refinements, with seeds that count up.")] = 1,
    workers: Workers = 1,
    out: Annotated[Path | None, typer.Option(help="Output folder; runs/PREDICTOR-DATA if not given.")] = None,
    space: Space = "anynet",
    flops: Flops = (10e6, 50e6),
    params: Limits = _NO_LIMIT,
    activations: Limits = _NO_LIMIT,
    batch_size: BatchSize = 64,
    data_seed: DataSeed = 0,
    dtype: Dtype = "float32",
    device: Device = "cpu",
    bootstrap: Annotated[str, typer.Option(help="Intervals: exact, or the paper's monte-carlo.")] = "exact",
    round_limit: Annotated[int, typer.Option(help="Give up after so many rounds.")] = 100,
    as_json: Json = False,
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
    predictors: Annotated[
        list[str], typer.Option("--predictor", help="A predictor, or `all`; may be repeated.")
    ] = ["all"],  # noqa: B006
    data: Data = "cifar10",
    networks: Annotated[int, typer.Option(help="Architectures to draw.")] = 100,
    architectures: Annotated[
        list[str], typer.Option("--architecture", help="Score this, by name or JSON, instead; may be repeated.")
    ] = [],  # noqa: B006
    module: Annotated[
        str | None, typer.Option(help="Score this torch module, package.module:attribute, instead.")
    ] = None,
    seed: Seed = 0,
    workers: Workers = 1,
    out: Annotated[Path, typer.Option(help="Output folder; a module's scores are only printed.")] = _SAMPLE,
    space: Space = "anynet",
    flops: Flops = (10e6, 50e6),
    params: Limits = _NO_LIMIT,
    activations: Limits = _NO_LIMIT,
    batch_size: BatchSize = 64,
    data_seed: DataSeed = 0,
    dtype: Dtype = "float32",
    device: Device = "cpu",
    as_json: Json = False,
) -> None:
    """Score a sample of a design space, named architectures, or any torch module."""
    from netlore.console import reporter
    from netlore.runs import scoring, showing
    from netlore.runs.configuration import ScoreConfiguration

    configuration = _checked(ScoreConfiguration, locals())
    if module is not None and architectures:
        raise typer.BadParameter("--module and --architecture exclude each other; give one of them.")
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
def report(run: Run, as_json: Json = False) -> None:
    """Write a refinement's report again, from its scores."""
    from netlore.runs import refining, showing

    made = refining.report_run(run)
    _print_json(made.document()) if as_json else showing.show_refinement(made)


@app.command()
def export(
    run: Run,
    form: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "csv",
    as_json: Json = False,
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
    as_json: Json = False,
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
    as_json: Json = False,
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
    # The base class of all complaints about arguments, whichever package typer takes it from.
    usage_error = cast("type[Exception]", typer.BadParameter.__bases__[0])
    try:
        code = app(arguments, prog_name="netlore", standalone_mode=False)
        if code == _INTERRUPTED:
            _complain("interrupted; everything so far is kept, and the same command goes on from there.")
    except InvalidInput as error:
        code = _complain(str(error), 2)
    except (NetloreError, OSError) as error:
        code = _complain(str(error), 1)
    except usage_error as error:
        message = str(error.format_message()) if hasattr(error, "format_message") else str(error)
        # Without a message the help was asked for, by giving no command, and is printed.
        code = _complain(f"{message.rstrip('.')}; see `netlore --help`.", 2) if message else 2
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str, code: int = 1) -> int:
    print("netlore: " + " ".join(message.split()), file=sys.stderr)
    return code


def _finish(failed: int) -> None:
    if failed:
        raise typer.Exit(3)


def _checked(kind: type[C], options: dict[str, Any]) -> C:
    """The configuration that a command's options make; those that it has no field for are left out."""
    from netlore.runs.configuration import checked

    return checked(
        kind, {name: None if options[name] == _NO_LIMIT else options[name] for name in kind.model_fields}
    )


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, allow_nan=False))
