"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[str, typer.Option(help="Data set: a name of `netlore list data`, a .parquet file, or a folder.")]
Predictors = Annotated[list[str], typer.Option("--predictor", help="A predictor, or `all`; may be repeated.")]
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

NO_LIMIT = (0.0, float("inf"))
