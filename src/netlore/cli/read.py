"""Commands that read what others made: `analyze`, `report`, `export`, `show` and `list`.

What needs torch is imported in the functions, here and in all of `cli`, so that help and lists start at once.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from netlore.cli import listings, options
from netlore.cli.console import print_json, reporter, show_table
from netlore.errors import InvalidInput
from netlore.space.named import natural_classes, parse


def analyze(
    run: options.Run,
    out: Annotated[
        Path | None, typer.Option(help="Folder for page, figures and tables; the run's if not given.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Explain a run: correlations, distributions, trees, importance, and what repeats."""
    from netlore.cli import tables, tables_of_time
    from netlore.report.write import write_report

    tables_of_time.show_reading([run])
    with reporter() as progress:
        found = write_report([run], out, partial(progress, "figures", unit="figures"))
    print_json(found.document()) if as_json else tables.show_analysis(found)


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs, or of studies.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the report; the run's if there is one run.")] = None,
    as_json: options.Json = False,
) -> None:
    """Write the report of one run or of several together, from their scores."""
    from netlore.cli import tables, tables_of_time
    from netlore.cli.reliability import report_reliability
    from netlore.cli.validate import report_validation
    from netlore.experiments.record import command_of
    from netlore.experiments.refine import stored_run
    from netlore.experiments.study.folders import study_parts
    from netlore.report.write import write_report

    tables_of_time.show_reading(runs)
    with reporter() as progress:
        shown = partial(progress, "report", unit="figures")
        made = (
            report_validation(runs, out, shown)
            or report_reliability(runs, out, shown)
            or write_report(runs, out, shown)
        )
    if out is None and study_parts(runs[0]) is None and command_of(runs[0]) == "refine":
        run = stored_run(runs[0])
        run = replace(run, files=(*made.files, *run.files))
        print_json(run.document()) if as_json else tables.show_refinement(run)
    else:
        files = {"files": [str(path) for path in made.files]}
        print_json(files) if as_json else tables.show_files(made.files)


def export(
    run: options.Run,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="csv, parquet, archive; optuna, tensorboard; of a training also onnx, safetensors, python.",
        ),
    ] = "csv",
    out: Annotated[Path | None, typer.Option(help="Where to; the run's folder if not given.")] = None,
    seed: Annotated[int | None, typer.Option(help="Which replicate's network; the first if not given.")] = None,
    as_json: options.Json = False,
) -> None:
    """Write a run's scores as CSV, Parquet or an archive to report from; or a trained network to take away."""
    from netlore.cli import tables, tables_of_time
    from netlore.experiments.export import export_run

    tables_of_time.show_reading([run])
    files = export_run(run, form, out, seed)
    print_json({"files": [str(path) for path in files]}) if as_json else tables.show_files(files)


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
    found = parse(architecture)
    num_classes = natural_classes(architecture) if classes is None else classes
    if as_json:
        print_json(listings.architecture_document(found, num_classes, resolution))
    else:
        listings.show_architecture(found, num_classes, resolution)


def list_names(
    what: Annotated[
        str,
        typer.Argument(
            help="predictors, methods, families, spaces, measures, transforms, data, executors, recipes or "
            "architectures."
        ),
    ],
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure what predictors cost on this machine; it takes minutes.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """List what can be named."""
    if measure and what != "predictors":
        raise InvalidInput(f"--measure is for predictors, not for {what}; leave it out.")
    if measure:
        from netlore.experiments.costs import measured_costs

        with reporter() as progress:
            measured_costs(progress)
    rows = listings.listed(what)
    if as_json:
        print_json(rows)
        return
    if what == "predictors":
        costs = ("\N{EN DASH}" if (cost := row.get("cost")) is None else f"{cost:.2g}" for row in rows)
        pairs = zip(rows, costs, strict=True)
        show_table("Predictors", [{"name": r["name"], "cost": c, "summary": r["summary"]} for r, c in pairs])
        print(listings.ABOUT_PREDICTORS)
    else:
        show_table(what.capitalize(), rows)
