"""The command of each step of a design."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from netlore.experiments.config import RefineConfiguration
from netlore.experiments.design import Design
from netlore.experiments.design_config import (
    FINALIST,
    HELD_OUT,
    NETWORKS,
    REFINEMENT,
    ROUNDS,
    TABLE,
    TRAINING,
    DesignConfiguration,
)
from netlore.experiments.study.config import StudyPlan
from netlore.experiments.train import TrainRun
from netlore.report.command_lines import design_command, refine_command, space_options, train_command
from netlore.report.page.page import Run


def pick_seed(asked: DesignConfiguration) -> int:
    """Other initial weights than those that made a network one of the best."""
    return asked.seed + 1


def steps(
    chosen: Design, plan: StudyPlan, tried: Sequence[TrainRun], trained: TrainRun, folder: Path
) -> list[Run]:
    """The command of each step, to do it again by hand."""
    asked, facts, place = chosen.asked, trained.facts, shlex.quote(str(folder))
    (part,) = plan.parts
    assert isinstance(part.configuration, RefineConfiguration)
    sizes = ["--classes", str(len(facts.class_names)), "--resolution", str(facts.resolution)]
    how = ["--runtime", asked.runtime, "--threads", str(asked.threads), *sizes]
    found = [Run("All of it", f"{design_command(asked)} --out {place}", "The steps below, one after the other.")]
    if chosen.needs_table:
        words = [
            "netlore",
            "latency",
            "--table",
            str(folder / TABLE),
            *how,
            *space_options(chosen.before_latency()),
            *("--seed", str(asked.seed)),
        ]
        words += ["--networks", str(NETWORKS), "--held-out", str(HELD_OUT), "--rounds", str(ROUNDS)]
        found.append(Run("A table of this machine", shlex.join(words), "It predicts the latency of any network."))
    found += [
        Run("Networks are scored", f"{refine_command(part.configuration)} --out {place}/{REFINEMENT}", ""),
        Run(
            "The best is picked",
            f"netlore pick {place}/{REFINEMENT} --candidates elites --seed {pick_seed(asked)}",
            "The best that were scored compete once more, with other initial weights.",
        ),
        *(
            Run(
                f"Finalist {number} learns",
                f"{train_command(one.configuration)} --out {place}/{FINALIST}-{number}",
                "",
            )
            for number, one in enumerate(tried, start=1)
        ),
        Run("The network is trained", f"{train_command(trained.configuration)} --out {place}/{TRAINING}", ""),
        Run("It is exported", f"netlore export {place}/{TRAINING} --format onnx --out {place}", ""),
        Run(
            "It is measured",
            shlex.join(["netlore", "latency", trained.configuration.make_architecture().to_json(), *how]),
            "",
        ),
        Run("All that the refinement found", f"netlore report {place}/{REFINEMENT}", "A page of its own."),
    ]
    return found
