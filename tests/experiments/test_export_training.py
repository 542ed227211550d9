"""Taking a trained network, or the record of its training, out of a folder."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from netlore.errors import InvalidInput
from netlore.experiments.export import NETWORK_FORMS, export_run, trained_network
from netlore.experiments.train import stored_training
from netlore.report.collect import find
from netlore.report.write import write_report
from netlore.training.batches import training_data, validation_batch
from netlore.training.checkpoints import CHECKPOINT
from tests.experiments.trained import trained

pytest.importorskip("lightning", reason="the extra `train` is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training with two seeds."""
    path: Path = tmp_path_factory.mktemp("training")
    trained(path, epochs=2, replicates=2)
    return path


def test_the_network_taken_away_makes_the_recorded_errors(folder: Path) -> None:
    data = training_data("digits")
    for record in stored_training(folder).records:
        network = trained_network(folder, record.seed).module()
        wrong = 0
        for step in range(2):
            images, labels = validation_batch(data.validation, step, True, (0, 1))
            with torch.no_grad():
                wrong += int((network(images).argmax(dim=1) != labels).sum())
        assert 100 * wrong / len(data.validation) == pytest.approx(record.error)


def test_the_best_averaged_network_is_taken_away(tmp_path: Path) -> None:
    run = trained(tmp_path, epochs=3, changes={"ema": 0.9, "early_stopping": 1, "learning_rate": 0.3})
    data, network = training_data("digits"), trained_network(tmp_path).module()
    (record,), confusion = run.records, torch.zeros(10, 10)
    for step in range(2):
        images, labels = validation_batch(data.validation, step, True, (0, 1))
        with torch.no_grad():
            confusion.index_put_((labels, network(images).argmax(dim=1)), torch.ones(len(labels)), accumulate=True)
    assert record.evaluation is not None and confusion.tolist() == [
        list(row) for row in record.evaluation.confusion
    ]
    assert trained_network(tmp_path).facts["epochs"] == f"{record.kept.epoch} of 3"
    assert record.error == record.best_error == pytest.approx(100 * (1 - float(confusion.trace()) / 359))


@pytest.mark.parametrize("form", NETWORK_FORMS)
def test_every_form_is_written_where_one_says(form: str, folder: Path, tmp_path: Path) -> None:
    if form == "onnx":
        pytest.importorskip("onnxscript", reason="the extra `onnx` is not installed")
    files = export_run(folder, form, tmp_path / "out")
    assert files and all(path.parent == tmp_path / "out" and path.stat().st_size for path in files)


def test_the_module_file_is_the_trained_network(folder: Path, tmp_path: Path) -> None:
    export_run(folder, "python", tmp_path, seed=1)
    made = runpy.run_path(str(tmp_path / "network.py"))
    network = made["Network"]().eval()
    network.load_state_dict(torch.load(tmp_path / "network.pt", weights_only=True))
    images = torch.rand(4, 3, 32, 32)
    taken = trained_network(folder, 1)
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (taken.mean, taken.std))
    with torch.no_grad():
        expected = taken.module()((images - mean) / std)
        torch.testing.assert_close(network(made["normalise"](images)), expected, atol=1e-5, rtol=1e-5)


def test_epochs_as_a_table(folder: Path) -> None:
    (path,) = export_run(folder, "csv")
    frame = pd.read_csv(path)
    assert list(zip(frame["seed"], frame["epoch"], strict=True)) == [(0, 1), (0, 2), (1, 1), (1, 2)]
    losses = [one.loss for record in stored_training(folder).records for one in record.epochs]
    np.testing.assert_allclose(frame["loss"], losses)


def test_an_archive_reports_the_same_without_checkpoints(folder: Path, tmp_path: Path) -> None:
    export_run(folder, "archive", tmp_path / "kept")
    assert not list((tmp_path / "kept").rglob(CHECKPOINT))
    assert stored_training(tmp_path / "kept").result() == stored_training(folder).result()
    first, second = find([folder], "x").trainings, find([tmp_path / "kept"], "x").trainings
    assert [vars(one) for one in first] == [vars(one) for one in second]
    with pytest.raises(InvalidInput, match=r"last\.ckpt is missing, as in archives"):
        export_run(tmp_path / "kept", "safetensors")


def test_a_report_of_trainings_alone(folder: Path, tmp_path: Path) -> None:
    report = write_report([folder], tmp_path)
    assert report.files[0].name == "report.html" and "fig11" in " ".join(path.name for path in report.files)


def test_what_has_no_network_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no seed 7; choose one of 0, 1"):
        export_run(folder, "python", tmp_path, seed=7)
    with pytest.raises(InvalidInput, match=r"format torchscript is gone.*; choose onnx or python"):
        export_run(folder, "torchscript", tmp_path)
    with pytest.raises(InvalidInput, match="format 'caffe' is not known; choose one of csv"):
        export_run(folder, "caffe", tmp_path)
    (tmp_path / "run.json").write_text('{"command": "refine"}')
    with pytest.raises(InvalidInput, match=r"holds a refine run; train its network first, by netlore train"):
        export_run(tmp_path, "onnx")
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(InvalidInput, match="holds a study; name the folder of one of its trainings"):
        export_run(tmp_path, "onnx")
