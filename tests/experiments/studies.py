"""A study small enough for tests, and its parts."""

from __future__ import annotations

from pathlib import Path

from netlore.experiments.study.config import StudyPlan, planned, read_study

TOML = """
title = "A <small> study"
flops = [1e6, 12e6]
data = ["noise"]
predictors = ["synflow", "logdet"]

[sizes.small]
sample = 30
networks = 6
batch_size = 2
round_limit = 2

[sizes.small.refine.synflow]
replicates = 2
"""


def small_plan(folder: Path) -> StudyPlan:
    """Thirty networks scored by two predictors; one refined twice, one once, for two rounds of six networks."""
    path = folder / "study.toml"
    path.write_text(TOML, encoding="utf-8")
    return planned(read_study(path), "small")
