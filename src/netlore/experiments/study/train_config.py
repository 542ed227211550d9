"""Trainings of a study, as data: which networks, on which data, by which recipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from netlore.data.reading import AS_IT_IS, Reading
from netlore.errors import InvalidInput
from netlore.experiments.config import Replicates, short_name
from netlore.experiments.train_config import TrainConfiguration, changed_recipe, configured
from netlore.space.architecture import Architecture
from netlore.space.named import names, parse

PICKED = "picked"
"""Stands in a study for the networks that its refinements recommend."""


def several(value: Any) -> Any:
    """One name as a tuple, and names as a tuple of them."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


# One data set may be written without brackets.
Names = Annotated[tuple[str, ...], BeforeValidator(several), Field(min_length=1)]


class TrainTable(BaseModel):
    """Architectures that a study trains in one way.

    Attributes:
        architectures: Names of the catalogue, JSON documents or `.json` files; `picked` stands for a network from
            every refinement of the study, its first replicate's.
        data: Data sets to train on; None: each picked network on the data of its refinement, all others on each
            data set of the study.
        refined_on: Which refinements are picked from, by their data; None: all.
        validation: Data set to judge by, of the one data set; None: the one that belongs to it.
        recipe: A recipe's name or file.
        epochs: Instead of the recipe's; None: the recipe's.
        changes: Further values instead of the recipe's; `set` in a file.
        replicates: How many times over, with seeds that count up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    architectures: tuple[str, ...] = Field(min_length=1)
    data: Names | None = None
    refined_on: Names | None = None
    validation: str | None = None
    recipe: str = "quick"
    epochs: int | None = Field(default=None, ge=1)
    changes: dict[str, JsonValue] = Field(default={}, alias="set")
    replicates: Replicates = 1


@dataclass(frozen=True)
class TrainPart:
    """One training of a study, in a folder of its own as `netlore train` makes it.

    Attributes:
        what: What is trained, in words.
        architecture: What is trained; None: what a refinement recommends, which nobody knows before it is done.
        refinement: The part of the study that is picked from; None: the architecture is given.
    """

    name: str
    what: str
    architecture: Architecture | None
    refinement: str | None
    data: str
    table: TrainTable
    seed: int
    device: str
    reading: Reading = AS_IT_IS

    @property
    def seeds(self) -> range:
        """Seeds of the replicates."""
        return range(self.seed, self.seed + self.table.replicates)

    @property
    def images(self) -> tuple[str, str | None, float]:
        """Which images it learns from and is judged by: data, validation, and the share that is held out."""
        table = self.table
        recipe = changed_recipe(table.recipe, table.changes, table.epochs)
        return self.data, table.validation, recipe.held_out

    def configuration(self, architecture: Architecture) -> TrainConfiguration:
        """What to do if this is the architecture."""
        table, more = self.table, {"validation": self.table.validation, "seed": self.seed, "device": self.device}
        made = configured(
            architecture.to_json(),
            self.data,
            table.recipe,
            table.epochs,
            table.changes,
            **more,
            **self.reading.given(),
        )
        return made.model_copy(update={"architecture": self.what if self.what in names() else None})


def planned_trainings(
    tables: Sequence[TrainTable],
    refined: Mapping[str, str],
    data: Sequence[str],
    seed: int,
    device: str,
    reading: Reading = AS_IT_IS,
) -> tuple[TrainPart, ...]:
    """The trainings of a study, in the order of its tables; `refined` has a data set by a refinement's folder."""
    parts = []
    for table in tables:
        _check(table, refined)
        for text in table.architectures:
            found = _picked(table, refined) if text == PICKED else _given(text, table, data)
            parts += [TrainPart(*one, table, seed, device, reading) for one in found]
    for name, times in Counter(part.name for part in parts).items():
        if times > 1:
            raise InvalidInput(
                f"{times} trainings of one size would lie in the folder {name}; name an architecture once for a "
                "data set, and compare recipes in sizes of their own."
            )
    return tuple(parts)


def _check(table: TrainTable, refined: Mapping[str, str]) -> None:
    """Refuse what a table says of all its architectures, if it cannot be done."""
    changed_recipe(table.recipe, table.changes, table.epochs)
    data, known = table.data or (), list(dict.fromkeys(refined.values()))
    if table.validation is not None and len(data) != 1:
        raise InvalidInput(
            f"validation = {table.validation!r} belongs to one data set, but the table trains on "
            f"{len(data) or 'those of the study'}; name one as its data."
        )
    if PICKED in table.architectures and not refined:
        raise InvalidInput(
            "'picked' stands for what refinements recommend, but this size has no predictors to refine for; name "
            "architectures, or predictors."
        )
    for name in table.refined_on or ():
        if name not in known:
            choice = ", ".join(known) or "none"
            raise InvalidInput(f"refined_on = {name!r} is no data set that is refined on; choose from {choice}.")


_Found = tuple[str, str, Architecture | None, str | None, str]  # the first attributes of a part


def _picked(table: TrainTable, refined: Mapping[str, str]) -> Iterator[_Found]:
    for refinement, own in refined.items():
        if own in (table.refined_on or refined.values()):
            for data in table.data or (own,):
                name = f"train-{refinement}" + ("" if data == own else f"-on-{short_name(data)}")
                yield name, f"pick of {refinement}", None, refinement, data


def _given(text: str, table: TrainTable, data: Sequence[str]) -> Iterator[_Found]:
    architecture = parse(text)
    what = text if text in names() else architecture.id
    short = Path(text).stem if text.endswith(".json") else what.removeprefix("baseline/").replace("/", "-")
    for one in table.data or data:
        yield f"train-{short}-{short_name(one)}", what, architecture, None, one
