"""`netlore design`: from a folder of images and a budget to a network that runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netlore.cli import options
from netlore.cli.console import print_json, reporter, show_table
from netlore.cli.executing import executable, executing
from netlore.cli.exit_codes import keeping_nothing
from netlore.cli.named_values import kept_of, limits_of, space_arguments
from netlore.cli.pictures import READING
from netlore.errors import visible
from netlore.space.budget import number
from netlore.storage.documents import checked
from netlore.training.recipe import settings

if TYPE_CHECKING:
    from netlore.design import DesignRun
    from netlore.experiments.design import Design
    from netlore.experiments.study.estimate import Rest


@executable
@options.having(READING)
def design(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A folder of images, a .parquet file, or a name of `netlore list data`."
        ),
    ],
    flops: options.Limits = options.NO_LIMIT,
    params: options.Limits = options.NO_LIMIT,
    activations: options.Limits = options.NO_LIMIT,
    latency: Annotated[
        tuple[float, float],
        typer.Option(
            parser=number,
            metavar="LOW HIGH",
            help="Milliseconds for an image, on this machine or by --device-table.",
        ),
    ] = options.NO_LIMIT,
    budget: options.Budget = [],  # noqa: B006
    device_tables: options.DeviceTables = [],  # noqa: B006
    validation: Annotated[
        str | None, typer.Option(help="Judge by this file or folder; by default by what belongs to the data.")
    ] = None,
    space: Annotated[
        str | None, typer.Option(help="Design space; chosen by the size of images if not given.")
    ] = None,
    space_options: options.SpaceOptions = [],  # noqa: B006
    restrict: options.Restrict = [],  # noqa: B006
    predictor: Annotated[
        str | None, typer.Option(help="By which networks are scored; synflow if not given.")
    ] = None,
    networks: Annotated[int | None, typer.Option(help="Networks to score in each round.")] = None,
    round_limit: Annotated[int, typer.Option(help="The most rounds.")] = 100,
    finalists: Annotated[
        int,
        typer.Option(help="Networks that learn for a while, before the best is trained; 1: only the picked one."),
    ] = 6,
    recipe: Annotated[str, typer.Option(help="paper, quick, small, smoke, or a .toml file.")] = "quick",
    epochs: Annotated[int | None, typer.Option(min=1, help="Chosen by the number of images if not given.")] = None,
    changes: Annotated[
        list[str], typer.Option("--set", help="KEY=VALUE, instead of the recipe's; may be repeated.")
    ] = [],  # noqa: B006
    seed: options.Seed = 0,
    workers: options.Workers = 1,
    device: options.Device = "cpu",
    runtime: Annotated[
        str, typer.Option(help="What runs networks for latency: onnxruntime or torch.")
    ] = "onnxruntime",
    threads: Annotated[int, typer.Option(min=1, max=1024, help="That the runtime may use.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Output folder; runs/design-DATA if not given.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done, and the time it would take.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """From images and a budget to a trained network as a file: look, score, pick, train, export, measure."""
    from netlore.design import forecast_design, run_design
    from netlore.experiments.config import short_name
    from netlore.experiments.design import planned_design
    from netlore.experiments.design_config import DesignConfiguration

    given = {name: value for name, value in context.params.items() if name in DesignConfiguration.model_fields}
    given |= {"changes": settings(changes), "budget": limits_of(budget) or None}
    given |= {"space_options": space_arguments(space_options), "restrict": kept_of(restrict)}
    limits = ("flops", "params", "activations", "latency")
    given |= {name: None if given[name] == options.NO_LIMIT else given[name] for name in limits}
    asked = checked(DesignConfiguration, {name: one for name, one in given.items() if one is not None})
    folder = out or Path("runs") / f"design-{short_name(data)}"
    with keeping_nothing():
        chosen = planned_design(asked)
    for text in (*chosen.reasons, *chosen.notes):
        print(visible(text), file=sys.stderr if as_json else sys.stdout, flush=True)
    if dry_run:
        with reporter() as progress, keeping_nothing():
            rest = forecast_design(chosen, folder, workers, progress)
        print_json(_forecast(chosen, rest)) if as_json else _show_forecast(chosen, rest)
        return
    with reporter() as progress, executing(context) as running:
        made = run_design(chosen, folder, running, progress)
    print_json(made.document()) if as_json else _show(made)


def _forecast(chosen: Design, rest: list[Rest]) -> dict[str, Any]:
    return {
        "choices": [*chosen.reasons],
        "notes": [*chosen.notes],
        "makes_latency_table": chosen.needs_table,
        "parts": [one.document() for one in rest],
        "seconds": sum(one.seconds for one in rest),
    }


def _show_forecast(chosen: Design, rest: list[Rest]) -> None:
    from netlore.cli.tables_of_time import rest_rows
    from netlore.report.text.phrases import duration

    show_table("What is left to do", rest_rows(rest))
    minutes = " and some minutes for a table of this machine" if chosen.needs_table else ""
    total = duration(sum(one.seconds for one in rest))
    print(
        f"About {total}{minutes}, if refinement takes 20 rounds and the picked network costs as much as the "
        "median one of the initial space."
    )


def _show(made: DesignRun) -> None:
    from netlore.cli.tables import show_files
    from netlore.report.design.tables import costs

    record, table = made.data.record, costs(made.data)
    show_table(f"{made.data.architecture.id}: {made.data.architecture}", table.texts)
    print(
        f"Error {record.error:.2f} % of {made.data.trained.facts.validation_images:,} validation images, balanced "
        f"{record.balanced_error:.2f} %, always the most frequent class {record.majority_error:.2f} %."
    )
    show_files(made.files)
