"""Refinements as records: each round is in the store the moment it is complete, and is read as it was written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, is_dataclass
from functools import partial
from typing import Any

from netlore.analysis.bootstrap import Estimate
from netlore.errors import InvalidInput
from netlore.refinement.loop import SearchSettings
from netlore.refinement.result import Refinement, Round, StopReason
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from netlore.storage.rounds import RefinementRecord, RoundRecord, ScoreReader
from netlore.storage.score_store import Store
from netlore.storage.score_table import ScoreRow, ScoreTable


def stored_refinements(
    reader: ScoreReader, method: str | None = None, predictor: str | None = None
) -> tuple[Refinement, ...]:
    """The refinements that a store or an archive has recorded, by their seeds; of one method or predictor alone.

    Nothing is drawn, scored or fitted, and neither data set nor predictor is needed. One that is not finished has
    its complete rounds and is `unfinished`; without a complete round it is left out. A damaged record is refused.
    """
    chosen = [
        record
        for record in sorted(reader.refinements(), key=lambda record: record.seed)
        if record.rounds and method in (None, record.method) and predictor in (None, record.predictor)
    ]
    return tuple(from_record(record, reader) for record in chosen)


def from_record(record: RefinementRecord, reader: ScoreReader) -> Refinement:
    """A refinement as it was recorded; its scores come from the reader. Errors as of `stored_refinements`."""
    space = DesignSpace.from_document(record.space)
    return Refinement(
        predictor=record.predictor,
        space=space,
        seed=record.seed,
        rounds=tuple(_round(one, space, record, reader) for one in record.rounds),
        stopped_because=record.stopped_because or StopReason.UNFINISHED,
        seconds=0.0,
        elites=record.elites,
    )


@dataclass(frozen=True)
class Recorder:
    """Keeps one refinement, by the method of that name, in a store."""

    store: Store
    method: str
    settings: SearchSettings

    def begin(self) -> Refinement | None:
        """Begin, or go on with what was asked for in the same way: its complete rounds, None if there are none."""
        method, predictor, seed, networks, space = self._asked()
        self.store.begin_refinement(method, predictor, seed, networks, space)
        for record in self.store.refinements():
            if (record.method, record.predictor, record.seed) == (method, predictor, seed) and record.rounds:
                return from_record(record, self.store)
        return None

    def add(self, found: Round, elites: Iterable[Architecture]) -> None:
        """Keep a round that is complete, and the elites after it."""
        method, predictor, seed, *_ = self._asked()
        record = RoundRecord(
            number=found.number,
            space={"grids": {name: list(grid) for name, grid in found.space.grids.items()}},
            networks=tuple((row.architecture, row.draw) for row in found.table.rows),
            estimates={name: (int(a), int(b), int(c)) for name, (a, b, c) in found.estimates.items()},
            exhausted=found.exhausted,
        )
        self.store.add_round(method, predictor, seed, record, tuple(elites))

    def end(self, found: Refinement) -> None:
        """Keep why it is over."""
        method, predictor, seed, *_ = self._asked()
        self.store.end_refinement(method, predictor, seed, len(found.rounds), found.stopped_because, found.elites)

    def _asked(self) -> tuple[str, str, int, int, dict[str, Any]]:
        settings = self.settings
        options = {name: _described(value) for name, value in settings.options.items()}
        space = settings.space.to_document() | ({"options": options} if options else {})
        return self.method, settings.predictor.name, settings.seed, settings.networks, space


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


def _round(one: RoundRecord, space: DesignSpace, record: RefinementRecord, reader: ScoreReader) -> Round:
    keys = [(architecture.id, record.seed, draw, record.predictor) for architecture, draw in one.networks]
    known = reader.find(keys)
    lacking = len(set(keys) - set(known))
    if lacking:
        raise InvalidInput(
            f"round {one.number} of {record.method} with seed {record.seed} lacks {lacking} of its {len(keys)} "
            f"scores; restore the folder, or run its command again."
        )
    rows = [
        ScoreRow(architecture, record.seed, draw, record.predictor, known[key])
        for (architecture, draw), key in zip(one.networks, keys, strict=True)
    ]
    try:
        box = {name: (min(grid), max(grid)) for name, grid in one.space["grids"].items()}
        estimates = {name: Estimate(*one.estimates[name]) for name in space.hyperparameters}
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            f"the record of round {one.number} is damaged ({error!r}); restore the folder."
        ) from None
    estimates |= {name: Estimate(*found) for name, found in one.estimates.items()}
    table = ScoreTable(rows, space.num_classes, space.resolution, space.channels)
    return Round(one.number, space.restrict(box), table, estimates, one.exhausted)
