"""Training, against a loop of plain torch; and going on with it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import netlore as nl
from netlore.errors import InvalidInput, TrainingDiverged, Unwritable
from netlore.scoring.draws import network_seed
from netlore.training import fit, trainer
from netlore.training.batches import Batches, validation_batch
from netlore.training.checkpoints import CHECKPOINT, weights_of
from netlore.training.recipe import Recipe
from netlore.training.records import RECORD
from netlore.training.trainer import final_error, train
from tests.storage.limits import files_of_at_most
from tests.training.small import Stop, small_architecture, small_data, small_recipe, stopping


def learned(recipe: Recipe, parts: int = 1) -> tuple[nn.Module, list[float], list[float]]:
    """Weights, training loss and validation error of each epoch, by a loop that knows nothing of Lightning.

    With several parts, each is a forward pass of its own; gradients are averaged, and batch norms keep the
    statistics of the first part.
    """
    data, architecture = small_data(), small_architecture()
    network = nl.build(architecture, data.num_classes, network_seed(0, architecture.id, 0))
    steps = len(data.training) // recipe.batch_size
    velocity = [torch.zeros_like(one) for one in network.parameters()]
    losses, errors = [], []
    for epoch in range(recipe.epochs):
        sums = []
        for step in range(steps):
            rate = rate_of(recipe, epoch, step, steps)
            network.zero_grad()
            for part in range(parts):
                statistics = {name: value.clone() for name, value in network.named_buffers()}
                batches = Batches(data.training, recipe, 0, True, part, parts)
                images, labels = batches.batch(epoch, step)
                loss = F.cross_entropy(network(images), labels, label_smoothing=recipe.label_smoothing)
                (loss / parts).backward()
                sums.append(loss.item())
                if part:
                    network.load_state_dict(statistics, strict=False)
            if recipe.clip_norm:
                norm = sum(float(one.grad.square().sum()) for one in network.parameters()) ** 0.5  # type: ignore[union-attr]
                for one in network.parameters():
                    one.grad.mul_(min(1.0, recipe.clip_norm / norm))  # type: ignore[union-attr]
            with torch.no_grad():
                for one, moving in zip(network.parameters(), velocity, strict=True):
                    assert one.grad is not None
                    gradient = one.grad + recipe.weight_decay * one
                    moving.mul_(recipe.momentum).add_(gradient)
                    one -= rate * (gradient + recipe.momentum * moving)
        losses.append(sum(sums) / len(sums))
        errors.append(100 * wrong(network, recipe))
    return network, losses, errors


def rate_of(recipe: Recipe, epoch: int, step: int, steps: int) -> float:
    """The learning rate by its formula."""
    if recipe.schedule == "steps":
        passed = sum(epoch >= round(share * recipe.epochs) for share in recipe.milestones)
        return recipe.learning_rate * recipe.decay**passed
    total, now = recipe.epochs * steps, epoch * steps + step
    top = recipe.warm_up * total - 1
    low, last = recipe.learning_rate / 25, recipe.learning_rate / 25 / 1e4
    if now <= top:
        return low + (recipe.learning_rate - low) * (1 - math.cos(math.pi * now / top)) / 2
    share = (now - top) / (total - 1 - top)
    return last + (recipe.learning_rate - last) * (1 + math.cos(math.pi * share)) / 2


def wrong(network: nn.Module, recipe: Recipe) -> float:
    network.eval()
    with torch.no_grad():
        images, labels = validation_batch(small_data().validation, 0, recipe.channels_last, (0, 1))
        share = float((network(images).argmax(dim=1) != labels).float().mean())
    network.train()
    return share


RECIPES = {
    "one-cycle": small_recipe(epochs=3, warm_up=0.4),
    "clipped": small_recipe(epochs=3, clip_norm=0.2),
    "steps": small_recipe(
        epochs=4, schedule="steps", milestones=[0.5, 0.75], channels_last=False, learning_rate=0.05
    ),
}


@pytest.mark.parametrize("name", RECIPES)
def test_training_is_what_a_plain_loop_does(name: str, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    network, losses, errors = learned(recipe)
    record = train(small_architecture(), small_data(), recipe, tmp_path)
    assert [one.loss for one in record.epochs] == pytest.approx(losses, rel=1e-4)
    assert [one.error for one in record.epochs] == pytest.approx(errors)
    found = weights_of(tmp_path / CHECKPOINT)
    assert list(found) == list(network.state_dict())
    for key, value in network.state_dict().items():
        torch.testing.assert_close(found[key], value, atol=1e-4, rtol=1e-4)


def test_a_rise_that_ends_on_the_first_step(tmp_path: Path) -> None:
    # Two steps, half of which rise: torch's schedule alone would divide by zero.
    recipe = small_recipe(epochs=1, batch_size=26, warm_up=0.5)
    record = train(small_architecture(), small_data(), recipe, tmp_path)
    assert record.epochs[0].learning_rate == pytest.approx(recipe.learning_rate)


def test_the_learning_rate_of_each_epoch_is_recorded(tmp_path: Path) -> None:
    record = train(small_architecture(), small_data(), RECIPES["steps"], tmp_path)
    assert [one.learning_rate for one in record.epochs] == pytest.approx([0.05, 0.05, 0.005, 0.0005])
    assert [one.epoch for one in record.epochs] == [1, 2, 3, 4] and record.finished
    assert record.images == 48 and all(0 <= one.batch_seconds <= one.seconds for one in record.epochs)


@pytest.mark.parametrize("done", [0, 1, 2])
@pytest.mark.parametrize("name", [*RECIPES, "bf16"])
def test_a_training_that_goes_on_ends_with_the_same_weights(name: str, done: int, tmp_path: Path) -> None:
    recipe = RECIPES.get(name, small_recipe(epochs=3, precision="bf16"))
    given = (small_architecture(), small_data(), recipe)
    whole = train(*given, tmp_path / "whole")
    with stopping(done), pytest.raises(Stop):
        train(*given, tmp_path / "parts")
    parts = train(*given, tmp_path / "parts")
    assert [one.loss for one in parts.epochs] == [one.loss for one in whole.epochs]
    assert len(parts.epochs) == recipe.epochs
    weights = [weights_of(tmp_path / where / CHECKPOINT) for where in ("whole", "parts")]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe(), tmp_path)
    first = train(*given)
    before = (tmp_path / CHECKPOINT).stat().st_mtime_ns
    assert train(*given) == first
    assert (tmp_path / CHECKPOINT).stat().st_mtime_ns == before


def test_every_start_keeps_its_logs(tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe(), tmp_path)
    with stopping(1), pytest.raises(Stop):
        train(*given)
    train(*given)
    logs = sorted((tmp_path / "logs").iterdir())
    assert [one.name for one in logs] == ["version_0", "version_1"]
    for one in logs:
        assert "error" in (one / "metrics.csv").read_text() and any(one.glob("events.out.tfevents.*"))


def test_a_log_that_was_removed_is_no_number_for_another(tmp_path: Path) -> None:
    (tmp_path / "logs" / "version_1").mkdir(parents=True)
    train(small_architecture(), small_data(), small_recipe(epochs=1), tmp_path)
    assert sorted(one.name for one in (tmp_path / "logs").iterdir()) == ["version_1", "version_2"]


@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_a_record_that_is_lost_or_damaged_is_written_again(content: bytes | None, tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe(), tmp_path)
    train(*given)
    path = tmp_path / RECORD
    before = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    train(*given)
    assert path.read_bytes() == before


def test_any_thread_can_train(tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe())
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(train, *given, tmp_path / "thread").result()
    usual = train(*given, tmp_path / "main")
    assert [one.loss for one in found.epochs] == [one.loss for one in usual.epochs]


def test_warnings_of_others_are_shown_and_lightning_s_known_ones_are_not(tmp_path: Path) -> None:
    @contextmanager
    def warned() -> Iterator[Callable[[int, int, str], None]]:
        warnings.warn("what a user should see", UserWarning, stacklevel=1)
        yield lambda done, total, note: None

    given = (small_architecture(), small_data())
    train(*given, small_recipe(epochs=1), tmp_path / "new")
    with stopping(1), pytest.raises(Stop):
        train(*given, small_recipe(), tmp_path / "parts")
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        train(*given, small_recipe(), tmp_path / "parts", progress=warned)
    assert [str(one.message) for one in shown] == ["what a user should see"]


def test_a_job_of_a_cluster_with_tasks_of_its_own_trains_on_one_device(tmp_path: Path, monkeypatch) -> None:
    job = {"JOB_ID": "1", "JOB_NAME": "search", "NTASKS": "4", "NNODES": "1", "PROCID": "3", "LOCALID": "3"}
    for name, value in (*job.items(), ("NODEID", "0"), ("NODELIST", "localhost"), ("JOB_NODELIST", "localhost")):
        monkeypatch.setenv(f"SLURM_{name}", value)
    assert train(small_architecture(), small_data(), small_recipe(), tmp_path).finished
    assert (tmp_path / CHECKPOINT).is_file() and (tmp_path / RECORD).is_file()


def test_numbers_of_numpy_are_seeds(tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe(), tmp_path)
    assert train(*given, seed=np.int64(3), devices=np.int64(1)).seed == 3  # type: ignore[arg-type]
    assert train(*given, seed=3).finished, "the same training"


def test_a_loss_that_is_not_finite_is_refused_at_once_with_its_place(tmp_path: Path) -> None:
    recipe = small_recipe(learning_rate=1e20, epochs=5)
    with pytest.raises(TrainingDiverged, match=r"is not at epoch 1, step [23]; lower learning_rate = 1e\+20"):
        train(small_architecture(), small_data(), recipe, tmp_path)
    assert not (tmp_path / CHECKPOINT).exists() and not (tmp_path / RECORD).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": small_architecture(8)}, "its architecture is anynet-"),
        ({"data": small_data(seed=1)}, "its data is "),
        ({"data": small_data(num_classes=4)}, "its number of classes is 3, here it is 4"),
        ({"recipe": small_recipe(padding=0)}, "its recipe is "),
        ({"seed": 1}, "its seed is 0, here it is 1"),
    ],
)
def test_the_checkpoint_of_another_training_is_refused_and_kept(changes, said: str, tmp_path: Path) -> None:
    given = {"architecture": small_architecture(), "data": small_data(), "recipe": small_recipe()}
    train(**given, folder=tmp_path)
    content = (tmp_path / CHECKPOINT).read_bytes()
    with pytest.raises(InvalidInput) as refused:
        train(**given | changes, folder=tmp_path)
    assert said in str(refused.value) and "belongs to another training" in str(refused.value)
    assert (tmp_path / CHECKPOINT).read_bytes() == content


def test_a_damaged_or_foreign_checkpoint_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / CHECKPOINT
    given = (small_architecture(), small_data(), small_recipe(), tmp_path)
    for content in (b"", b"no checkpoint", None):
        torch.save({"state_dict": {}}, path) if content is None else path.write_bytes(content)
        with pytest.raises(InvalidInput, match="is not a readable checkpoint") as refused:
            train(*given)
        assert "\n" not in str(refused.value)


def test_a_full_disk_is_one_line_and_keeps_the_last_checkpoint(tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe(epochs=3), tmp_path)
    with stopping(1), pytest.raises(Stop):
        train(*given)
    content = (tmp_path / CHECKPOINT).read_bytes()
    refused = pytest.raises(Unwritable, match=r"last\.ckpt cannot be written \(File too large\)")
    with files_of_at_most(len(content) // 2), refused:
        train(*given)
    assert (tmp_path / CHECKPOINT).read_bytes() == content
    assert len(train(*given).epochs) == 3


def test_a_missing_package_is_named_with_the_extra_that_brings_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(trainer, "find_spec", lambda name: None if name == "tensorboard" else object())
    with pytest.raises(InvalidInput, match=r"tensorboard is not installed; pip install 'netlore\[train\]'"):
        train(small_architecture(), small_data(), small_recipe(), tmp_path)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"device": "abacus"}, "device 'abacus' cannot be used"),
        ({"devices": 3}, "cannot be shared equally by 3 devices"),
        ({"seed": -1}, "seed = -1 is not a whole number from 0"),
        ({"seed": 2**63}, "seed = 9223372036854775808 is not a whole number from 0"),
        ({"seed": True}, "seed = True is not a whole number"),
        ({"seed": 0.0}, "seed = 0.0 is not a whole number"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(changes, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=said):
        train(small_architecture(), small_data(), small_recipe(), tmp_path / "new", **changes)
    assert not (tmp_path / "new").exists()


def test_an_interruption_is_one(tmp_path: Path, monkeypatch) -> None:
    def interrupted(self: object, *given: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fit.WholeFiles, "save_checkpoint", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(small_architecture(), small_data(), small_recipe(), tmp_path)
    assert train(small_architecture(), small_data(), small_recipe(), tmp_path).finished


def test_two_processes_share_every_batch(tmp_path: Path) -> None:
    recipe = small_recipe()
    network, losses, errors = learned(recipe, parts=2)
    record = train(small_architecture(), small_data(), recipe, tmp_path, devices=2)
    assert [one.loss for one in record.epochs] == pytest.approx(losses, rel=1e-4)
    assert [one.error for one in record.epochs] == pytest.approx(errors)
    assert record.evaluation is not None
    confusion = np.asarray(record.evaluation.confusion)
    assert confusion.sum() == 20 and 100 * (1 - confusion.trace() / 20) == pytest.approx(record.error)
    found = weights_of(tmp_path / CHECKPOINT)
    for key, value in network.named_parameters():
        torch.testing.assert_close(found[key], value, atol=1e-4, rtol=1e-4)


def test_two_processes_fail_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrainingDiverged, match=r"is not at epoch 1, step"):
        recipe = small_recipe(learning_rate=1e20, ema=0.9, mixup=0.2, sampling="balanced")
        train(small_architecture(), small_data(), recipe, tmp_path, devices=2)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_gpu_learns_what_the_cpu_learns(tmp_path: Path) -> None:
    records = {
        device: train(small_architecture(), small_data(), small_recipe(), tmp_path / device, device=device)
        for device in ("cpu", "cuda")
    }
    assert records["cuda"].epochs[0].loss == pytest.approx(records["cpu"].epochs[0].loss, rel=0.05)


def test_the_final_error_is_that_of_the_validation_set_on_the_same_images(tmp_path: Path) -> None:
    data, recipe = small_data(), small_recipe(epochs=1)
    record = train(small_architecture(), data, recipe, tmp_path)
    same = replace(data, test=data.validation)
    assert final_error(small_architecture(), same, recipe, tmp_path) == pytest.approx(record.error)
    part = replace(data.validation, pixels=data.validation.pixels[:1], labels=data.validation.labels[:1])
    assert final_error(small_architecture(), replace(data, test=part), recipe, tmp_path) in (0.0, 100.0)
    with pytest.raises(InvalidInput, match="small has no images for a test"):
        final_error(small_architecture(), data, recipe, tmp_path)
