"""Scores in the forms of programs that track experiments: studies of Optuna, and TensorBoard's curves of rounds.

Both packages are extras, imported only when they are asked for.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netlore.errors import InvalidInput
from netlore.refinement.result import Refinement
from netlore.scoring.transforms import Transform
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import is_category
from netlore.storage.atomic import make_folder, write_whole
from netlore.storage.score_table import ScoreTable

STUDIES, EVENTS = "optuna.sqlite", "tensorboard"
_EVENTS = "events.out.tfevents.0.netlore"
"""One name for all of a seed, so that the newest export takes the place of an earlier one."""


@dataclass(frozen=True)
class Scored:
    """What becomes a study: networks of a design space with their scores by one predictor.

    Attributes:
        name: The study's name.
        tables: One for each round, in order.
    """

    name: str
    space: DesignSpace
    predictor: str
    tables: Sequence[ScoreTable]


def write_studies(studies: Iterable[Scored], target: Path) -> Path:
    """Write studies of Optuna into one SQLite file, which `optuna-dashboard sqlite:///optuna.sqlite` shows.

    Each network is a trial, in the order of scoring: its value is the raw score, which is maximised, its
    parameters are the hyperparameters. A network without a score is a failed trial. Attributes of trials are the
    architecture, its complexities, the round, the status, and the seconds that scoring took.

    Raises:
        InvalidInput: Optuna is not installed.
    """
    optuna = _imported("optuna", "optuna")
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with tempfile.TemporaryDirectory() as place:
            made = Path(place) / STUDIES
            storage = optuna.storages.RDBStorage(f"sqlite:///{made}")
            for one in studies:
                study = optuna.create_study(storage=storage, study_name=one.name, direction="maximize")
                study.add_trials(_trials(optuna, one))
            storage.remove_session()
            storage.engine.dispose()
            return write_whole(make_folder(target) / STUDIES, made.read_bytes())
    finally:
        optuna.logging.set_verbosity(before)


def _trials(optuna: Any, one: Scored) -> list[Any]:
    distributions = {name: _distribution(optuna, grid) for name, grid in one.space.grids.items()}
    states, found = optuna.trial.TrialState, []
    for number, table in enumerate(one.tables, start=1):
        wide = table.wide.drop_duplicates("architecture").set_index("architecture")
        sizes = {name: wide[name].to_dict() for name in ("flops", "params", "activations")}
        for row in (row for row in table.rows if row.predictor == one.predictor):
            key, score = row.architecture.id, row.score
            about = {"round": number, "status": score.status, "seconds": score.seconds}
            found.append(
                optuna.trial.create_trial(
                    state=states.FAIL if score.value is None else states.COMPLETE,
                    value=score.value,
                    params=row.architecture.values,
                    distributions=distributions,
                    user_attrs={"architecture": key, **{name: sizes[name][key] for name in sizes}, **about},
                )
            )
    return found


def _distribution(optuna: Any, grid: tuple[Any, ...]) -> Any:
    """Whole numbers at equal distances, or else a choice: whatever goes on with the study stays on the grid."""
    steps = {*np.diff(grid).tolist()} if all(isinstance(one, int) for one in grid) else set()
    if len(steps) == 1:
        return optuna.distributions.IntDistribution(grid[0], grid[-1], step=steps.pop())
    return optuna.distributions.CategoricalDistribution(grid)


def write_events(found: Refinement, scale: Transform, target: Path) -> Path:
    """Write the rounds of a refinement as events of TensorBoard, into a folder of its seed's.

    By round: the best and the median score on the predictor's scale, as events have single precision; log10 of how
    many architectures the space has then; and the interval of each hyperparameter that is a number.

    Raises:
        InvalidInput: TensorBoard is not installed.
    """
    summary = _imported("tensorboard.summary", "train")
    with tempfile.TemporaryDirectory() as place:
        writer = summary.Writer(place)
        for tag, value, step in _points(found, scale):
            writer.add_scalar(tag, value, step)
        writer.close()
        [made] = Path(place).iterdir()
        return write_whole(make_folder(target / EVENTS / f"seed-{found.seed}") / _EVENTS, made.read_bytes())


def _points(one: Refinement, scale: Transform) -> Iterator[tuple[str, float, int]]:
    """Tags, values and rounds; the first space is round 0."""
    for step, cardinality in enumerate(one.cardinalities):
        yield "space/log10 architectures", float(np.log10(float(cardinality))), step
    for entry in one.rounds:
        scores = scale.apply(entry.frame[one.predictor].to_numpy(dtype=np.float64))
        scores = scores[np.isfinite(scores)]
        if scores.size:
            yield f"score/best {scale.label}", float(scores.max()), entry.number
            yield f"score/median {scale.label}", float(np.median(scores)), entry.number
        for name, kept in entry.intervals.items():
            if not is_category(entry.space.grids[name]):
                yield f"{name}/low", float(kept[0]), entry.number
                yield f"{name}/high", float(kept[1]), entry.number


def _imported(package: str, extra: str) -> Any:
    try:
        return importlib.import_module(package)
    except ImportError:
        raise InvalidInput(
            f"this format needs the package {package.partition('.')[0]}, which is not installed; install "
            f"netlore[{extra}]."
        ) from None
