"""What is chosen by the data, and why."""

from __future__ import annotations

from typing import Any

import pytest

import netlore as nl
from netlore.data.overview import DataOverview
from netlore.errors import InvalidInput
from netlore.experiments import design as room
from netlore.experiments.design import STEPS, Design, planned_design
from netlore.experiments.design_config import DesignConfiguration
from netlore.training.recipe import recipe

USUAL: dict[str, Any] = {
    "name": "pictures",
    "counts": (500, 500),
    "class_names": ("cat", "dog"),
    "validation": 100,
    "sizes": ((32, 32),),
    "shorter": 32,
    "gray": False,
}


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is chosen for data that are so."""

    def of(found: dict[str, Any], **asked: Any) -> Design:
        monkeypatch.setattr(room, "overview", lambda *_, **__: DataOverview(**{**USUAL, **found}))
        return planned_design(DesignConfiguration(data="pictures", **asked))

    return of


@pytest.mark.parametrize(
    ("sizes", "shorter", "asked", "side", "space"),
    [
        (((32, 32),), 32, {}, None, "resnet"),
        (((64, 64),), 64, {}, None, "resnet"),
        (((96, 96),), 96, {}, None, "anynet-imagenet"),
        (((224, 224),), 224, {}, None, "anynet-imagenet"),
        (((512, 512),), 512, {}, 128, "anynet-imagenet"),
        (((640, 480), (480, 640)), 480, {}, 128, "anynet-imagenet"),
        (((90, 70), (70, 80)), 70, {}, 64, "resnet"),
        (((30, 20), (28, 28)), 20, {}, 32, "resnet"),
        (((640, 480),), 480, {"resize": 48}, 48, "resnet"),
        (((640, 480),), 480, {"resize": 256, "crop": 224}, 224, "anynet-imagenet"),
        (((640, 480),), 480, {"resize": 64, "space": "mnasnet"}, 64, "mnasnet"),
    ],
)
def test_the_side_of_images_and_the_space_that_fits_it(
    chosen: Any, sizes: Any, shorter: int, asked: dict[str, Any], side: int | None, space: str
) -> None:
    found = chosen({"sizes": sizes, "shorter": shorter}, **asked)
    assert (found.reading.side, found.shared["space"]) == (side, space)
    said = " ".join(found.reasons)
    assert ("--resize" in said) == (side is not None and not asked)
    assert (f"Design space {space}" in said) == ("space" not in asked)


def test_few_images_have_more_epochs_and_smaller_batches(chosen: Any) -> None:
    many, some, few = (chosen({"counts": (n, n)}) for n in (25_000, 2_500, 40))
    usual = recipe("quick")
    assert (many.recipe.epochs, many.recipe.changes) == (usual.epochs, {})
    assert (some.recipe.epochs, some.recipe.changes) == (-(-STEPS // (5_000 // 64)), {})
    assert (few.recipe.epochs, few.recipe.changes) == (100, {"batch_size": 32})
    assert "more epochs" in few.reasons[-1] and "more epochs" not in many.reasons[-1]
    assert few.shared["batch_size"] == 64 and chosen({"counts": (9, 9)}).shared["batch_size"] == 18
    assert chosen({}, epochs=3, changes={"batch_size": 16}).recipe.changes == {"batch_size": 16}


def test_a_budget_is_what_is_asked_for_or_else_the_papers(chosen: Any) -> None:
    assert chosen({}).shared["flops"] == (0, 50e6)
    assert any("No budget" in text for text in chosen({}).reasons)
    only = chosen({}, params=(0, 1e5))
    assert only.shared["flops"] is None and only.plan().parts[0].configuration.limits == {"params": (0, 1e5)}
    limited = chosen({}, latency=(0, 5), budget={"weight_bytes": (0, 1e6)})
    assert limited.needs_table
    before = limited.plan().parts[0].configuration.limits
    assert before == {"weight_bytes": (0, 1e6)}
    # What is measured for a table is not much slower than what is asked for.
    assert limited.before_latency().limits == {"flops": (0, 500e6), "weight_bytes": (0, 1e6)}
    with pytest.raises(InvalidInput, match="latency = 5 to 1 is empty"):
        chosen({}, latency=(5, 1))


def test_the_part_of_the_space_that_learns_in_few_steps(chosen: Any) -> None:
    ten = chosen({"counts": (9,) * 10, "class_names": tuple("abcdefghij")})
    assert ten.shared["restrict"] == {
        **{f"d{i}": (1, 4) for i in (1, 2, 3)},
        **{f"w{i}": (low, 256) for i, low in ((1, 8), (2, 16), (3, 32))},
    }
    assert any("at least 8, 16 and 32 channels" in text for text in ten.reasons)
    many = chosen({"counts": (9,) * 100, "class_names": tuple(map(str, range(100)))})
    assert many.shared["restrict"]["w3"] == (128, 256), "no fewer channels than classes before the classifier"
    # What is asked for counts, and a budget that no network of the part meets is met by others.
    assert chosen({}, restrict={"d1": (1, 2)}).shared["restrict"] == {"d1": (1, 2)}
    assert chosen({}, space="anynet").shared["restrict"] == {}
    little = chosen({}, flops=(0, 10e6), params=(0, 20e3)).shared["restrict"]
    assert little["d1"] == (1, 4) and [little[f"w{i}"][0] for i in (1, 2, 3)] == [8, 8, 16]
    whole = nl.resnet(2, 32, flops=(0, 10e6), params=(0, 20e3))
    sizes = [whole.restrict(kept).cardinality_within_budget for kept in (ten.shared["restrict"], little)]
    assert sizes[0] < 250 <= sizes[1], "a part has something to choose from"
    tiny = chosen({}, params=(0, 1_000), flops=(0, 1_000))
    assert tiny.shared["restrict"] == {} and not any("channels" in text for text in tiny.reasons)


def test_what_one_should_know_is_said(chosen: Any) -> None:
    assert chosen({}).notes == ()
    (balance,) = chosen({"counts": (25, 500)}).notes
    assert "cat has 25 images" in balance and "20 times" in balance and "sampling=balanced" in balance
    (rough,) = chosen({"validation": 19}).notes
    assert "rough" in rough
    assert len(chosen({"left_out": ("a.png (empty)",)}).notes) == 1


def test_what_no_recipe_knows_is_refused_before_anything_is_done(chosen: Any) -> None:
    with pytest.raises(InvalidInput, match="recipe"):
        chosen({}, recipe="slow")
    with pytest.raises(InvalidInput, match="learning"):
        chosen({}, changes={"learning": 1})
