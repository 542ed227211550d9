"""Tables of benchmarks, which are not part of this repository."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[3] / "../shared/data/nas"


def table(name: str) -> pd.DataFrame:
    """A table of that folder, in which strings of digits stay strings; without it, the test is skipped."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"../shared/data/nas/{name} is not there")
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype={"arch": str})
