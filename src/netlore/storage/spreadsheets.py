"""Tables as CSV, which spreadsheets open: what is shown there as text is not run as a formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(frame: pd.DataFrame) -> str:
    """A table as comma-separated values: numbers in full precision, nothing where there is no value.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, by which they show it as it
    is; numbers stay numbers, also if they are written as texts.
    """
    shown = frame.copy(deep=False)
    shown.columns = pd.Index([_shown(name) for name in frame.columns], dtype=object)
    for place, kind in enumerate(frame.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            shown.isetitem(place, np.asarray([*map(_shown, frame.iloc[:, place])], dtype=object))
    return str(shown.to_csv(index=False, lineterminator="\n"))


def _shown(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
