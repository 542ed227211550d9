"""A design that takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from netlore.experiments.design import Design, planned_design
from netlore.experiments.design_config import DesignConfiguration

SMALL: dict[str, Any] = {
    "flops": (0.0, 4e6),
    "params": (0.0, 20_000.0),
    "predictor": "synflow",
    "restrict": {"d1": (1, 4)},
    "networks": 14,
    "round_limit": 2,
    "recipe": "smoke",
    "epochs": 2,
    "seed": 3,
}


def small(data: Path, **more: Any) -> Design:
    """What is chosen for a folder of pictures."""
    return planned_design(DesignConfiguration(**{"data": str(data), **SMALL, **more}))
