"""What the pages of docs that are made from results share: which runs, checks, Markdown, and templates."""

from __future__ import annotations

import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from netlore.errors import InvalidInput
from netlore.experiments.study.folders import expanded
from netlore.report.collect import find
from netlore.report.data import RefinementData, StudyData
from netlore.report.text.phrases import join

Entry = Mapping[str, Any]
PREDICTORS = ("grad_norm", "snip", "grasp", "synflow", "fisher", "jacov", "logdet")  # in the order of Table I
DATA = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
NO_VALUE = "\N{EN DASH}"


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


def parser(text: str | None, *places: str) -> ArgumentParser:
    """Of a command's line: its module's docstring, and paths that it needs."""
    made = ArgumentParser(description=text, formatter_class=RawDescriptionHelpFormatter)
    for place in places:
        made.add_argument(place, type=Path)
    return made


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
        joined = {n: getattr(whole, n) + getattr(part, n) for n in ("samples", "refinements", "trainings")}
        whole = replace(whole, made=tuple((dict(whole.made) | dict(part.made)).items()), **joined)
    return whole, left_out


def runs_of(study: StudyData) -> dict[tuple[str, str], RefinementData]:
    """The refinements that the paper has too, in its order, by data set and predictor."""
    found = {(one.data, one.predictor): one for one in reversed(study.refinements)}
    return {key: found[key] for key in product(DATA, PREDICTORS) if key in found}


def markdown(columns: Iterable[str], lines: Iterable[Sequence[object]]) -> str:
    """A table in GitHub's Markdown."""
    heads = [*columns]
    cells = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in cells)


def rendered(template: str, **values: Any) -> str:
    """A page from a template of this folder."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {"table": markdown, "DATA": DATA, "NO_VALUE": NO_VALUE}
    environment.filters["in_words"] = join
    return re.sub(r"\n{3,}", "\n\n", environment.get_template(template).render(**values).strip() + "\n")
