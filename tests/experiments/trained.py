"""Small trainings in folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import netlore as nl
from netlore.experiments.train import TrainRun, train_run
from netlore.experiments.train_config import configured

SMALL = nl.anynet_architecture((1, 1, 1), (4, 4, 8), (2, 2, 2), (1, 1, 1))


def trained(folder: Path, epochs: int = 1, replicates: int = 1, seed: int = 0, **more: Any) -> TrainRun:
    """The small architecture, trained on digits for a moment."""
    what = more.pop("what", SMALL.to_json())
    changes = {"batch_size": 128, **more.pop("changes", {})}
    configuration = configured(what, "digits", "smoke", epochs, changes, seed=seed, **more)
    return train_run(configuration, folder, replicates)
