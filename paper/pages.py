"""What the pages of docs that are made from results share: which runs, Markdown, and templates."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from netlore.errors import InvalidInput
from netlore.experiments.study.folders import expanded
from netlore.report.collect import find
from netlore.report.data import RefinementData, StudyData
from netlore.report.tables.table import NamedTable

PREDICTORS = ("grad_norm", "snip", "grasp", "synflow", "fisher", "jacov", "logdet")  # in the order of Table I
DATA = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
NO_VALUE = "\N{EN DASH}"
WIDTH = 118
"""Of the pages' lines."""


class Verdict(StrEnum):
    """What a claim's checks come to."""

    AGREES = "agrees"
    PARTLY = "agrees in part"
    DIFFERS = "differs"
    MISSING = "not computed"


class Check(NamedTuple):
    """One thing that can be compared: what, the paper's value, ours, what ours rests on; None: not computed."""

    what: str
    paper: str
    ours: str = Verdict.MISSING
    basis: str = NO_VALUE
    holds: bool | None = None


def gathered(folders: Sequence[Path]) -> tuple[StudyData, list[str]]:
    """What studies or runs found, and a sentence on each of their folders that holds nothing complete."""
    title, parts = expanded(folders)
    whole, left_out = StudyData(title or folders[0].name, (), (), {}, {}, {}), []
    for one in parts:
        try:
            part = find([one], whole.title)
        except InvalidInput as error:
            left_out.append(f"{one.name} is left out: {str(error).replace(str(one), one.name)}")
            continue
        whole = replace(
            whole,
            samples=whole.samples + part.samples,
            refinements=whole.refinements + part.refinements,
            made=tuple((dict(whole.made) | dict(part.made)).items()),
            trainings=whole.trainings + part.trainings,
        )
    return whole, left_out


def refinement(study: StudyData, data: str, predictor: str) -> RefinementData | None:
    """The refinement for a predictor on a data set; None if there is no such run."""
    return next((one for one in study.refined(data) if one.predictor == predictor), None)


def markdown(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A table in GitHub's Markdown."""
    cells = [columns, ["---"] * len(columns), *lines]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in cells)


def named(table: NamedTable) -> str:
    """A report's table in Markdown, without its caption."""
    return markdown(table.columns, table.texts.itertuples(index=False, name=None))


def listing(commands: Iterable[str]) -> str:
    """Commands as Markdown's code."""
    return "\n".join(f"    {one}" for one in commands)


def rendered(template: str, **values: Any) -> str:
    """A page from a template of this folder; paragraphs have lines of one width, all else is as it is."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {"table": markdown, "listing": listing, "named": named, "Verdict": Verdict}
    blocks = environment.get_template(template).render(**values).split("\n\n")
    return "\n\n".join(_filled(block.strip("\n")) for block in blocks if block.strip()) + "\n"


def _filled(block: str) -> str:
    if block.startswith(("#", "|", "    ", "!")):
        return block
    indent = "  " if block.startswith("- ") else ""
    # A command broken at a hyphen would no longer be one.
    return textwrap.fill(
        " ".join(block.split()), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
