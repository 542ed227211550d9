"""A table with a name: what every table of a report is before it becomes a file or a part of a page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from netlore.report.numbers import comparisons, number_text

NO_VALUE = "\N{EN DASH}"
DATA, PREDICTOR, SEED, RATE = "Data set", "Predictor", "Seed", "Learning rate"


@dataclass(frozen=True, eq=False)
class NamedTable:
    """A table of a report.

    Attributes:
        name: Unique among the tables of a report, and safe as a part of a file name.
        caption: What the table shows, as a sentence.
        frame: Strings and numbers, None where there is no value, under readable column names. Whole numbers are
            exact, however large.
    """

    name: str
    caption: str
    frame: pd.DataFrame

    @property
    def columns(self) -> list[str]:
        """The headings."""
        return [str(name) for name in self.frame]

    @property
    def texts(self) -> pd.DataFrame:
        """The table for a reader: numbers rounded alike in a column, long ones with separators."""
        return pd.DataFrame(
            {name: column_texts(name, self.frame[name].tolist()) for name in self.columns}, dtype=object
        )

    @property
    def html(self) -> str:
        """A `<table>` element whose texts are escaped and whose headings have scopes."""
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "\n".join(
            f'<tr><th scope="row">{html.escape(first)}</th>'
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self.texts.itertuples(index=False, name=None)
        )
        return (
            f"<table>\n<caption>{html.escape(self.caption)}</caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        )


def named_table(name: str, caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> NamedTable:
    """Make a table of rows that are as long as the columns."""
    values = [[plain(value) for value in row] for row in rows]
    # dtype=object: a column of integers stays one where a value is missing, and beyond 64 bits.
    return NamedTable(name, caption, pd.DataFrame(values, columns=list(columns), dtype=object))


def plain(value: Any) -> Any:
    """Turn numpy's numbers into Python's, and what is not finite into None.

    >>> plain(np.int64(3)), plain(np.float64("nan")), plain("d1")
    (3, None, 'd1')
    """
    found = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(found, float) and not np.isfinite(found) else found


def column_texts(name: str, values: list[object]) -> list[str]:
    """Give the texts of a column.

    >>> column_texts("tau", [0.51234, -0.00001, None]), column_texts("n", [1200])
    (['0.512', '0.000', '–'], ['1,200'])
    >>> column_texts("Error, %", [7.1, 30.64]), column_texts("p", [0.04, 1e-5]), column_texts(RATE, [0.025, 1e-5])
    (['7.10', '30.64'], ['0.040', '< 0.001'], ['0.025', '1 × 10⁻⁵'])
    """
    numbers = [value for value in values if isinstance(value, float)]
    shares = all(abs(number) <= 1 for number in numbers)
    return [_text(name, value, shares) for value in values]


def _text(name: str, value: object, share: bool) -> str:
    if value is None:
        return NO_VALUE
    if isinstance(value, int):
        return str(value) if name == SEED else f"{value:,}"
    if isinstance(value, float):
        return _float_text(name, value, share)
    return comparisons(str(value))


def _float_text(name: str, value: float, share: bool) -> str:
    if name.endswith("%"):
        return f"{value:.2f}"
    if name == "p" and value < 0.0005:
        return "< 0.001"
    # A learning rate below 0.0005 is not 0.
    return f"{round(value, 3) + 0.0:.3f}" if share and name != RATE else number_text(value)
