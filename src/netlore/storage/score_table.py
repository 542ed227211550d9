"""Score and ScoreTable: what was found out about a network, in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cached_property
from operator import index
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from netlore.drawing import html_table
from netlore.errors import InvalidInput, NetloreError
from netlore.space import families
from netlore.space.architecture import Architecture
from netlore.space.complexity import BUILT_IN, MEASURES, columns, complexity_of_values
from netlore.space.module import FAMILY, ModuleArchitecture
from netlore.storage.origin import Origin

if TYPE_CHECKING:  # it takes 60 MB, which a score alone does not need
    import pandas as pd

Status = Literal["ok", "nonfinite", "degenerate", "saturated", "out_of_memory", "timeout", "error"]


@dataclass(frozen=True)
class Score:
    """A finite number, or the reason why there is none.

    Attributes:
        value: The raw score; None unless the status is `ok`.
        status: `ok`; `nonfinite` (the formula gave NaN or infinity); `degenerate` (the formula is undefined for
            this network and batch); `saturated` (it is defined, but cannot tell networks apart); `out_of_memory`;
            `timeout` (the network took longer than it may); `error` (the network or a predictor raised, or ended
            its process).
        reason: One line that says why there is no value; of a value, what it leaves out or how else it was found,
            if there is anything to say.
        seconds: Time spent on this predictor alone; a pass shared with others counts for the first that reads it,
            so that the sum over predictors is the time of the network. Of a combination, that of its members.
        origin: What computed it; None: not known, as of earlier versions, or `probe`.
    """

    value: float | None
    status: Status = "ok"
    reason: str = ""
    seconds: float = 0.0
    origin: Origin | None = None

    def __float__(self) -> float:
        """The value; raises `NetloreError` with status and reason if there is none."""
        if self.value is None:
            raise NetloreError(f"the network has no score ({self.status}: {self.reason}); look at `status` first.")
        return self.value


def checked_score(value: Any, status: Any, reason: Any, seconds: Any, origin: Origin | None = None) -> Score:
    """A score that was read from a file; raises ValueError if it cannot be one."""
    finite = isinstance(value, float) and math.isfinite(value)
    if (
        status not in get_args(Status)
        or not (finite if status == "ok" else value is None)
        or not (isinstance(reason, str) and isinstance(seconds, float))
    ):
        raise ValueError(f"{(value, status, reason, seconds)!r:.200} is no score")
    return Score(value, status, reason, seconds, origin)


def checked_seed(seed: int) -> int:
    """A seed as files keep it, a plain integer; raises InvalidInput if it has more than 63 bits."""
    if not 0 <= index(seed) < 2**63:
        raise InvalidInput(f"seed = {seed} cannot be stored; choose one from 0 to {2**63 - 1} (63 bits).")
    return index(seed)


@dataclass(frozen=True)
class ScoreRow:
    """One score of one network: an architecture, initialised for the `draw`-th time under a run's seed."""

    architecture: Architecture
    seed: int
    draw: int
    predictor: str
    score: Score


_SHOWN = 10  # networks of a table in a notebook


