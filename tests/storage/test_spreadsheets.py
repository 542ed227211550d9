from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from netlore.storage.spreadsheets import csv_text


@pytest.mark.parametrize("formula", ["=1+1", "+SUM(A1)", "-2+3", "@now", "\t=1", '=HYPERLINK("http://x")'])
def test_a_formula_is_shown_and_not_run(formula: str) -> None:
    frame = pd.DataFrame({formula: [formula, "x"]})
    read = pd.read_csv(io.StringIO(csv_text(frame)))
    assert read.columns.tolist() == [f"'{formula}"] and read.iloc[:, 0].tolist() == [f"'{formula}", "x"]


def test_numbers_stay_numbers() -> None:
    frame = pd.DataFrame({"a": ["-1.5", "+3", "-inf", "x-1", None], "b": [-1.5, np.nan, 1e-300, 3, 4]})
    assert csv_text(frame) == "a,b\n-1.5,-1.5\n+3,\n-inf,1e-300\nx-1,3.0\n,4.0\n"
    mixed = pd.DataFrame({"a": [-1, -0.5, "=1", None], "n": [2**63 + 1, -(2**70), None, 1]}, dtype=object)
    assert csv_text(mixed) == "a,n\n-1,9223372036854775809\n-0.5,-1180591620717411303424\n'=1,\n,1\n"


def test_a_table_keeps_columns_of_one_name_and_no_rows() -> None:
    frame = pd.DataFrame([["=a", 1], ["b", -2]], columns=["x", "x"])
    assert csv_text(frame) == "x,x\n'=a,1\nb,-2\n"
    assert csv_text(pd.DataFrame({"a": pd.Series(dtype=str), "b": pd.Series(dtype=int)})) == "a,b\n"
