"""What do a million networks, or ten, cost the process that drives a run: time, memory and disk?

    python benchmarks/scale.py [--networks 1000000] [--keep FOLDER]

A sample of the paper's space is scored by one predictor, with an executor that makes scores up where it stands, so
that all time and memory are the driver's: sampling, finding what is missing, jobs, and a transaction of the store
for each network. Then the run is resumed, with nothing to do; exported as an archive; and reported. Each step is a
process of its own; `VmHWM` is its highest resident memory (on Linux), libraries included, and `VmRSS` what it
starts with. Where other programs share the machine, look at the seconds of the processor. With `--keep` the folder
stays, and steps that are done there are left out.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

SEED_BITS = 63


class MadeUp:
    """An executor that gives each network an exponentially distributed score, without looking at it."""

    def run(self, setup: object, jobs: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Results at once."""
        from netlore.scoring.draws import network_seed
        from netlore.storage.score_table import Score

        for place, job in enumerate(jobs):
            share = (network_seed(1, job.network.architecture.id, job.network.draw) + 0.5) / 2**SEED_BITS
            yield place, [Score(-math.log(share), seconds=0.3) for _ in job.predictors]

    def close(self) -> None:
        """Nothing to release."""


def score(folder: Path, networks: int) -> None:
    """Score the sample, or find that nothing is left to do, as `netlore score` does, and print the summary."""
    from netlore.experiments.config import ScoreConfiguration
    from netlore.experiments.score import score_run

    asked = ScoreConfiguration(data="noise", batch_size=2, networks=networks, predictors=("synflow",))
    run = score_run(asked, folder, MadeUp())
    if run.document()["networks"] != networks:
        raise RuntimeError(f"{run.document()} is not the summary of {networks} networks")


def export(folder: Path, networks: int) -> None:
    """Write the archive."""
    from netlore.experiments.export import export_run

    export_run(folder, "archive", folder / "archive")


def report(folder: Path, networks: int) -> None:
    """Write the page."""
    from netlore.report.write import write_report

    write_report([folder], folder / "report")


STEPS: dict[str, Callable[[Path, int], None]] = {
    "score": score,
    "resume": score,
    "export": export,
    "report": report,
}


def memory(what: str) -> int:
    """Bytes of this process, by a name of `/proc/self/status`."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(what)).split()[1])


def measured(step: str, folder: Path, networks: int) -> dict[str, Any]:
    """Do a step in this process: its seconds and its memory."""
    import netlore.experiments.score
    import netlore.report.write  # noqa: F401  # what is imported anyway belongs to what a step starts with

    began, start, used = memory("VmRSS"), time.perf_counter(), time.process_time()
    STEPS[step](folder, networks)
    seconds = {"seconds": time.perf_counter() - start, "processor": time.process_time() - used}
    return {**seconds, "began": began, "most": memory("VmHWM")}


def in_a_process(step: str, folder: Path, networks: int) -> dict[str, Any]:
    """Do a step in a process of its own; what it gave in a folder where it is done already."""
    note = folder / f"{step}.json"
    if not note.is_file():
        command = [sys.executable, __file__, "--networks", str(networks), "--keep", str(folder), "--step", step]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        note.write_text(done.stdout.splitlines()[-1], encoding="utf-8")
    found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return found


def show(step: str, found: dict[str, Any], networks: int) -> None:
    """A line on a step."""
    each = 1e6 * found["processor"] / networks
    began, most = found["began"] / 1e6, found["most"] / 1e6
    print(
        f"{step:8}{found['seconds']:9.1f} s, {found['processor']:9.1f} s of the processor, "
        f"{each:7.1f} µs a network; "
        f"{most:6.0f} MB at most, {most - began:5.0f} MB beyond the start, "
        f"{1e6 * (most - began) / networks:5.0f} bytes a network",
        flush=True,
    )


def main() -> None:
    """Do every step, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(measured(options.step, options.keep, options.networks)))
        return
    print(f"{options.networks:,} networks; SQLite {sqlite3.sqlite_version}, {platform.machine()}", flush=True)
    folder = options.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for step in STEPS:
            show(step, in_a_process(step, folder, options.networks), options.networks)
        for name in ("scores.sqlite", "archive/archive.parquet", "report/report.html"):
            print(f"{name}: {(folder / name).stat().st_size / 1e6:,.1f} MB")
    finally:
        if options.keep is None:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
