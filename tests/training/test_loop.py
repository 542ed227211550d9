"""Averages, early stopping and balance, against loops of plain torch; and a network that does not learn."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

import netlore as nl
from netlore.errors import InvalidInput, TrainingDiverged
from netlore.scoring.draws import network_seed
from netlore.storage.documents import read_document
from netlore.training.batches import Batches, TrainingData, validation_batch
from netlore.training.checkpoints import CHECKPOINT, FACTS, KEPT, read_checkpoint, weights_of
from netlore.training.evaluation import balanced_error, evaluation
from netlore.training.loss import class_weights, training_loss
from netlore.training.optimizer import averaged, resolved_precision
from netlore.training.recipe import Recipe
from netlore.training.records import RECORD, Remark, TrainingRecord
from netlore.training.trainer import train
from tests.training.small import Stop, small_architecture, small_data, small_recipe, stopping

ALL = {"mixup": 0.4, "cutmix": 1.0, "ema": 0.9, "early_stopping": 2, "sampling": "balanced"}
RECIPES = {
    "mixed": small_recipe(epochs=3, mixup=0.4, cutmix=1.0, precision="bf16"),
    "averaged": small_recipe(epochs=3, ema=0.9),
    "stopping": small_recipe(epochs=6, early_stopping=2),
    "weighted": small_recipe(epochs=3, class_weights="balanced", mixup=0.2, precision="bf16"),
    "all": small_recipe(epochs=6, **ALL),
}


def uneven() -> TrainingData:
    """Of three classes one has most images."""
    data = small_data()
    for images in (data.training, data.validation):
        few = (images.labels > 0) & (torch.arange(len(images)) % 3 > 0)
        images.labels[few] = 0
    return data


def learned(recipe: Recipe, data: TrainingData, steps: Callable[[nn.Module, int], None]) -> nn.Module:
    """A network after all steps of plain torch; `steps` is called after each, with how many were before it."""
    architecture = small_architecture()
    network = nl.build(architecture, data.num_classes, network_seed(0, architecture.id, 0))
    batches = Batches(data.training, recipe, 0, True, num_classes=3)
    descent = torch.optim.SGD(
        network.parameters(), 0.1, recipe.momentum, weight_decay=recipe.weight_decay, nesterov=True
    )
    weights = class_weights(data.training.labels, 3) if recipe.class_weights == "balanced" else None
    for number in range(recipe.epochs * len(batches)):
        images, shown = batches.batch(*divmod(number, len(batches)))
        descent.zero_grad()
        training_loss(network(images), shown, recipe, weights).backward()
        descent.step()
        steps(network, number)
    return network.eval()


def assert_weights(folder: Path, network: nn.Module) -> None:
    found = weights_of(folder / CHECKPOINT)
    assert list(found) == list(network.state_dict())
    for key, value in network.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(found[key], value, atol=1e-4, rtol=1e-4)


def answers(network: nn.Module, data: TrainingData) -> tuple[torch.Tensor, torch.Tensor]:
    """Of each validation image the most probable class and its probability."""
    with torch.no_grad():
        confidence, predicted = network(validation_batch(data.validation, 0, True, (0, 1))[0]).softmax(1).max(1)
    return predicted, confidence


CONSTANT = {"schedule": "steps", "epochs": 3}


def test_the_average_of_weights_and_statistics_is_validated_and_exported(tmp_path: Path) -> None:
    recipe, data, averages = small_recipe(ema=0.6, **CONSTANT), small_data(), {}

    def follow(network: nn.Module, number: int) -> None:
        decay = min(0.6, (1 + number) / (10 + number)) if number else 0.0
        for name, value in network.state_dict().items():
            old = averages.get(name, value)
            averages[name] = decay * old + (1 - decay) * value if value.is_floating_point() else value.clone()

    network = learned(recipe, data, follow)
    record = train(small_architecture(), data, recipe, tmp_path)
    network.load_state_dict(averages)
    assert_weights(tmp_path, network)
    predicted, _ = answers(network, data)
    wrong = float((predicted != data.validation.labels).float().mean())
    assert record.error == pytest.approx(100 * wrong)
    state = torch.load(tmp_path / CHECKPOINT, weights_only=True)["state_dict"]
    first = next(iter(averages))
    assert not torch.allclose(state[f"network.{first}"], averages[first], atol=1e-4), "what learns goes on"


@pytest.mark.parametrize(
    "changes",
    [
        {"class_weights": "balanced"},
        {"class_weights": "balanced", "mixup": 1.0},
        {"sampling": "balanced"},
        {"cutmix": 1.0},
    ],
)
def test_balance_and_mixing_are_what_a_plain_loop_does(changes: dict[str, object], tmp_path: Path) -> None:
    recipe, data = small_recipe(**CONSTANT, **changes), uneven()
    network = learned(recipe, data, lambda network, number: None)
    record = train(small_architecture(), data, recipe, tmp_path)
    assert_weights(tmp_path, network)
    predicted, confidence = (one.numpy() for one in answers(network, data))
    labels = data.validation.labels.numpy()
    assert record.balanced_error == pytest.approx(balanced_error(labels, predicted))
    assert record.epochs[-1].predicted_classes == len(set(predicted.tolist()))
    assert record.majority_error == pytest.approx(100 * float((labels != 0).mean()))
    expected = evaluation(labels, predicted, confidence, 3)
    assert record.evaluation is not None and expected is not None
    assert record.evaluation.confusion == expected.confusion
    assert [one.image for one in record.evaluation.mistakes] == [one.image for one in expected.mistakes]


@pytest.mark.parametrize("done", [0, 1, 2])
@pytest.mark.parametrize("name", RECIPES)
def test_a_training_that_goes_on_ends_with_the_same_weights(name: str, done: int, tmp_path: Path) -> None:
    given = (small_architecture(), uneven(), RECIPES[name])
    whole = train(*given, tmp_path / "whole")
    with stopping(done), pytest.raises(Stop):
        train(*given, tmp_path / "parts")
    parts = train(*given, tmp_path / "parts")
    assert [one.loss for one in parts.epochs] == [one.loss for one in whole.epochs]
    assert [one.error for one in parts.epochs] == [one.error for one in whole.epochs]
    assert parts.evaluation == whole.evaluation and parts.finished
    assert parts.precision == whole.precision == resolved_precision(RECIPES[name], "cpu")
    found, expected = (weights_of(tmp_path / where / CHECKPOINT) for where in ("parts", "whole"))
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in expected)


def test_the_best_epoch_is_kept_and_training_ends_after_the_patience(tmp_path: Path) -> None:
    data = small_data(validation=60)
    recipe = small_recipe(epochs=12, early_stopping=2, schedule="steps", learning_rate=0.2)
    record = train(small_architecture(), data, recipe, tmp_path)
    assert record.stopped and record.finished and len(record.epochs) == record.kept.epoch + 2 < 12
    assert record.error == min(one.error for one in record.epochs)
    # The same without stopping, as far as the best epoch.
    short = train(
        small_architecture(),
        data,
        recipe.changed({"epochs": record.kept.epoch, "early_stopping": 0}),
        tmp_path / "short",
    )
    found, expected = weights_of(tmp_path / CHECKPOINT), weights_of(tmp_path / "short" / CHECKPOINT)
    assert all(torch.equal(found[key], expected[key]) for key in expected)
    assert record.evaluation == short.evaluation
    state = torch.load(tmp_path / CHECKPOINT, weights_only=True)["state_dict"]
    assert any(not torch.equal(found[key], state[f"network.{key}"]) for key in expected), "what learns went on"
    content = (tmp_path / CHECKPOINT).read_bytes()
    (tmp_path / RECORD).unlink()
    assert train(small_architecture(), data, recipe, tmp_path) == record
    assert (tmp_path / CHECKPOINT).read_bytes() == content, "nothing is left to do"


def test_kept_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe(epochs=1, ema=0.9), tmp_path)
    train(*given)
    content = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    for kept in ({}, {"a": torch.zeros(1)}, [], 3, {1: torch.zeros(1)}, {**content[KEPT], "more": torch.zeros(1)}):
        torch.save({**content, KEPT: kept}, tmp_path / CHECKPOINT)
        with pytest.raises(InvalidInput, match="is not a readable checkpoint"):
            train(*given)


def test_checkpoints_of_earlier_versions_are_gone_on_from(tmp_path: Path) -> None:
    given = (small_architecture(), small_data(), small_recipe(), tmp_path)
    with stopping(1), pytest.raises(Stop):
        train(*given)
    content = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    earlier = copy.deepcopy(content)
    for key in ("mixup", "cutmix", "ema", "early_stopping", "class_weights", "sampling"):
        del earlier[FACTS]["facts"]["recipe"][key]
    del earlier[FACTS]["evaluation"]
    for epoch in earlier[FACTS]["epochs"]:
        del epoch["balanced_error"], epoch["predicted_classes"]
    torch.save(earlier, tmp_path / CHECKPOINT)
    assert read_checkpoint(tmp_path / CHECKPOINT).evaluation is None
    record = train(*given)
    assert [one.balanced_error is None for one in record.epochs] == [True, False]
    assert record.finished and record.evaluation is not None
    earlier[FACTS]["facts"]["recipe"]["ema"] = 0.5
    torch.save(earlier, tmp_path / CHECKPOINT)
    with pytest.raises(InvalidInput, match="its recipe is"):
        train(*given)


def remarks(recipe: Recipe, folder: Path, data: TrainingData) -> tuple[TrainingRecord, list[str]]:
    """What was recorded until the training ended, and what was remarked."""
    said: list[str] = []

    @contextmanager
    def opened() -> Iterator[Callable[[int, int, str], None]]:
        yield lambda done, total, note: said.append(note) if isinstance(note, Remark) else None

    with suppress(TrainingDiverged):
        train(small_architecture(), data, recipe, folder, progress=opened)
    return read_document(folder / RECORD, TrainingRecord), said


SLOW = {"schedule": "steps", "epochs": 5, "weight_decay": 0.0}


def test_a_network_that_cannot_learn_is_remarked_after_epochs_1_2_and_4(tmp_path: Path) -> None:
    record, said = remarks(small_recipe(learning_rate=1e-12, **SLOW), tmp_path, small_data())
    assert record.not_learning is not None
    assert [one.partition(",")[0] for one in said] == ["epoch 1", "epoch 2", "epoch 4"]
    assert all("the network does not learn: " in one and "\n" not in one for one in said)


def test_a_rate_beyond_all_measure_is_remarked_before_it_ends_the_training(tmp_path: Path) -> None:
    recipe = small_recipe(learning_rate=1e6, **SLOW)
    record, said = remarks(recipe, tmp_path, small_data())
    assert record.not_learning is not None and len(record.epochs) == 1
    assert said == [f"epoch 1, the network does not learn: {record.not_learning}"]
    # It ended with one line, and so it does when it goes on.
    with pytest.raises(TrainingDiverged, match="the loss must stay finite, but is not at epoch 2, step 1; lower"):
        train(small_architecture(), small_data(), recipe, tmp_path)


def test_a_network_that_learns_is_not_remarked(tmp_path: Path) -> None:
    data = small_data(training=320)
    record, said = remarks(small_recipe(epochs=3, schedule="steps"), tmp_path, data)
    assert said == [] and record.not_learning is None
    assert record.chance_loss is not None and record.epochs[-1].loss < 0.9 * record.chance_loss


def test_one_answer_for_all_images_is_remarked(tmp_path: Path) -> None:
    data = small_data(training=320)
    labels = torch.zeros_like(data.training.labels)
    data = replace(data, training=replace(data.training, labels=labels))
    record, said = remarks(small_recipe(epochs=1, schedule="steps"), tmp_path, data)
    assert record.epochs[-1].predicted_classes == 1
    wrong = 100 * float((data.validation.labels > 0).float().mean())
    assert record.error == record.majority_error == pytest.approx(wrong)
    one = f"it takes all validation images for one class, with an error of {record.error:.2f} %"
    assert said == [f"epoch 1, the network does not learn: {one}"]


def test_an_average_can_be_sent_to_other_processes_and_takes_no_gradients() -> None:
    network = nl.build(small_architecture(), 3)
    average = pickle.loads(pickle.dumps(averaged(network, 0.9)))
    average.update_parameters(network)
    assert not any(one.requires_grad for one in average.parameters())
    assert all(one.requires_grad for one in network.parameters())
