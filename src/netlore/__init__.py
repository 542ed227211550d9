"""netlore uncovers the hidden design principles of zero-cost performance predictors.

The names below are the public interface; each is imported on first use, so that `import netlore` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from netlore.analysis.bootstrap import exact_bootstrap, monte_carlo_bootstrap
    from netlore.data import Task, task
    from netlore.networks import build
    from netlore.refinement import Refinement, refine
    from netlore.sampling import sample
    from netlore.scores import Score, ScoreTable
    from netlore.scoring.evidence import Evidence
    from netlore.scoring.predictor import Predictor, predictor
    from netlore.scoring.scorer import probe, score
    from netlore.space.architecture import Architecture
    from netlore.space.catalogue import named
    from netlore.space.complexity import Complexity, complexity
    from netlore.space.design_space import DesignSpace, anynet, anynet_printed
    from netlore.space.distribution import Interval
    from netlore.space.families import architecture
    from netlore.space.families.anynet import anynet_architecture

_HOMES = {
    "Architecture": "netlore.space.architecture",
    "Complexity": "netlore.space.complexity",
    "DesignSpace": "netlore.space.design_space",
    "Evidence": "netlore.scoring.evidence",
    "Interval": "netlore.space.distribution",
    "Predictor": "netlore.scoring.predictor",
    "Refinement": "netlore.refinement",
    "Score": "netlore.scores",
    "ScoreTable": "netlore.scores",
    "Task": "netlore.data",
    "anynet": "netlore.space.design_space",
    "anynet_architecture": "netlore.space.families.anynet",
    "anynet_printed": "netlore.space.design_space",
    "architecture": "netlore.space.families",
    "build": "netlore.networks",
    "complexity": "netlore.space.complexity",
    "exact_bootstrap": "netlore.analysis.bootstrap",
    "monte_carlo_bootstrap": "netlore.analysis.bootstrap",
    "named": "netlore.space.catalogue",
    "predictor": "netlore.scoring.predictor",
    "probe": "netlore.scoring.scorer",
    "refine": "netlore.refinement",
    "sample": "netlore.sampling",
    "score": "netlore.scoring.scorer",
    "task": "netlore.data",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'netlore' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
