"""Refinements as records: each round is in the store the moment it is complete, and is read as it was written."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from netlore.analysis.bootstrap import Estimate, Shares
from netlore.errors import InvalidInput, shown
from netlore.refinement.loop import SearchSettings
from netlore.refinement.result import Refinement, Round, StopReason
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import is_category
from netlore.storage.documents import to_json
from netlore.storage.rounds import RefinementRecord, RoundRecord, ScoreReader
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreRow, ScoreTable

ASKED_SEED = "asked_seed"
"""Entry of a record's space: the seed that was asked for, if that of the draws is a hash of it."""


def stored_refinements(
    reader: ScoreReader, method: str | None = None, predictor: str | None = None
) -> tuple[Refinement, ...]:
    """The refinements that a store or an archive has recorded, by their seeds; of one method or predictor alone.

    Nothing is drawn, scored or fitted, and neither data set nor predictor is needed. One that is not finished has
    its complete rounds and is `unfinished`; without a complete round it is left out. A damaged record is refused.
    """
    chosen = [
        record
        for record in sorted(reader.refinements(), key=_asked_seed)
        if record.rounds and method in (None, record.method) and predictor in (None, record.predictor)
    ]
    return tuple(from_record(record, reader) for record in chosen)


def from_record(record: RefinementRecord, reader: ScoreReader) -> Refinement:
    """A refinement as it was recorded; its scores come from the reader. Errors as of `stored_refinements`."""
    space = DesignSpace.from_document(record.space)
    return Refinement(
        predictor=record.predictor,
        space=space,
        seed=_asked_seed(record),
        rounds=tuple(_round(one, space, record, reader) for one in record.rounds),
        stopped_because=record.stopped_because or StopReason.UNFINISHED,
        seconds=0.0,
        elites=record.elites,
    )


def to_record(method: str, settings: SearchSettings, found: Refinement | None = None) -> RefinementRecord:
    """What a store keeps of a refinement by the method of that name, as far as it is; None: it has no round."""
    options = {name: _described(value) for name, value in settings.options.items()}
    space = settings.space.to_document() | ({"options": options} if options else {})
    if settings.asked_seed is not None:
        space[ASKED_SEED] = settings.asked_seed
    asked = RefinementRecord(
        method, settings.predictor.name, settings.seed, settings.networks, json.loads(to_json(space))
    )
    if found is None:
        return asked
    rounds = tuple(
        RoundRecord(
            number=one.number,
            space={"grids": {name: list(grid) for name, grid in one.space.grids.items()}},
            networks=tuple((row.architecture, row.draw) for row in one.table.rows),
            estimates={name: _recorded(found) for name, found in one.estimates.items()},
            exhausted=one.exhausted,
        )
        for one in found.rounds
    )
    finished = found.stopped_because != StopReason.UNFINISHED
    stopped = str(found.stopped_because) if finished else None
    return replace(asked, rounds=rounds, stopped_because=stopped, elites=found.elites)


def begin(store: Store, method: str, settings: SearchSettings) -> Refinement | None:
    """Begin, or go on with what was asked for in the same way: its complete rounds, None if there are none."""
    asked = to_record(method, settings)
    for record in store.refinements():
        if replace(record, rounds=(), stopped_because=None, elites=()) == asked:
            return from_record(record, store) if record.rounds else None
    store.record(asked)
    return None


def _asked_seed(record: RefinementRecord) -> int:
    seed = record.space.get(ASKED_SEED, record.seed)
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise InvalidInput(f"the record of {record.method} has the seed {shown(seed)}; restore the folder.")
    return seed


def _described(value: Any) -> Any:
    """What identifies an option's value, as JSON-able values."""
    if isinstance(value, partial):
        return [_described(value.func), [*map(_described, value.args)], {**value.keywords}]
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if not callable(value):
        return value
    name = f"{value.__module__}.{value.__qualname__}"
    return repr(value) if "<" in name else name  # of a local function the name does not say which


def _recorded(found: Estimate | Shares) -> tuple[float, float, float] | dict[str, float]:
    """Plain values of an estimate; of shares, only those that are kept, which keep them all when they are read."""
    if isinstance(found, Shares):
        return {name: found.shares[name] for name in found.kept}
    low, median, high = (one.item() if isinstance(one, np.generic) else one for one in found)
    return low, median, high


def _estimate(recorded: tuple[float, float, float] | dict[str, float]) -> Estimate | Shares:
    return Shares(recorded, tail=0.0) if isinstance(recorded, dict) else Estimate(*recorded)


def _round(one: RoundRecord, space: DesignSpace, record: RefinementRecord, reader: ScoreReader) -> Round:
    keys = [(architecture.id, record.seed, draw, record.predictor) for architecture, draw in one.networks]
    known = reader.find(keys)
    lacking = len(set(keys) - set(known))
    if lacking:
        raise InvalidInput(
            f"round {one.number} of {record.method} with seed {_asked_seed(record)} lacks {lacking} of its "
            f"{len(keys)} scores; restore the folder, or run its command again."
        )
    rows = [
        ScoreRow(architecture, record.seed, draw, record.predictor, known[key])
        for (architecture, draw), key in zip(one.networks, keys, strict=True)
    ]
    try:
        box = {
            name: tuple(grid) if is_category(grid) else (min(grid), max(grid))
            for name, grid in one.space["grids"].items()
        }
        estimates = {name: _estimate(one.estimates[name]) for name in space.hyperparameters}
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"the record of round {one.number} is damaged ({error!r}); restore the folder."
        ) from None
    estimates |= {name: _estimate(found) for name, found in one.estimates.items()}
    table = ScoreTable(rows, space.num_classes, space.resolution, space.channels, tuple(space.budget.limits()))
    return Round(one.number, space.restrict(box), table, estimates, one.exhausted)
