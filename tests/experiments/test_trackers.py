"""Runs as studies of Optuna and as events of TensorBoard, read by these programs."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

import netlore as nl
from netlore.errors import Degenerate, InvalidInput
from netlore.experiments import trackers
from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.export import export_run, stored_table
from netlore.experiments.refine import RefineRun
from netlore.experiments.score import score_run
from netlore.scoring.predictor import predictor


@predictor("small", needs=nl.Evidence.COMPLEXITY, source="made up")
def small(probe: nl.Probe) -> float:
    """Parameters of small networks; no score of others."""
    params = probe.complexity["params"]
    if params > 150_000:
        raise Degenerate("the network is large")
    return float(params)


@pytest.fixture
def copy(finished: RefineRun, tmp_path: Path) -> Path:
    """The folder of a refinement of two seeds."""
    return shutil.copytree(finished.files[0].parent, tmp_path / "copy")


def test_optuna_loads_each_refinement_as_a_study(finished: RefineRun, copy: Path) -> None:
    optuna = pytest.importorskip("optuna", reason="needs the extra optuna")
    storage = f"sqlite:///{export_run(copy, 'optuna')[0]}"
    assert len(optuna.get_all_study_names(storage)) == len(finished.refinements)
    for one in finished.refinements:
        study = optuna.load_study(study_name=f"synflow, paper, seed {one.seed}", storage=storage)
        rows = [row for entry in one.rounds for row in entry.table.rows]
        assert len(study.trials) == one.networks_scored == len(rows)
        for trial, row in zip(study.trials, rows, strict=True):
            assert trial.params == row.architecture.values and trial.value == row.score.value
            assert trial.user_attrs["architecture"] == row.architecture.id
            measured = nl.complexity(row.architecture, one.space.num_classes, one.space.resolution)
            assert trial.user_attrs["flops"] == measured.flops
        best = one.best_architecture
        assert best is not None and study.best_params == best.values
        assert study.best_value == max(float(row.score) for row in rows)
        # A sampler can go on with it, and asks for what is in the space.
        asked = study.ask(study.best_trial.distributions).params
        assert all(value in one.space.grids[name] for name, value in asked.items())


def test_a_sample_has_a_study_for_each_predictor_and_failed_trials(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna", reason="needs the extra optuna")
    names = ("snip", f"{__name__}:small")
    score_run(ScoreConfiguration(data="noise", batch_size=2, networks=6, predictors=names), tmp_path)
    table = stored_table(tmp_path)
    assert {row.score.status == "ok" for row in table.rows} == {True, False}
    storage = f"sqlite:///{export_run(tmp_path, 'optuna', tmp_path / 'out')[0]}"
    for name in ("snip", "small"):
        trials = optuna.load_study(study_name=name, storage=storage).trials
        scores = [row.score for row in table.rows if row.predictor == name]
        assert [trial.value for trial in trials] == [score.value for score in scores]
        assert [trial.state.name == "COMPLETE" for trial in trials] == [score.status == "ok" for score in scores]


def test_tensorboard_reads_the_rounds_of_each_seed(finished: RefineRun, copy: Path) -> None:
    event_accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="needs the extra train"
    )
    export_run(copy, "tensorboard")
    files = export_run(copy, "tensorboard")  # in the place of the first ones
    assert [path.parent.name for path in files] == [f"seed-{one.seed}" for one in finished.refinements]
    for path, one in zip(files, finished.refinements, strict=True):
        events = event_accumulator.EventAccumulator(str(path.parent)).Reload()
        curves = {tag: events.Tensors(tag) for tag in events.Tags()["tensors"]}
        read = {tag: {point.step: point.tensor_proto.float_val[0] for point in own} for tag, own in curves.items()}
        rounds = [entry.number for entry in one.rounds]
        best = [math.log(entry.frame["synflow"].max()) for entry in one.rounds]
        np.testing.assert_allclose([read["score/best ln S"][number] for number in rounds], best, rtol=1e-6)
        assert [read["d1/low"][number] for number in rounds] == [entry.intervals["d1"][0] for entry in one.rounds]
        assert [*read["space/log10 architectures"]] == [0, *rounds]


@pytest.mark.parametrize("form", ["optuna", "tensorboard"])
def test_without_the_package_it_is_named(copy: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    def none(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(trackers.importlib, "import_module", none)
    with pytest.raises(InvalidInput, match=rf"needs the package {form}, .* install netlore\[(optuna|train)\]"):
        export_run(copy, form)


def test_curves_of_rounds_are_of_refinements_alone(tmp_path: Path) -> None:
    score_run(ScoreConfiguration(data="noise", batch_size=8, networks=2, predictors=("synflow",)), tmp_path)
    with pytest.raises(InvalidInput, match=r"format tensorboard is not for a score run, .* choose csv"):
        export_run(tmp_path, "tensorboard")
