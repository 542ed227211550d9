"""`netlore design`: from images and a budget to a plan of what is done: everything that is chosen, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netlore.arguments import validated
from netlore.data import Reading
from netlore.data.overview import DataOverview, overview
from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration, short_name
from netlore.experiments.design_config import (
    COMMAND,
    FINALIST,
    PREDICTOR,
    REFINEMENT,
    TRAINING,
    DesignConfiguration,
)
from netlore.experiments.device_tables import device_table
from netlore.experiments.study.config import Part, StudyPlan
from netlore.experiments.study.train_config import TrainPart, TrainTable
from netlore.refinement.methods import MEMORY
from netlore.space.budget import Range
from netlore.space.design_space import DesignSpace
from netlore.space.families.anynet import STAGES
from netlore.space.families.resnet import resnet
from netlore.storage.documents import checked
from netlore.training.batches import steps_an_epoch
from netlore.training.recipe import Recipe, recipe

WHY_PREDICTOR = (
    "of the paper's seven it has the network with the lowest error in the paper's own space "
    "(docs/reproduction.md) and ranks trained cells second best on all three data sets of docs/validation.md, "
    "though those of about equal FLOPs are ranked better by jacov and logdet"
)
DEPTHS, WIDTHS = (1, 4), (8, 16, 32)
"""The part of `resnet` whose networks learn in a few thousand steps: blocks of each stage, and least channels."""
SHARES = (1, 2, 4, 8)
"""By which least channels are divided, one after the other, until enough networks are within the budget."""
ENOUGH = 250
"""Networks that a part has at least, if any part does."""
NARROWEST, LARGEST = 8, 256
"""The fewest and the most channels of a stage of that space."""
FLOPS = (0.0, 50e6)
"""The budget if nothing is said: up to what the paper's networks have."""
SIDES = (64, 32, 128, 224)
"""Pixels. Up to the first, images are shown to networks of CIFAR's kind. Pictures that are no squares of one size,
which is at most the last, are scaled to a side from the second to the third."""
STEPS = 2_500
"""Training steps at least: fewer epochs of few images teach little."""
MOST_EPOCHS = 100
FEW = 3_200
"""Training images from which on batches are those of the recipe; of fewer, half as large."""
HELD_OUT_IMAGES = 0.2
"""Of the images to learn from, the share by which finalists are judged."""
MOST_FLOPS = 100e6
"""In a millisecond, by one thread of any processor of our day."""


@dataclass(frozen=True)
class Design:
    """What is done for what is asked.

    Attributes:
        asked: What was asked for.
        found: What the data hold.
        reading: How they are read.
        shared: Settings of the refinement but for limits of latency and tables.
        recipe: By which the chosen network is trained, with what is changed of it.
        rehearsal: By which finalists are, so that one is chosen; None: there are none.
        reasons: What was found and chosen, as sentences.
        notes: What one should know of the data, as sentences.
    """

    asked: DesignConfiguration
    found: DataOverview
    reading: Reading
    shared: dict[str, Any]
    recipe: TrainTable
    rehearsal: TrainTable | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def needs_table(self) -> bool:
        """Whether latency is limited, and no table of a device is given that predicts it."""
        tables = map(device_table, self.asked.device_tables)
        return self.asked.latency is not None and all(one.measure != "latency" for one in tables)

    def before_latency(self) -> RefineConfiguration:
        """The refinement without limits of latency, whose networks a table is made of.

        Those that certainly take too long are left out: to measure them would take hours.
        """
        most = math.inf if self.asked.latency is None else MOST_FLOPS * self.asked.latency[1]
        low, high = self.shared["flops"] or (0.0, math.inf)
        limits = None if min(high, most) == math.inf else (low, max(low, min(high, most)))
        return checked(RefineConfiguration, self.shared | {"flops": limits})

    def plan(self, table: Path | None = None) -> StudyPlan:
        """The refinement and the training as a study; a table of this machine where it `needs_table`."""
        asked = self.asked
        limits = dict(asked.budget or {}) | ({} if asked.latency is None else {"latency": asked.latency})
        if self.needs_table and table is None:
            limits.pop("latency")
        tables = (*asked.device_tables, *([] if table is None else [str(table)]))
        more = {"budget": limits or None, "device_tables": tables}
        refinement = checked(RefineConfiguration, self.shared | more)
        trained = [(f"{FINALIST}-{number}", self.rehearsal) for number in range(1, asked.finalists + 1)]
        trainings = tuple(
            TrainPart(name, name, None, REFINEMENT, asked.data, how, asked.seed, asked.device, self.reading)
            for name, how in (*trained, (TRAINING, self.recipe))
            if how is not None
        )
        title = f"A network for {short_name(asked.data)}"
        return StudyPlan(title, COMMAND, (Part(REFINEMENT, refinement),), trainings)


