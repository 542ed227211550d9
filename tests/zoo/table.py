"""Prints docs/modules.md: what every predictor says of every module of the zoo.

usage: python -m tests.zoo.table > docs/modules.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.zoo.catalogue import PARTS, cases
from tests.zoo.scores import PREDICTORS, judged

PAGE = Path(__file__).parents[2] / "docs" / "modules.md"
_TEXT = Path(__file__).with_name("modules.md")


def recorded() -> dict[str, dict[str, tuple[str, str]]]:
    """The table of the page: marks and notes by module and predictor."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    notes = {found[1]: found[2] for line in lines if (found := re.fullmatch(r"(\d+)\. (.*)", line))}
    table = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(PREDICTORS) + 1 and cells[1][:1] in ("=", "-", "!") and not cells[1].startswith("--"):
            marks = [cell.partition(" ") for cell in cells[1:]]
            table[cells[0]] = {
                name: (mark, notes.get(number, ""))
                for name, (mark, _, number) in zip(PREDICTORS, marks, strict=True)
            }
    return table


def page(table: Mapping[str, Mapping[str, tuple[str, str]]]) -> str:
    """The page of such a table."""
    numbers: dict[str, int] = {}
    rows = []
    for name, found in table.items():
        cells = []
        for mark, note in found.values():
            number = numbers.setdefault(note, len(numbers) + 1) if note else ""
            cells.append(f"{mark} {number}".strip())
        rows.append(" | ".join([f"| {name}", *cells]) + " |")
    heading = "| " + " | ".join(["module", *PREDICTORS]) + " |\n|" + "---|" * (len(PREDICTORS) + 1)
    notes = "\n".join(f"{number}. {note}" for note, number in numbers.items())
    text = _TEXT.read_text(encoding="utf-8")
    return f"{text}\n{heading}\n" + "\n".join(rows) + f"\n\n## Notes\n\n{notes}\n"


if __name__ == "__main__":
    every = {case.name: judged(case) for part in PARTS for case in cases(part)}
    sys.stdout.write(page(every))
