"""From the folders of trainings to what a report tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from netlore.errors import InvalidInput
from netlore.experiments.train import TrainRun, stored_training
from netlore.experiments.train_config import fingerprint, measures
from netlore.report.command_lines import train_command
from netlore.report.data import TrainingData


def find_trainings(folders: Sequence[Path]) -> tuple[TrainingData, ...]:
    """What the trainings in these folders found, in their order; those that differ in the seed alone as one.

    Raises:
        InvalidInput: A folder holds no complete epoch, or two hold the same training with the same seed.
    """
    merged: dict[tuple[str, ...], TrainingData] = {}
    for folder in folders:
        run = stored_training(folder)
        found, key = trained(run), _key(run)
        if key not in merged:
            merged[key] = found
            continue
        known = {one.seed for one in merged[key].replicates}
        twice = [one.seed for one in found.replicates if one.seed in known]
        if twice:
            raise InvalidInput(
                f"two of the runs train {found.name} on {found.data} by {found.recipe} with seed {twice[0]}; name "
                "one of them."
            )
        replicates = sorted((*merged[key].replicates, *found.replicates), key=lambda one: one.seed)
        merged[key] = replace(merged[key], replicates=tuple(replicates))
    return tuple(merged.values())


def trained(run: TrainRun) -> TrainingData:
    """What one training found."""
    configuration = run.configuration
    architecture = configuration.make_architecture()
    return TrainingData(
        name=configuration.name,
        architecture=architecture.id,
        text=str(architecture),
        data=configuration.data,
        recipe=configuration.recipe_in_words,
        training_images=run.facts.training_images,
        validation_images=run.facts.validation_images,
        **measures(configuration, run.facts),
        replicates=run.records,
        command=train_command(configuration, len(run.records)),
    )


def _key(run: TrainRun) -> tuple[str, ...]:
    """What two trainings must have in common to differ in their seeds alone."""
    return fingerprint(run.configuration, "seed"), run.facts.digest