@validated
def planned_design(asked: DesignConfiguration) -> Design:
    """Look at the data, and choose what is not asked for; nothing is scored.

    Raises:
        InvalidInput: The data or the recipe cannot be used as it is asked.
        UnreadableData: Pictures cannot be read.
    """
    if asked.latency is not None and not 0 <= asked.latency[0] <= asked.latency[1]:
        low, high = asked.latency
        raise InvalidInput(f"the budget latency = {low:g} to {high:g} is empty; give 0 <= low <= high.")
    found = overview(asked.data, asked.validation, **asked.reading.given())
    reading, side, why_side = _reading(asked.reading, found)
    space = asked.space or (resnet().family if side <= SIDES[0] else "anynet-imagenet")
    flops = asked.flops
    unlimited = all(one is None for one in (flops, asked.params, asked.activations, asked.latency, asked.budget))
    if unlimited:
        flops = FLOPS
    table, why_epochs = _training(asked, found)
    rehearsal, why_finalists = _rehearsal(asked, found, table)
    kept, why_kept = _part(asked, space, len(found.counts), side, flops)
    shared = {
        **asked.model_dump(include={"data", "predictor", "networks", "round_limit", "seed", "device"}),
        **asked.model_dump(
            include={"space_options", "restrict", "params", "activations", "budget", "device_tables"}
        ),
        **reading.given(),
        "space": space,
        "restrict": kept,
        "flops": flops,
        "method": MEMORY.name,
        "batch_size": min(RefineConfiguration.model_fields["batch_size"].default, found.training),
    }
    reasons = [found.sentence, why_side]
    if asked.space is None:
        reasons.append(f"Design space {space}, whose networks are made for images of {_kind(side)}.{why_kept}")
    if unlimited:
        reasons.append("No budget is given, so it is at most 50M FLOPs, as the paper's.")
    why = WHY_PREDICTOR if asked.predictor == PREDICTOR else "as asked"
    reasons += [f"Predictor {asked.predictor}: {why}.", why_finalists, why_epochs]
    said, notes = tuple(filter(None, reasons)), tuple(found.notes)
    return Design(asked, found, reading, shared, table, rehearsal, said, notes)


def _reading(given: Reading, found: DataOverview) -> tuple[Reading, int, str]:
    """How pictures are read, the side that they have then, and why."""
    if given.side is not None:
        return given, given.side, f"Pictures are read at {given.side} x {given.side} pixels, as asked."
    square = found.square
    if found.made or (square is not None and square <= SIDES[3]):
        side = square or found.sizes[0][0]
        return given, side, ""
    side = max(SIDES[1], min(SIDES[2], found.shorter // 32 * 32))
    values = {name: getattr(given, name) for name in ("skip_bad", "image_column", "label_column")}
    why = (
        f"Pictures are scaled and cut to {side} x {side} pixels, since they differ or are large; another side is "
        "asked for by --resize."
    )
    return Reading(resize=side, **values), side, why


def _part(
    asked: DesignConfiguration, space: str, classes: int, side: int, flops: Range | None
) -> tuple[dict[str, Any], str]:
    """The part of the space that is refined, and the words for it: all of it where it has none of the budget."""
    if asked.restrict or asked.space is not None or space != resnet().family:
        return asked.restrict, ""
    *first, last = WIDTHS
    whole = resnet(classes, side, flops=flops, params=asked.params, activations=asked.activations)
    most, found, widths = 0, {}, ""
    for share in SHARES:
        least = [max(NARROWEST, low // share) for low in (*first, max(last, 2 ** (classes - 1).bit_length()))]
        kept: dict[str, Any] = {f"d{i}": DEPTHS for i in range(1, STAGES + 1)}
        kept |= {f"w{i}": (low, max(low, LARGEST)) for i, low in enumerate(least, 1)}
        size = _size(whole, kept)
        if size > most:
            most, found, widths = size, kept, f"{', '.join(map(str, least[:-1]))} and {least[-1]}"
        if most >= ENOUGH:
            break
    if not found:
        return {}, ""
    return found, (
        f" Of it the part with at most {DEPTHS[1]} blocks a stage and at least {widths} channels, whose networks "
        "learn in few steps (docs/design.md)."
    )


def _size(space: DesignSpace, kept: Mapping[str, Any]) -> int:
    """Networks of a part of the space within its budget."""
    with suppress(InvalidInput):  # a bound beyond the grid leaves none
        return space.restrict(kept).cardinality_within_budget
    return 0


def _kind(side: int) -> str:
    return f"at most {SIDES[0]} pixels" if side <= SIDES[0] else f"more than {SIDES[0]} pixels"


def _training(asked: DesignConfiguration, found: DataOverview) -> tuple[TrainTable, str]:
    """How the network is trained, and why so long."""
    own = recipe(asked.recipe)
    changes = dict(asked.changes)
    if "batch_size" not in changes and found.training < FEW:
        changes["batch_size"] = max(1, own.batch_size // 2)
    known = Recipe.changed(own, changes)
    steps = steps_an_epoch(found.training, known)
    epochs = asked.epochs or min(max(own.epochs, math.ceil(STEPS / steps)), max(MOST_EPOCHS, own.epochs))
    size = min(known.batch_size, found.training)
    why = f"Recipe {asked.recipe}, {epochs:,} epochs of {steps:,} steps of {size} images"
    if asked.epochs is None and epochs > own.epochs:
        why += f": more epochs than its {own.epochs}, as there are few images"
    return TrainTable(
        architectures=("picked",), validation=asked.validation, recipe=asked.recipe, epochs=epochs, set=changes
    ), f"{why}."


def _rehearsal(
    asked: DesignConfiguration, found: DataOverview, table: TrainTable
) -> tuple[TrainTable | None, str]:
    """How finalists are trained, and why."""
    if asked.finalists == 1 or sum(one > 1 for one in found.counts) < 2:
        return None, ""
    epochs = math.ceil((table.epochs or 1) / asked.finalists)
    changes = table.changes | {"held_out": HELD_OUT_IMAGES}
    why = (
        f"{asked.finalists} finalists, from shallow to deep, as a predictor does not know how long they learn: "
        f"each learns for {epochs:,} epoch{'s' if epochs > 1 else ''} from {1 - HELD_OUT_IMAGES:.0%} of the "
        "images, and the one with the lowest error on the others is trained."
    )
    return table.model_copy(update={"epochs": epochs, "changes": changes}), why
