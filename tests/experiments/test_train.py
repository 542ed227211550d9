"""Training in folders: data in every layout, and what is refused before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import netlore as nl
from netlore.errors import DataWarning, DifferentConfiguration, InvalidInput, UnreadableData
from netlore.experiments.train import folder_of, stored_training, train_run, usual_folder
from netlore.experiments.train_config import configured, recorded_training
from netlore.training.records import RECORD
from tests.experiments.trained import SMALL, trained

pytest.importorskip("lightning", reason="the extra `train` is not installed")

REPOSITORY = Path(__file__).resolve().parents[2]
CIFAR = REPOSITORY / "../shared/data/cifar"


def write_images(folder: Path, resolution: int, classes: tuple[str, ...], count: int = 12) -> Path:
    """A folder a class; the class shows in the brightness."""
    rng = np.random.default_rng(len(classes))
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            pixels = rng.integers(80 * number, 80 * number + 90, (resolution, resolution, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{index}.png")
    return folder


def learn(data: Path, out: Path, validation: Path | None = None, epochs: int = 1) -> None:
    changes = {"batch_size": 8, "padding": 1}
    given = None if validation is None else str(validation)
    train_run(configured(SMALL.to_json(), str(data), "smoke", epochs, changes, validation=given), out)


@pytest.mark.parametrize("resolution", [8, 20])
def test_image_folders_at_any_resolution(resolution: int, tmp_path: Path) -> None:
    write_images(tmp_path / "data" / "train", resolution, ("dark", "light", "white"))
    write_images(tmp_path / "data" / "val", resolution, ("dark", "light", "white"), count=5)
    learn(tmp_path / "data", tmp_path / "out", epochs=4)
    facts = recorded_training(tmp_path / "out").facts
    assert (facts.training_images, facts.validation_images, facts.resolution) == (36, 15, resolution)
    assert facts.class_names == ("dark", "light", "white")
    result = stored_training(tmp_path / "out").result()
    assert result["flops"] == nl.complexity(SMALL, num_classes=3, resolution=resolution).flops
    # Chance is 67 %.
    assert result["best_error"] < 50


def test_images_are_held_out_of_those_to_learn_from(tmp_path: Path) -> None:
    write_images(tmp_path / "data" / "train", 8, ("dark", "light"))
    write_images(tmp_path / "data" / "val", 8, ("dark", "light"), count=5)
    for share, counts in ((0.25, (18, 6)), (0.0, (24, 10))):
        changes = {"batch_size": 8, "held_out": share}
        asked = configured(SMALL.to_json(), str(tmp_path / "data"), "smoke", 1, changes)
        facts = train_run(asked, tmp_path / f"out-{share}").facts
        assert (facts.training_images, facts.validation_images) == counts
    with pytest.raises(DifferentConfiguration, match="held_out"):
        train_run(asked, tmp_path / "out-0.25")


def test_a_validation_set_of_other_images_or_classes_is_refused(tmp_path: Path) -> None:
    train = write_images(tmp_path / "train", 8, ("a", "b"))
    for other, said in (
        (write_images(tmp_path / "large", 16, ("a", "b")), "16"),
        (write_images(tmp_path / "more", 8, ("a", "b", "c")), "c"),
    ):
        with pytest.raises(UnreadableData, match=said) as refused:
            learn(train, tmp_path / "out", other)
        assert "\n" not in str(refused.value) and not (tmp_path / "out").exists()


def test_cifar_from_parquet_files(tmp_path: Path) -> None:
    train, test = CIFAR / "cifar10-train-20k.parquet", CIFAR / "cifar10-test.parquet"
    if not train.is_file():
        pytest.skip("../shared/data/cifar is not there")
    found = nl.training_data(str(train), str(test))
    assert (len(found.training), len(found.validation), found.num_classes) == (20_000, 10_000, 10)
    assert found.class_names[0] == "airplane" and found.mirrors
    # A refusal needs all of the data, and trains nothing.
    given = configured(SMALL.to_json(), str(train), "smoke", 1, {}, validation=str(test), devices=3)
    with pytest.raises(InvalidInput, match="a batch of 64 images cannot be shared equally by 3 devices"):
        train_run(given, tmp_path)


def test_a_folder_of_other_data_is_refused(tmp_path: Path) -> None:
    data = write_images(tmp_path / "data", 8, ("a", "b"))
    learn(data, tmp_path / "out")
    record = folder_of(tmp_path / "out", 0) / RECORD
    before = record.read_bytes()
    (data / "a" / "0.png").unlink()
    with pytest.raises(DifferentConfiguration, match=r"images is .* there and .* here"):
        learn(data, tmp_path / "out")
    assert record.read_bytes() == before


def test_fewer_replicates_than_before_forget_none(tmp_path: Path) -> None:
    trained(tmp_path, replicates=2)
    trained(tmp_path, replicates=1)
    assert [one.seed for one in stored_training(tmp_path).records] == [0, 1]


def test_the_usual_folder_says_what_is_in_it() -> None:
    found = usual_folder(configured("paper/cifar10/synflow", "images/birds.parquet", "quick", None, {}))
    assert found == Path("runs/trained/paper-cifar10-synflow-birds-quick")


def test_what_is_trained_by_default() -> None:
    assert configured("paper/cifar100/synflow", None, "quick", None, {}).data == "cifar100"
    assert configured("baseline/resnet-20", None, "quick", None, {}).data == "cifar10"


def test_only_what_differs_counts_as_changed() -> None:
    found = configured("baseline/resnet-20", "digits", "quick", 20, {"padding": 4, "mirror": False})
    assert found.changed == ("mirror",) and found.recipe_in_words == "quick with mirror = False"
    assert configured("baseline/resnet-20", "digits", "quick", 7, {}).recipe_in_words == "quick"


def of_many_sizes(folder: Path, count: int) -> Path:
    """Two classes of pictures that are not square."""
    for number, name in enumerate(("dark", "light")):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            pixels = np.random.default_rng(index).integers(90 * number, 90 * number + 80, (9 + index, 12, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(folder / name / f"{index}.png")
    return folder


def test_pictures_of_many_sizes_bad_ones_and_a_test_set(tmp_path: Path) -> None:
    for part, count in (("train", 8), ("val", 3), ("test", 4)):
        of_many_sizes(tmp_path / "data" / part, count)
    (tmp_path / "data" / "train" / "dark" / "0.png").write_bytes(b"x")
    more = {"resize": 8, "skip_bad": True}
    asked = configured(
        SMALL.to_json(), str(tmp_path / "data"), "smoke", 1, {"batch_size": 4, "padding": 1}, **more
    )
    with pytest.warns(DataWarning, match="1 of 16 images"):
        run = train_run(asked, tmp_path / "out", test=True)
    written = json.loads((tmp_path / "out" / "run.json").read_text())
    assert written["left_out"] == ["dark/0.png (not an image file)"] and written["configuration"]["resize"] == 8
    assert (run.facts.training_images, run.facts.validation_images) == (15, 6)
    result = json.loads((tmp_path / "out" / "training.json").read_text())
    assert result["test_images"] == 8 and 0 <= result["test_error"] <= 100
    # It is kept when the same is asked for without it, and read again.
    with pytest.warns(DataWarning):
        train_run(asked, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "training.json").read_text()) == result
    assert stored_training(tmp_path / "out").result() == result
    with pytest.warns(DataWarning), pytest.raises(DifferentConfiguration, match="resize is 8 there and 9 here"):
        train_run(asked.model_copy(update={"resize": 9}), tmp_path / "out")


def test_a_test_set_that_is_not_there_is_refused_before_a_folder_is_made(tmp_path: Path) -> None:
    write_images(tmp_path / "data", 8, ("a", "b"))
    asked = configured(SMALL.to_json(), str(tmp_path / "data"), "smoke", 1, {"batch_size": 4})
    with pytest.raises(InvalidInput, match="has no images for a test that lie next to others for validation; add"):
        train_run(asked, tmp_path / "out", test=True)
    assert not (tmp_path / "out").exists()
