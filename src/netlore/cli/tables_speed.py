"""What is printed about the time that scoring takes: forecasts and benchmarks."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from netlore.cli.console import show_table
from netlore.cli.tables import show_failures

if TYPE_CHECKING:
    from netlore.experiments.benchmark import Benchmark, Speed
    from netlore.experiments.estimate import Forecast

_UNITS = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def show_forecast(forecast: Forecast) -> None:
    """What each predictor adds, and the time that it would take."""
    rows = [[name, "\n".join(sentences) or "nothing"] for name, sentences in forecast.passes.items()]
    show_table("Passes for one network", ["predictor", "adds"], rows)
    print(forecast_sentence(forecast))


def forecast_sentence(forecast: Forecast) -> str:
    """How long it would take, for how much, and how that is known."""
    if forecast.seconds is None:
        return "It is one network; how long it takes shows when it is scored."
    if forecast.missing == 0:
        return f"Nothing is left to score of {_networks(forecast.networks)}: the folder holds it all."
    if forecast.missing < forecast.networks:
        what = f"the {forecast.missing} of {_networks(forecast.networks)} that the folder lacks"
    else:
        what = _networks(forecast.networks)
    workers = f"{forecast.workers} workers" if forecast.workers > 1 else "1 worker"
    if forecast.workers > forecast.cores:
        workers += f" that share {forecast.cores} {'cores' if forecast.cores > 1 else 'core'}"
    time = duration(forecast.seconds).capitalize()
    return f"{time} for {what} on {workers} (measured on {forecast.measured_on} of them)."


def duration(seconds: float) -> str:
    """A time in its two largest units, rounded to the smaller one: `about 2 min 10 s`, or `less than 1 s`."""
    if seconds < 1:
        return "less than 1 s"
    for (large, length), (small, short) in pairwise(_UNITS):
        # Rounded first, so that 59.7 s are a minute.
        whole = round(seconds / short)
        count, rest = divmod(whole, length // short)
        if count:
            return f"about {_counted(count, large)}" + (f" {_counted(rest, small)}" if rest else "")
    return f"about {round(seconds)} s"


def show_benchmark(benchmark: Benchmark) -> None:
    """The machine, then a row per way of scoring, then the scores that are missing."""
    found, asked = benchmark.surroundings(), benchmark.configuration
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    print(
        f"{found['machine']}, {found['capability']}, {found['cores_used']} of {found['cores']} cores; {versions}"
    )
    print(
        f"{_networks(benchmark.networks)}, {asked.batch_size} images of {asked.data}, {asked.dtype} on "
        f"{found['device']}, {found['workers']} {'workers' if found['workers'] > 1 else 'worker'}"
    )
    rows = [_row(name, speed) for name, speed in benchmark.alone.items()]
    columns = ["predictor", "networks a second", "median milliseconds a network"]
    show_table("Speed", columns, [*rows, _row("all together", benchmark.together)])
    show_failures(benchmark.failures, "`--json` counts them")


def _row(name: str, speed: Speed) -> list[object]:
    return [name, round(speed.networks_per_second, 1), round(speed.median_milliseconds, 1)]


def _networks(count: int) -> str:
    return f"{count:,} networks" if count > 1 else "1 network"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
