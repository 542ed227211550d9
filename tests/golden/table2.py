"""Reads `table2.csv`, whose head says where its numbers come from."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple


class GoldenRow(NamedTuple):
    """A row of Table II: the architecture as its letters, and three exact integers."""

    name: str
    num_classes: int
    architecture: str
    flops: int
    params: int
    activations: int

    def __str__(self) -> str:
        return f"{self.name} for {self.num_classes} classes"


def _read() -> list[GoldenRow]:
    lines = (Path(__file__).parent / "table2.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [
        GoldenRow(
            row["name"],
            int(row["num_classes"]),
            row["architecture"],
            int(row["flops"]),
            int(row["params"]),
            int(row["activations"]),
        )
        for row in rows
    ]


TABLE2 = _read()
