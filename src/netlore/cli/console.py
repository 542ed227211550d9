"""What the command line shows: progress on stderr, tables and JSON on stdout."""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

from netlore.errors import DataWarning, visible
from netlore.training.records import Remark

if TYPE_CHECKING:
    import pandas as pd

# Seconds between plain progress lines of one round.
_PLAIN_EVERY = 30.0
# Seconds after which a plain line says how long the rest takes, if that is longer than a minute.
_FIRST_WORD, _LONG = 5.0, 60.0
# Columns of a terminal from which on there is room for the speed.
_WIDE = 100


class _Speed(ProgressColumn):
    """Networks a second, or figures."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        unit = task.fields["unit"]
        return Text("" if speed is None else f"{speed:.1f} {unit}/s", style="progress.data.speed")


class _Bars:
    """A bar for each label."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, tuple[TaskID, int]] = {}

    def __call__(self, label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
        if label not in self._bars:
            # What the store held already is not speed: the bar starts there.
            self._bars[label] = (self._progress.add_task(label, total=total - done, unit=unit), done)
        if isinstance(note, Remark):
            self._progress.console.print(Text(visible(f"{label}: {note}")), soft_wrap=True)
            return
        bar, before = self._bars[label]
        description = f"{label}: {note}" if note else label
        self._progress.update(bar, completed=done - before, description=description)


class _Lines:
    """A line when something begins, soon after if it takes long, every half minute, and when it is done."""

    def __init__(self) -> None:
        self._label = ""
        self._start = self._last = 0.0
        self._before = 0
        self._said = False

    def __call__(self, label: str, done: int, total: int, unit: str = "networks", note: str = "") -> None:
        if isinstance(note, Remark):
            print(visible(f"{label}: {note}"), file=sys.stderr, flush=True)
            return
        now = time.monotonic()
        begins = label != self._label
        if begins:
            self._label, self._start, self._last, self._before = label, now, now, done
            self._said = False
        elapsed = now - self._start
        speed = (done - self._before) / elapsed if elapsed > 0 else 0.0
        left = (total - done) / speed if speed else 0.0
        is_first_word = not self._said and elapsed >= _FIRST_WORD and left > _LONG
        if not begins and done < total and now - self._last < _PLAIN_EVERY and not is_first_word:
            return
        self._last, self._said = now, not begins
        rest = f", {speed:.1f} {unit}/s" if speed else ""
        if left:
            rest += f", {left:.0f} s left"
        more = f"; {note}" if note else ""
        print(visible(f"{label}: {done} of {total} {unit}{rest}{more}"), file=sys.stderr, flush=True)


@contextmanager
def reporter() -> Iterator[_Bars | _Lines]:
    """A bar on a terminal, plain lines elsewhere; always on stderr."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        # On a narrow terminal the speed and most of the bar give way, never the times.
        *((_Speed(),) if console.width >= _WIDE else ()),
        TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7)),
        TimeRemainingColumn(table_column=Column(no_wrap=True, min_width=7)),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bars(progress)


def show_table(
    title: str, rows: pd.DataFrame | Sequence[Mapping[str, object]], stream: TextIO | None = None
) -> None:
    """Print rows of the same columns, on stdout if nothing else is named; numbers are aligned to the right."""
    import pandas as pd

    frame = pd.DataFrame(rows, dtype=object)  # integers among missing values stay what they are
    table = Table(title=Text(visible(title)), title_justify="left", header_style="bold")
    for position, name in enumerate(frame):
        values = frame.iloc[:, position]
        numeric = len(values) > 0 and all(isinstance(value, int | float) for value in values)
        table.add_column(str(name), justify="right" if numeric else "left", overflow="fold")
    for row in frame.itertuples(index=False, name=None):
        table.add_row(*(_text(cell) for cell in row))
    stream = stream or sys.stdout
    Console(file=stream, width=None if stream.isatty() else 160).print(table)


def _text(cell: object) -> Text:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return Text(visible(str(cell)))
    return Text(f"{cell:,}" if isinstance(cell, int) else f"{cell:.6g}")


@contextmanager
def noting() -> Iterator[None]:
    """Inside, what one should know about a data set is a line on stderr, once for a command."""
    said: set[str] = set()
    usual = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not issubclass(category, DataWarning):
            usual(message, category, filename, lineno, file, line)
        elif str(message) not in said:
            said.add(str(message))
            print(f"netlore: {visible(' '.join(str(message).split()))}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", DataWarning)
        warnings.showwarning = show
        yield


def print_json(document: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(document, indent=2, allow_nan=False))
