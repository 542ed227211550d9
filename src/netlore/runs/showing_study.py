"""What the commands of studies and analyses print on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from netlore.console import show_table
from netlore.report.sentences import duration
from netlore.runs.configuration import RefineConfiguration
from netlore.runs.reporting import Analysis
from netlore.runs.showing import show_files
from netlore.runs.studying import Forecast

_SHORT = 40  # rows; longer tables are written, not printed


def show_plan(title: str, size: str, parts: Sequence[Forecast], workers: int, stream: TextIO) -> None:
    """A row per part with the time that the rest of it may take."""
    rows: list[list[object]] = []
    for one in parts:
        configuration, replicates = one.part.configuration, one.part.replicates
        if isinstance(configuration, RefineConfiguration):
            what = f"{configuration.networks:,} networks a round" + (
                f", {replicates} seeds" if replicates > 1 else ""
            )
        else:
            what = f"{configuration.networks:,} networks, {len(one.predictors)} predictors"
        left = "done" if one.finished else duration(one.seconds)
        rows.append([one.part.name, what, f"{one.scored:,}", left])
    show_table(f"{title}, size {size}", ["part", "what", "networks scored", "time left"], rows, stream)
    total = sum(one.seconds for one in parts)
    print(
        f"About {duration(total)} of scoring with {workers} worker{'s' if workers != 1 else ''}, if a refinement "
        f"takes ten rounds and its networks cost as much as those of the initial space.",
        file=stream,
    )


def show_analysis(found: Analysis) -> None:
    """The sentences, the short tables, and the files."""
    for sentence in found.sentences:
        print(sentence)
    print()
    for table in found.tables:
        if len(table.frame) <= _SHORT:
            show_table(table.caption, table.printed.columns, table.printed.rows)
    show_files(found.files)
