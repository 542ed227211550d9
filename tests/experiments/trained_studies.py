"""A study small enough for tests that refines once and trains what it picks, and networks of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from netlore.experiments.study.config import StudyPlan, planned, read_study
from tests.training.small import RESOLUTION, small_architecture

SMALL = small_architecture()
OTHER = small_architecture(8)

TOML = f"""
title = "Refined and trained"
flops = [5e4, 2e5]
data = ["SHADES"]
predictors = ["jacov"]
seed = 3

[sizes.small]
networks = 6
batch_size = 8
round_limit = 1

[[sizes.small.train]]
architectures = ["picked", '{SMALL.to_json()}']
recipe = "smoke"
epochs = 3
set = {{ batch_size = 16, learning_rate = 0.05 }}

[sizes.trained]
predictors = []

[[sizes.trained.train]]
architectures = ['{SMALL.to_json()}']
recipe = "smoke"
epochs = 1
set = {{ batch_size = 16 }}
"""


def plan_of(folder: Path, text: str = TOML, size: str = "small") -> StudyPlan:
    """The plan of a study that is written down in a folder, next to its images."""
    path = folder / "study.toml"
    path.write_text(text.replace("SHADES", str(shades(folder))), encoding="utf-8")
    return planned(read_study(path), size)


def shades(folder: Path) -> Path:
    """Two classes of 40 small images, which differ in their brightness; 72 are learned, 8 held out."""
    rng = np.random.default_rng(0)
    for name, brightness in (("dark", 0), ("light", 120)):
        place = folder / "shades" / name
        if not place.is_dir():
            place.mkdir(parents=True)
            for number in range(40):
                pixels = brightness + rng.integers(0, 130, (RESOLUTION, RESOLUTION, 3))
                Image.fromarray(pixels.astype(np.uint8)).save(place / f"{number:02}.png")
    return folder / "shades"
