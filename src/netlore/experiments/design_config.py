"""What is asked of a design, and what lies in its folder."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, JsonValue

from netlore.experiments.config import Kept, Limits, Networks, Seed, Tables
from netlore.experiments.reading_config import ReadingConfiguration

COMMAND = "design"
REFINEMENT, FINALIST, TRAINING = "refinement", "finalist", "training"
TABLE, MEASURED = "latency.json", "latency"
"""What lies in the folder of a design: the refinement, a training of each finalist, which are numbered, and of the
chosen network; a table of this machine, and what that is made of."""

NETWORKS, HELD_OUT, ROUNDS = 80, 20, 12
"""Of the table of this machine: networks that it is made of and judged by, and rounds of measuring."""
PREDICTOR = "synflow"
"""The predictor if none is asked for; `netlore.experiments.design` says why."""


class DesignConfiguration(ReadingConfiguration):
    """What is asked for; None stands for what is chosen by the data.

    Attributes as of `Configuration`, `RefineConfiguration` and `TrainConfiguration`, and:
        networks: Of a round; more than the method's own, so that shallow networks are among them, too.
        finalists: Networks that learn for a while, before the best is trained; 1: the picked one is.
        latency: Limits of the milliseconds that an image takes, on this machine or by a table of a device.
        changes: Values instead of the recipe's; `set` on the command line.
        runtime, threads: What runs networks for their latency.
    """

    data: str
    validation: str | None = None
    space: str | None = None
    space_options: dict[str, Any] = Field(default={})
    restrict: Kept = Field(default={})
    flops: Limits | None = None
    params: Limits | None = None
    activations: Limits | None = None
    latency: Limits | None = None
    budget: dict[str, Limits] | None = None
    device_tables: Tables = ()
    predictor: str = PREDICTOR
    networks: Networks = 250
    round_limit: int = Field(default=100, ge=1, le=1_000_000)
    finalists: int = Field(default=6, ge=1, le=100)
    recipe: str = "quick"
    epochs: int | None = Field(default=None, ge=1)
    changes: dict[str, JsonValue] = Field(default={})
    seed: Seed = 0
    device: str = "cpu"
    runtime: Literal["onnxruntime", "torch"] = "onnxruntime"
    threads: int = Field(default=1, ge=1, le=1024)
