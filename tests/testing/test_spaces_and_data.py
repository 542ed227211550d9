"""A package with a measure, a data set and a design space, installed by pip; and what the checks catch."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from netlore.data import DATA, SPLITS, ArrayImages, ImageSet, image_set
from netlore.space.complexity import MEASURES, measure
from netlore.space.design_space import SPACES
from netlore.space.families.anynet import anynet
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Sum
from netlore.testing import ConformanceError, check_data, check_measure, check_space

PACKAGE = Path(__file__).parents[1] / "plugins" / "netlore_measure_and_data"
SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that finds the package installed."""
    folder = tmp_path_factory.mktemp("plugins")
    source = shutil.copytree(PACKAGE, folder / "source")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *options,
        "--target",
        str(folder / "installed"),
        str(source),
    ]
    subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=120)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder / "installed"), str(SOURCES)])}


def run(arguments: list[str], environment: dict[str, str], folder: Path) -> str:
    found = subprocess.run(arguments, env=environment, cwd=folder, capture_output=True, text=True, timeout=180)
    assert found.returncode == 0, found.stderr
    return found.stdout


CONFORM = """
from netlore.data import DATA
from netlore.space.complexity import LABELS, MEASURES, complexity
from netlore.space.design_space import SPACES
from netlore.space.named import named
from netlore.testing import check_data, check_measure, check_space
check_measure(MEASURES.get("weighted_layers"))
check_data(DATA.get("stripes"), "stripes")
check_space(SPACES.get("small_resnets"), "small_resnets")
label = LABELS["weighted_layers"]
assert (label.label, label.unit) == ("Weighted layers", "weighted layers")
assert complexity(named("baseline/resnet-20"), 10).others == {"weighted_layers": 22}
print("conforms")
"""


def test_an_installed_package_is_found_and_conforms(environment, tmp_path):
    assert run([sys.executable, "-c", CONFORM], environment, tmp_path) == "conforms\n"


def test_a_command_scores_its_space_on_its_data_and_tables_have_its_measure(environment, tmp_path):
    netlore = [sys.executable, "-m", "netlore"]
    what = ["--space", "small_resnets", "--data", "stripes", "--predictor", "synflow", "--flops", "0", "2e6"]
    what += ["--budget", "weighted_layers=20:60"]
    run([*netlore, "score", *what, "--networks", "3", "--batch-size", "4", "--out", "run"], environment, tmp_path)
    run([*netlore, "export", "run", "--format", "csv"], environment, tmp_path)
    table = pd.read_csv(next(tmp_path.glob("run/**/*.csv")))
    assert "synflow" in table.columns and table["weighted_layers"].between(20, 60).all()
    kept = json.loads((tmp_path / "run" / "run.json").read_text())["configuration"]
    assert kept["budget"] == {"weighted_layers": [20, 60]}
    listed = json.loads(run([*netlore, "list", "data", "--json"], environment, tmp_path))
    assert "stripes" in str(listed)


@pytest.mark.parametrize("name", [*MEASURES])
def test_built_in_measures_conform(name):
    check_measure(MEASURES.get(name))


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "digits", "noise"])
def test_built_in_data_sets_conform(name):
    check_data(DATA.get(name), name)


def test_a_built_in_split_conforms():
    check_data(SPLITS.get("digits"), "digits")


@pytest.mark.parametrize("name", ["anynet", "anynet-printed"])
def test_built_in_spaces_conform(name):
    check_space(SPACES.get(name), name)


def depth(plan: Plan, resolution: int) -> Size:
    """The longest path, which does not add up over a sum's two sides."""
    match plan:
        case Layer(kind=kind):
            return int(kind == "convolution")
        case Chain(parts):
            return sum((depth(part, resolution) for part in parts), start=0)
        case Sum(branch, _):
            return depth(branch, resolution)
        case Repeat(part, times):
            return depth(part, resolution) * times


@pytest.mark.parametrize(
    ("compute", "additive", "message"),
    [
        (lambda plan, side: 0.5, False, "it gives whole numbers of 0 or more; it gives 0.5"),
        (lambda plan, side: -1, False, "it gives whole numbers of 0 or more; it gives -1"),
        (lambda plan, side: int(depth(plan, side)), False, "it takes plans of arrays; it raises TypeError"),
        (lambda plan, side: 10 + depth(plan, side), True, "the stages of a network add up; they do not for d "),
        (
            lambda plan, side: depth(plan, side) % 7 if np.ndim(depth(plan, side)) else 8,
            False,
            "others than one by",
        ),
    ],
)
def test_a_broken_measure_is_caught(compute: Any, additive: bool, message: str):
    made = measure("mine", label="Mine", unit="things", additive=additive)(compute)
    with pytest.raises(ConformanceError, match=message):
        check_measure(made)
    with pytest.raises(ConformanceError, match="it has a label and a unit"):
        check_measure(replace(made, unit=" "))


def test_a_measure_that_does_not_add_up_may_say_so():
    check_measure(measure("mine", label="Mine", unit="things")(lambda plan, side: 10 + depth(plan, side)))


LABELS = np.arange(6) % 2
PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
FINE = image_set(PIXELS, LABELS)


@dataclass(frozen=True)
class Reordering:
    """Always the images in ascending order."""

    resolution: int = 8

    def read(self, indices: np.ndarray) -> np.ndarray:
        return PIXELS[np.sort(indices)]


@dataclass(frozen=True)
class Grey:
    resolution: int = 8

    def read(self, indices: np.ndarray) -> np.ndarray:
        return PIXELS[indices][..., :1]


def different(seed: int) -> ImageSet:
    pixels = np.random.default_rng().integers(0, 256, PIXELS.shape, dtype=np.uint8)
    return image_set(pixels, LABELS)


def global_state(seed: int) -> ImageSet:
    random.random()
    return FINE


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (lambda: FINE, "a loader takes a seed and nothing else"),
        (lambda seed: PIXELS, "a loader returns an ImageSet or a Split; it returns a ndarray"),
        (lambda seed: image_set(PIXELS, LABELS, ("a",)), "fit each other; .* must lie in 0..0"),
        (different, "the same seed gives the same images and labels"),
        (global_state, "no global random generator is used"),
        (lambda seed: replace(FINE, images=Reordering()), "images come in the order asked for"),
        (lambda seed: replace(FINE, images=Grey()), r"images have the shape \(n, R, R, 3\)"),
        (
            lambda seed: replace(FINE, images=ArrayImages(PIXELS.astype(float))),
            "uint8, or finite float32; they are",
        ),
        (lambda seed: replace(FINE, class_names=("a", "b", "c")), "every class has an image; 1 of 3"),
    ],
)
def test_a_broken_data_set_is_caught(load: Any, message: str):
    with pytest.raises(ConformanceError, match=message):
        check_data(load, "mine")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: anynet(), "it takes netlore's keywords and gives a design space"),
        (lambda **limits: None, "it takes netlore's keywords and gives a design space"),
        (lambda num_classes, resolution, **limits: anynet(10, resolution, **limits), "it keeps to the classes"),
        (lambda flops, params, activations, **sizes: anynet(**sizes), "it keeps to the classes, .* the limits"),
    ],
)
def test_a_broken_space_is_caught(make: Any, message: str):
    with pytest.raises(ConformanceError, match=message):
        check_space(make, "mine")
