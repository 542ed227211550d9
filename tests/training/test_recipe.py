"""Recipes: what the paper says, what may be changed, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from netlore.errors import InvalidInput, UnknownName
from netlore.training.recipe import Recipe, recipe, recipe_names, settings


def test_the_papers_recipe_is_that_of_its_section_v_d() -> None:
    found = recipe("paper")
    assert (found.epochs, found.batch_size, found.learning_rate) == (300, 32, 0.025)
    assert (found.momentum, found.nesterov, found.weight_decay, found.label_smoothing) == (0.9, True, 5e-5, 0.1)
    assert [share * found.epochs for share in found.milestones] == [150, 225]
    assert (found.schedule, found.decay, found.padding, found.mirror) == ("steps", 0.1, 4, True)
    assert found.precision == "float32"


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_can_be_read_and_given_as_a_file(name: str, tmp_path: Path) -> None:
    found = recipe(name)
    lines = [f"{key} = {_toml(value)}" for key, value in found.model_dump(mode="json").items()]
    path = tmp_path / "own.toml"
    path.write_text("\n".join(lines))
    assert recipe(str(path)) == found


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def test_every_key_can_be_changed() -> None:
    other = {
        "epochs": 7,
        "batch_size": 3,
        "learning_rate": 0.5,
        "momentum": 0.1,
        "nesterov": False,
        "weight_decay": 0.0,
        "clip_norm": 1.5,
        "label_smoothing": 0.0,
        "schedule": "steps",
        "milestones": (0.2,),
        "decay": 0.3,
        "warm_up": 0.4,
        "padding": 1,
        "mirror": False,
        "mixup": 0.2,
        "cutmix": 1.0,
        "ema": 0.99,
        "early_stopping": 5,
        "held_out": 0.2,
        "class_weights": "balanced",
        "sampling": "uniform",
        "channels_last": False,
        "precision": "bf16",
    }
    assert set(other) == set(Recipe.model_fields)
    assert recipe("quick").changed(other).model_dump() == other


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("learning_rat", 0.1, "choose one of batch_size, channels_last"),
        ("epochs", 0, "epochs = 0 is not allowed"),
        ("epochs", 10**9, "should be less than or equal to 1000000"),
        ("epochs", True, "epochs = True is not allowed"),
        ("epochs", "4", "epochs = '4' is not allowed"),
        ("nesterov", 1, "nesterov = 1 is not allowed"),
        ("momentum", float("nan"), "momentum = nan is not allowed"),
        ("warm_up", float("nan"), "warm_up = nan is not allowed"),
        ("milestones", [0.1, float("inf")], "milestones.1 = inf is not allowed"),
        ("learning_rate", float("nan"), "learning_rate = nan is not allowed"),
        ("learning_rate", "fast", "learning_rate = 'fast' is not allowed"),
        ("milestones", [0.7, 0.5], "ascending shares of the epochs"),
        ("milestones", [150], "ascending shares of the epochs"),
        ("momentum", 0, "nesterov needs a momentum above 0"),
        ("schedule", "linear", "'steps' or 'one-cycle'"),
        ("mixup", -0.1, "mixup = -0.1 is not allowed"),
        ("cutmix", float("inf"), "cutmix = inf is not allowed"),
        ("mixup", 1e4, "should be less than or equal to 1000"),
        ("ema", 1.0, "should be less than 1"),
        ("held_out", 1.0, "should be less than 1"),
        ("held_out", -0.1, "held_out = -0.1 is not allowed"),
        ("early_stopping", -1, "early_stopping = -1 is not allowed"),
        ("class_weights", "equal", "'none' or 'balanced'"),
        ("sampling", "balance", "'uniform' or 'balanced'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(key: str, value: object, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        recipe("quick").changed({key: value})
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_recipes_of_earlier_versions_have_none_of_the_later_keys() -> None:
    later = {
        "mixup": 0.0,
        "cutmix": 0.0,
        "ema": 0.0,
        "early_stopping": 0,
        "held_out": 0.0,
        "class_weights": "none",
    }
    for name in ("paper", "quick", "smoke"):
        assert recipe(name).model_dump().items() >= {**later, "sampling": "uniform"}.items()
    with pytest.raises(InvalidInput, match="must not both be balanced"):
        recipe("quick").changed({"class_weights": "balanced", "sampling": "balanced"})


def test_numbers_of_numpy_are_numbers() -> None:
    found = recipe("quick").changed({"epochs": np.int64(3), "learning_rate": np.float32(0.5)})
    assert (found.epochs, found.learning_rate) == (3, 0.5) and type(found.epochs) is int


def test_texts_are_read_as_toml_and_bare_words_as_words() -> None:
    assert settings(["padding=0", "mirror = false", "learning_rate=1e-3", "precision=bf16"]) == {
        "padding": 0,
        "mirror": False,
        "learning_rate": 1e-3,
        "precision": "bf16",
    }
    for text in ("padding", "=3", "padding="):
        with pytest.raises(InvalidInput, match="write KEY=VALUE"):
            settings([text])


def test_files_that_are_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"recipe 'slow' is not known"):
        recipe("slow")
    with pytest.raises(InvalidInput, match="cannot be read"):
        recipe(str(tmp_path / "none.toml"))
    path = tmp_path / "bad.toml"
    path.write_text("epochs == 3")
    with pytest.raises(InvalidInput, match="is not TOML"):
        recipe(str(path))
    path.write_text("epochs = 3\nturbo = true")
    with pytest.raises(InvalidInput, match=r"turbo = True is not allowed|batch_size"):
        recipe(str(path))
