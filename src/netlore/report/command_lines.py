"""From what a folder records to the command that does the same again."""

from __future__ import annotations

import shlex

from netlore.experiments.config import PAPER_FLOPS, Configuration, RefineConfiguration, ScoreConfiguration
from netlore.experiments.train_config import TrainConfiguration


def refine_command(configuration: RefineConfiguration, replicates: int = 1) -> str:
    """The command that repeats a refinement, with every setting that is not the default."""
    words = ["netlore", "refine"]
    for name in ("predictor", "data", "networks", "seed"):
        words += [f"--{name}", str(getattr(configuration, name))]
    if replicates > 1:
        words += ["--replicates", str(replicates)]
    return shlex.join([*words, *_settings(configuration, ("method", "bootstrap", "round_limit"))])


def score_command(configuration: ScoreConfiguration) -> str:
    """The command that makes a sample's scores again, with every setting that is not the default."""
    words = ["netlore", "score"]
    for name in configuration.architectures:
        words += ["--architecture", name]
    if not configuration.architectures:
        words += ["--networks", str(configuration.networks)]
    for name in configuration.predictors:
        words += ["--predictor", name]
    words += ["--data", configuration.data, "--seed", str(configuration.seed)]
    return shlex.join([*words, *_settings(configuration, ("chunk_size",))])


def train_command(configuration: TrainConfiguration, replicates: int = 1) -> str:
    """The command that repeats a training, with every setting that is not the default."""
    what = configuration.architecture or configuration.make_architecture().to_json()
    words = ["netlore", "train", what, "--data", configuration.data]
    if configuration.validation is not None:
        words += ["--validation", configuration.validation]
    words += ["--recipe", configuration.recipe]
    values = configuration.settings.model_dump(mode="json")
    for name in configuration.changed:
        words += (
            ["--epochs", str(values[name])] if name == "epochs" else ["--set", f"{name}={_toml(values[name])}"]
        )
    words += ["--seed", str(configuration.seed)]
    if replicates > 1:
        words += ["--replicates", str(replicates)]
    for name, usual in (("device", "cpu"), ("devices", 1)):
        if getattr(configuration, name) != usual:
            words += [f"--{name}", str(getattr(configuration, name))]
    return shlex.join(words)


def _settings(configuration: Configuration, more: tuple[str, ...]) -> list[str]:
    """Options for the settings that are not the defaults, of those that every run has and `more`."""
    words: list[str] = []
    defaults = type(configuration)()
    for name in ("space", "batch_size", "data_seed", "dtype", "device", *more):
        if getattr(configuration, name) != getattr(defaults, name):
            words += [f"--{name.replace('_', '-')}", str(getattr(configuration, name))]
    for name, usual in (("flops", PAPER_FLOPS), ("params", None), ("activations", None)):
        limits = getattr(configuration, name)
        if limits != usual:
            words += [f"--{name}", *map(_number, limits or (0.0, float("inf")))]
    for name, limits in (configuration.budget or {}).items():
        words += ["--budget", name, *map(_number, limits)]
    return words


def _number(value: float) -> str:
    """As short as it can be without loss."""
    return f"{value:.0f}" if value.is_integer() else repr(value)


def _toml(value: object) -> str:
    """A recipe's value as `--set` reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
