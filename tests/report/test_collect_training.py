"""What reports find of trainings."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import netlore as nl
from netlore.errors import InvalidInput
from netlore.experiments.train_config import configured
from netlore.report.command_lines import train_command
from netlore.report.trainings import find_trainings
from netlore.training.recipe import settings
from tests.experiments.trained import SMALL, trained

pytest.importorskip("lightning", reason="the extra `train` is not installed")


def test_all_that_is_known_of_a_training(tmp_path: Path) -> None:
    run = trained(tmp_path, epochs=2, changes={"padding": 2})
    (found,) = find_trainings([tmp_path])
    cost = nl.complexity(SMALL, num_classes=10, resolution=32)
    assert (found.flops, found.params, found.activations) == tuple(cost.as_dict().values())
    assert (found.name, found.architecture, found.text) == (SMALL.id, SMALL.id, str(SMALL))
    assert (found.data, found.recipe) == ("digits", "smoke with batch_size = 128, padding = 2")
    assert found.training_images + found.validation_images == 1797
    assert found.replicates == run.records and found.first.planned == 2
    assert [one.epoch for one in found.first.epochs] == [1, 2]


def test_runs_that_differ_in_the_seed_are_one_training(tmp_path: Path) -> None:
    for seed in (4, 2):
        trained(tmp_path / str(seed), seed=seed)
    trained(tmp_path / "other", changes={"padding": 0})
    found = find_trainings([tmp_path / "4", tmp_path / "other", tmp_path / "2"])
    assert [[record.seed for record in one.replicates] for one in found] == [[2, 4], [0]]
    trained(tmp_path / "again", seed=4)
    with pytest.raises(InvalidInput, match=r"with seed 4; name one of them"):
        find_trainings([tmp_path / "4", tmp_path / "again"])


def test_a_training_without_a_finished_epoch_is_refused(tmp_path: Path) -> None:
    trained(tmp_path)
    (tmp_path / "seed-0" / "record.json").unlink()
    with pytest.raises(InvalidInput, match=r"not one epoch in .* is complete; run its train command again"):
        find_trainings([tmp_path])
    (tmp_path / "seed-0" / "record.json").write_text("{}")
    with pytest.raises(InvalidInput, match="cannot be used"):
        find_trainings([tmp_path])


def test_the_command_line_says_everything_that_is_not_usual() -> None:
    changes = {"learning_rate": 0.05, "mirror": False, "milestones": [0.3, 0.6], "schedule": "steps"}
    configuration = configured(
        "baseline/resnet-20", "images", "paper", 12, changes, validation="others", seed=3, devices=2, resize=32
    )
    words = shlex.split(train_command(configuration, 2))
    assert words[:5] == ["netlore", "train", "baseline/resnet-20", "--data", "images"]
    options = {word: words[place + 1] for place, word in enumerate(words) if word.startswith("--")}
    assert (options["--validation"], options["--recipe"], options["--epochs"]) == ("others", "paper", "12")
    assert (options["--seed"], options["--replicates"], options["--devices"]) == ("3", "2", "2")
    given = [words[place + 1] for place, word in enumerate(words) if word == "--set"]
    assert options["--resize"] == "32"
    more = {"validation": "others", "seed": 3, "devices": 2, "resize": 32}
    again = configured("baseline/resnet-20", "images", "paper", 12, settings(given), **more)
    assert again == configuration and "schedule=steps" not in given


def test_an_architecture_without_a_name_is_given_as_json() -> None:
    words = shlex.split(train_command(configured(SMALL.to_json(), "digits", "quick", None, {})))
    assert nl.architecture("anynet", SMALL.values).to_json() == words[2]
    assert "--epochs" not in words and "--replicates" not in words