@dataclass(frozen=True)
class ScoreTable:
    """Scores in a stated order, as pandas frames. Of torch modules the hyperparameters are one column, `module`,
    which says where they come from.

    Attributes:
        rows: A row per network and predictor.
        num_classes: Outputs of the classifiers, for complexities.
        resolution: Side of the square input images, in pixels.
        channels: Channels of the input images.
        measures: Measures that are columns beside those that every table has.
    """

    rows: Sequence[ScoreRow]
    num_classes: int
    resolution: int = 32
    channels: int = 3
    measures: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """A row per network and predictor.

        The columns are architecture (its id), seed, draw, predictor, score, status, reason, seconds and origin;
        `score` is the raw score, NaN where the status is not `ok`; `origin` a number of `origins`.
        """
        import pandas as pd

        seeds = [row.seed for row in self.rows]
        numbers = {one: number for number, one in enumerate(self._origins, 1)}
        origins = [None if row.score.origin is None else numbers[row.score.origin] for row in self.rows]
        return pd.DataFrame(
            {
                "architecture": [row.architecture.id for row in self.rows],
                "seed": pd.Series(seeds, dtype="int64" if all(seed < 2**63 for seed in seeds) else "object"),
                "draw": pd.Series([row.draw for row in self.rows], dtype="int64"),
                "predictor": [row.predictor for row in self.rows],
                "score": pd.Series([row.score.value for row in self.rows], dtype="float64"),
                "status": [row.score.status for row in self.rows],
                "reason": [row.score.reason for row in self.rows],
                "seconds": pd.Series([row.score.seconds for row in self.rows], dtype="float64"),
                "origin": pd.array(origins, dtype="Int32"),
            }
        )

    @property
    def origins(self) -> pd.DataFrame:
        """What computed the scores: a row for each number in the frame's column `origin`; see `Origin`."""
        import pandas as pd

        names = [one.name for one in fields(Origin)]
        found = pd.DataFrame([astuple(one) for one in self._origins], columns=names, dtype=object)
        found.insert(0, "origin", range(1, len(found) + 1))
        return found

    @cached_property
    def _origins(self) -> tuple[Origin, ...]:
        return tuple(dict.fromkeys(one for row in self.rows if (one := row.score.origin) is not None))

    @property
    def wide(self) -> pd.DataFrame:
        """A row per network: architecture, seed, draw, hyperparameters, flops, params, activations, then a column
        of raw scores per predictor, NaN where there is none; of one that is a measure as well, such as params,
        the measure's. A table of one's own, made once and copied."""
        return self._wide.copy()

    @cached_property
    def _wide(self) -> pd.DataFrame:
        import pandas as pd

        networks = {(row.architecture.id, row.seed, row.draw): row.architecture for row in self.rows}
        described = self._described({a.id: a for a in networks.values()})
        hyperparameters = dict.fromkeys(name for one in described.values() for name in one if name not in MEASURES)
        wide = pd.DataFrame(
            [
                {"architecture": name, "seed": seed, "draw": draw, **described[name]}
                for name, seed, draw in networks
            ],
            columns=["architecture", "seed", "draw", *hyperparameters, *columns(self.measures)],
        )
        scores: dict[str, dict[tuple[str, int, int], float | None]] = {}
        for row in self.rows:
            scores.setdefault(row.predictor, {})[row.architecture.id, row.seed, row.draw] = row.score.value
        for predictor, found in scores.items():
            if predictor in BUILT_IN:
                continue
            wide[predictor] = pd.Series([found.get(key) for key in networks], dtype="float64")
        return wide

    def _repr_html_(self) -> str:
        """For a notebook: the first networks with their scores."""
        shown = self._wide.head(_SHOWN).drop(columns=["seed", "draw"])
        caption = (
            f"{len(self._wide):,} networks, {len(self.rows):,} scores, {len(self.failures):,} without a value"
        )
        more = f"; the first {_SHOWN}" if len(self._wide) > _SHOWN else ""
        values = (
            [f"{one:.6g}" if isinstance(one, float) else one for one in row]
            for row in shown.itertuples(index=False)
        )
        return html_table(caption + more, shown.columns, values)

    @property
    def failures(self) -> list[ScoreRow]:
        """The rows without a value."""
        return [row for row in self.rows if row.score.status != "ok"]

    def _described(self, architectures: Mapping[str, Architecture]) -> dict[str, dict[str, Any]]:
        """Hyperparameters and complexities of each architecture; one fold for all that share a family."""
        described: dict[str, dict[str, Any]] = {
            one.id: {FAMILY: one.source, **dict(one.measures)}
            for one in architectures.values()
            if isinstance(one, ModuleArchitecture)
        }
        for family in dict.fromkeys(one.family for one in architectures.values() if one.id not in described):
            members = [one for one in architectures.values() if one.family == family]
            for one in members:
                families.check(one)
            names = members[0].values
            values = {name: np.asarray([one.values[name] for one in members]) for name in names}
            sizes = (self.num_classes, self.resolution, self.channels, columns(self.measures))
            measures = complexity_of_values(family, values, *sizes)
            # A measure that no hyperparameter changes comes as a single number.
            column_of = {
                name: np.broadcast_to(measure, len(members)).tolist()
                for name, measure in measures.as_dict().items()
            }
            for number, one in enumerate(members):
                described[one.id] = {**one.values, **{name: column[number] for name, column in column_of.items()}}
        return described
