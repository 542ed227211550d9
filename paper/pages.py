"""What the pages of docs that are made from results share: which runs, checks, Markdown, and templates."""

from __future__ import annotations

import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import product
from math import inf
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from netlore.errors import InvalidInput
from netlore.experiments.study.folders import expanded
from netlore.report.collect import find, made_together
from netlore.report.data import RefinementData, StudyData
from netlore.report.text.phrases import join

Entry = Mapping[str, Any]
PREDICTORS = ("grad_norm", "snip", "grasp", "synflow", "fisher", "jacov", "logdet")  # in the order of Table I
DATA = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}
NO_VALUE = "\N{EN DASH}"
Found = TypeVar("Found")


class Verdict(StrEnum):
    """What a claim's checks come to."""

    AGREES = "agrees"
    PARTLY = "agrees in part"
    UNDECIDED = "undecided"
    DIFFERS = "differs"
    MISSING = "not computed"


class Check(NamedTuple):
    """One thing that can be compared: what, the paper's value, ours, what ours rests on, and whether it holds.

    None: undecided, or not computed where there is no value of ours.
    """

    what: str
    paper: str
    ours: str = Verdict.MISSING
    basis: str = NO_VALUE
    holds: bool | None = None

    @property
    def computed(self) -> bool:
        """Whether there is a value of ours."""
        return self.ours != Verdict.MISSING

    @property
    def answer(self) -> str:
        """Whether it holds, in a word."""
        return {True: "yes", False: "no", None: Verdict.UNDECIDED}[self.holds] if self.computed else NO_VALUE


def within(low: float | None, high: float | None, least: float = -inf, below: float = inf) -> bool | None:
    """Whether a value is at least one limit and below another; None if its interval contains a limit.

    >>> within(0.3, 0.4, 0.2, 0.5), within(0.6, 0.7, 0.2, 0.5), within(0.15, 0.25, 0.2, 0.5), within(None, None, 0)
    (True, False, None, None)
    """
    if low is None or high is None:
        return None
    if least <= low and high < below:
        return True
    return False if high < least or low >= below else None


def interval_text(value: float | None, low: float | None, high: float | None, form: str = "+.3f") -> str:
    """A value with its interval, as far as there are any.

    >>> interval_text(0.5, 0.25, 0.75), interval_text(0.5, None, None, ".0%")
    ('+0.500 [+0.250, +0.750]', '50%')
    """
    if value is None:
        return NO_VALUE
    text = f"{value:{form}}"
    return text if low is None or high is None else f"{text} [{low:{form}}, {high:{form}}]"


def parser(text: str | None, *places: str) -> ArgumentParser:
    """Of a command's line: its module's docstring, and paths that it needs."""
    made = ArgumentParser(description=text, formatter_class=RawDescriptionHelpFormatter)
    for place in places:
        made.add_argument(place, type=Path)
    return made


def gathered(folders: Sequence[Path]) -> tuple[StudyData, list[str]]:
    """What studies or runs found, and a sentence on each of their folders that holds nothing complete.

    Of several samples or refinements by the same predictors on the same data, the first is taken.
    """
    title, parts = expanded(folders)
    whole, left_out = StudyData(title or folders[0].name, (), (), {}, {}, {}), []
    facts: list[tuple[str, str]] = []
    for one in parts:
        try:
            part = find([one], whole.title)
        except InvalidInput as error:
            left_out.append(f"{one.name} is left out: {str(error).replace(str(one), one.name)}")
            continue
        whole = replace(
            whole,
            samples=_first(
                whole.samples + part.samples, lambda sample: (sample.data, sample.budget, sample.predictors)
            ),
            refinements=_first(whole.refinements + part.refinements, lambda run: (run.data, run.predictor)),
            trainings=whole.trainings + part.trainings,
            classes={**whole.classes, **part.classes},
        )
        facts += part.made
    return replace(whole, made=made_together(facts)), left_out


def _first(found: Iterable[Found], key: Callable[[Found], Hashable]) -> tuple[Found, ...]:
    """Those that no other with the same key stands before."""
    kept: dict[Hashable, Found] = {}
    for one in found:
        kept.setdefault(key(one), one)
    return tuple(kept.values())


def runs_of(study: StudyData) -> dict[tuple[str, str], RefinementData]:
    """The refinements that the paper has too, in its order, by data set and predictor."""
    found = {(one.data, one.predictor): one for one in study.refinements}
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
