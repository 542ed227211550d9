"""`netlore latency`: how long networks take on this machine, and a table that predicts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from netlore.cli import options
from netlore.cli.console import print_json, reporter, show_table
from netlore.cli.exit_codes import keeping_nothing
from netlore.cli.spaces import space_of
from netlore.errors import InvalidInput
from netlore.space.named import natural_classes, parse

if TYPE_CHECKING:
    from netlore.latency.tables import TableRun
    from netlore.space.design_space import DesignSpace

ROUNDS_OF_NETWORKS, ROUNDS_OF_TABLES = 20, 24


@options.having(options.SPACE)
def latency(
    context: typer.Context,
    architectures: Annotated[
        list[str] | None,
        typer.Argument(help="Names of `netlore list architectures`, strings of benchmarks, JSON."),
    ] = None,
    runtime: Annotated[str, typer.Option(help="What runs networks: onnxruntime or torch.")] = "onnxruntime",
    threads: Annotated[int, typer.Option(min=1, max=1024, help="That the runtime may use.")] = 1,
    batch: Annotated[int, typer.Option(min=1, max=4096, help="Images in a pass.")] = 1,
    classes: Annotated[int | None, typer.Option(min=1, help="Classes; the network's or space's own.")] = None,
    resolution: Annotated[
        int | None, typer.Option(min=1, help="Side of the square images, in pixels; 32, or the space's own.")
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="Of six runs of each network, in turns; 20, for a table 24."),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            help="Make a table that predicts networks of the space in this file, and say how well it does."
        ),
    ] = None,
    networks: Annotated[int, typer.Option(help="That a table is made of.")] = 100,
    held_out: Annotated[int, typer.Option(help="Further ones, that a table is judged by.")] = 50,
    seed: Annotated[int, typer.Option(help="Decides which networks a table is made of.")] = 0,
    as_json: options.Json = False,
) -> None:
    """Measure how long networks take on this machine, or make a table that predicts it."""
    if bool(architectures) == (table is not None):
        raise InvalidInput("latency is of networks that are named, or of a --table of a space; give one of them.")
    how: dict[str, Any] = {"runtime": runtime, "threads": threads, "batch": batch}
    if table is None:
        _refuse_what_is_of_tables(context)
        how |= {"resolution": resolution or 32}
        tables = context.params["device_tables"]
        rows = _measured(architectures or [], classes, how, rounds or ROUNDS_OF_NETWORKS, tables)
        print_json(rows) if as_json else _show(rows, runtime, threads)
        return
    how |= {"networks": networks, "held_out": held_out, "rounds": rounds or ROUNDS_OF_TABLES, "seed": seed}
    made = _made(space_of(context.params, classes, resolution), table, how)
    print_json(document(made, table)) if as_json else _show_table(made, table)


def _refuse_what_is_of_tables(context: typer.Context) -> None:
    for name in (*options.SPACE, "networks", "held_out", "seed"):
        if name != "device_tables" and options.is_given(context, name):
            option = name.removesuffix("s").replace("_", "-") if "_" in name else name
            raise InvalidInput(
                f"--{option} chooses networks of a table; name its file by --table, or leave it out."
            )


def _measured(
    texts: Sequence[str], classes: int | None, how: Mapping[str, Any], rounds: int, tables: Sequence[str]
) -> list[dict[str, Any]]:
    """A row for each network: milliseconds, and what tables predict."""
    from netlore.experiments.device_tables import use_device_table
    from netlore.latency.timing import Setting, latencies
    from netlore.space.complexity import complexity

    names = [use_device_table(one).measure for one in tables]
    networks = [
        (parse(text), Setting(num_classes=natural_classes(text) if classes is None else classes, **how))
        for text in texts
    ]
    predicted = [complexity(one, how.num_classes, how.resolution, measures=names).others for one, how in networks]
    with reporter() as progress, keeping_nothing():
        found = latencies(networks, rounds, partial(progress, "measured", unit="rounds"))
    return [
        {
            "architecture": str(one),
            "median_ms": latency.milliseconds.value,
            "low_ms": latency.milliseconds.low,
            "high_ms": latency.milliseconds.high,
            "least_ms": latency.least,
            "runs": latency.milliseconds.n,
            **{f"predicted_{name}": values[name] for name in names},
        }
        for (one, _), latency, values in zip(networks, found, predicted, strict=True)
    ]


def _made(space: DesignSpace, file: Path, how: Mapping[str, Any]) -> TableRun:
    """A table in its file; what is measured is kept in the cache, so that an interruption costs a round."""
    from netlore.data.sources.torchvision import cache_folder
    from netlore.latency.tables import latency_table
    from netlore.storage.atomic import make_folder
    from netlore.storage.device_tables import write_steps

    make_folder(file.parent)  # before minutes are spent
    with reporter() as progress:
        made = latency_table(space, **how, cache=cache_folder() / "latency", progress=progress)
    write_steps(file, made.table)
    return made


def document(made: TableRun, file: Path) -> dict[str, Any]:
    """How well a table predicts, as JSON-able values."""
    return {
        "table": str(file),
        "digest": made.table.digest,
        "device": dict(made.table.device),
        "held_out": len(made.measured),
        "within_20_percent": made.right,
        "median_error": float(np.median(made.errors)),
        "largest_error": float(made.errors.max()),
        "rank_correlation": made.rank_correlation,
        "rank_correlation_of_flops": made.rank_correlation_of_flops,
        "measured_ms": made.measured.tolist(),
        "predicted_ms": made.predicted.tolist(),
    }


def _show(rows: Sequence[Mapping[str, Any]], runtime: str, threads: int) -> None:
    words = {"median_ms": "median, ms", "low_ms": "from", "high_ms": "to", "least_ms": "least, ms"}
    show_table("Latency", [{words.get(name, name): value for name, value in row.items()} for row in rows])
    clock = "time of the processor" if threads == 1 else "time by the clock"
    print(
        f"{runtime}, {threads} thread{'s' if threads > 1 else ''}: median of all runs by the clock, with its 95 % "
        f"interval; and the shortest run, {clock}, which is what tables are made of."
    )


def _show_table(made: TableRun, file: Path) -> None:
    found, number = document(made, file), len(made.measured)
    print(f"{file}: {made.table.about}")
    print(
        f"Of {number} networks that it was not made of, {made.right} are predicted within 20 % of what was "
        f"measured; the median error is {found['median_error']:.1%}, the largest {found['largest_error']:.1%}."
    )
    print(
        f"Rank correlation with what was measured (Spearman): {made.rank_correlation:.3f} of predictions, "
        f"{made.rank_correlation_of_flops:.3f} of FLOPs."
    )
