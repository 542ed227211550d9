"""From what a folder records to the command that does the same again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from netlore.experiments.config import (
    PAPER_FLOPS,
    Configuration,
    ModulesConfiguration,
    RefineConfiguration,
    ScoreConfiguration,
)
from netlore.experiments.design_config import DesignConfiguration
from netlore.experiments.reading_config import ReadingConfiguration
from netlore.experiments.reliability_config import COMMAND, ReliabilityConfiguration
from netlore.experiments.train_config import TrainConfiguration
from netlore.scoring.sources import arguments_of
from netlore.space.budget import Range

_REPEATED = {
    "predictors": "--predictor",
    "architectures": "--architecture",
    "factors": "--factor",
    "batch_sizes": "--batch-sizes",
    "others": "--other-data",
}
"""Options of `netlore reliability` that may be repeated."""


def refine_command(configuration: RefineConfiguration, replicates: int = 1) -> str:
    """The command that repeats a refinement, with every setting that is not the default."""
    words = [word for name in ("predictor", "data", "networks", "seed") for word in _option(configuration, name)]
    settings = _settings(configuration, ("method", "bootstrap", "round_limit", "cost"))
    settings += ["--common-draws"] if configuration.common_draws else []
    return shlex.join(["netlore", "refine", *words, *_replicates(replicates), *settings])


def score_command(configuration: ScoreConfiguration) -> str:
    """The command that makes a sample's scores again, with every setting that is not the default."""
    words = ["netlore", "score"]
    for name in configuration.architectures:
        words += ["--architecture", name]
    if isinstance(configuration, ModulesConfiguration):
        for name in configuration.modules:
            words += ["--module", name]
        for name, text in configuration.arguments.items():
            words += ["--arg", f"{name}={text}"]
        for name, usual in (("loss", "cross_entropy"), ("output", None)):
            if getattr(configuration, name) != usual:
                words += _option(configuration, name)
    if not configuration.architectures:
        words += _option(configuration, "networks")
    for name in configuration.predictors:
        words += ["--predictor", name]
    words += [*_option(configuration, "data"), *_option(configuration, "seed")]
    return shlex.join([*words, *_settings(configuration, ("chunk_size",))])


def reliability_command(configuration: ReliabilityConfiguration) -> str:
    """The command that repeats a study of reliability, with every setting that is not the default."""
    usual = ReliabilityConfiguration()
    words = ["netlore", COMMAND, *_option(configuration, "data"), *_option(configuration, "seed")]
    for name, option in _REPEATED.items():
        value = getattr(configuration, name)
        if value != getattr(usual, name) or name == "predictors":
            words += [word for one in value for word in (option, str(one))]
    words += _option(configuration, "networks")
    for name in ("benchmark", "draws", "batches"):
        if getattr(configuration, name) != getattr(usual, name):
            words += _option(configuration, name)
    return shlex.join([*words, *_settings(configuration, ("chunk_size",))])


def train_command(configuration: TrainConfiguration, replicates: int = 1) -> str:
    """The command that repeats a training, with every setting that is not the default."""
    what = configuration.architecture or configuration.make_architecture().to_json()
    words = ["netlore", "train", what, *_option(configuration, "data")]
    if configuration.validation is not None:
        words += _option(configuration, "validation")
    words += [*reading_options(configuration), *_option(configuration, "recipe")]
    for name in configuration.changed:
        value = configuration.settings.model_dump(mode="json")[name]
        text = _as_toml(value)
        words += ["--epochs", text] if name == "epochs" else ["--set", f"{name}={text}"]
    words += [*_option(configuration, "seed"), *_replicates(replicates)]
    for name, usual in (("device", "cpu"), ("devices", 1)):
        if getattr(configuration, name) != usual:
            words += _option(configuration, name)
    return shlex.join(words)


def design_command(configuration: DesignConfiguration) -> str:
    """The command that repeats a design, with everything that was asked for."""
    words = ["netlore", "design", configuration.data]
    usual = DesignConfiguration(data=configuration.data)
    for name in ("validation", "space", "predictor", "networks", "round_limit", "finalists", "recipe", "epochs"):
        if getattr(configuration, name) != getattr(usual, name):
            words += _option(configuration, name)
    words += _limits(configuration, ("flops", "params", "activations", "latency"), None)
    words += [*_of_space(configuration), *reading_options(configuration)]
    for name, value in configuration.changes.items():
        words += ["--set", f"{name}={_as_toml(value)}"]
    for name in ("seed", "device", "runtime", "threads"):
        if getattr(configuration, name) != getattr(usual, name):
            words += _option(configuration, name)
    return shlex.join(words)


def space_options(configuration: Configuration) -> list[str]:
    """Options for the design space and its budget."""
    words = _option(configuration, "space")
    return [
        *words,
        *_limits(configuration, ("flops",), PAPER_FLOPS),
        *_limits(configuration, ("params", "activations"), None),
        *_of_space(configuration),
    ]


def _option(configuration: Configuration | TrainConfiguration | DesignConfiguration, name: str) -> list[str]:
    return [f"--{name.replace('_', '-')}", str(getattr(configuration, name))]


def reading_options(configuration: ReadingConfiguration) -> list[str]:
    """Options for how pictures are read."""
    words: list[str] = []
    for name, value in configuration.reading.given().items():
        option = f"--{name.replace('_', '-')}"
        words += [option] if value is True else [option, str(value)]
    return words


def _replicates(number: int) -> list[str]:
    return ["--replicates", str(number)] if number > 1 else []


def _settings(configuration: Configuration, more: tuple[str, ...]) -> list[str]:
    """Options for the settings that are not the defaults, of those that every run has and `more`."""
    words = reading_options(configuration)
    defaults = type(configuration)()
    for name in ("space", "batch_size", "data_seed", "dtype", "device", *more):
        if getattr(configuration, name) != getattr(defaults, name):
            words += _option(configuration, name)
    words += _limits(configuration, ("flops",), PAPER_FLOPS)
    words += _limits(configuration, ("params", "activations"), None)
    return [*words, *_of_space(configuration)]


def _limits(
    configuration: Configuration | DesignConfiguration, names: Sequence[str], usual: Range | None
) -> list[str]:
    """Options for limits that are not the usual ones."""
    words: list[str] = []
    for name in names:
        limits = getattr(configuration, name)
        if limits != usual:
            words += [f"--{name}", *map(_number, limits or (0.0, float("inf")))]
    return words


def _of_space(configuration: Configuration | DesignConfiguration) -> list[str]:
    """Options for arguments of the design space, limits of further measures, and tables of devices."""
    words: list[str] = []
    for name, value in configuration.space_options.items():
        read_back = arguments_of({name: str(value)})[name]
        words += ["--space-option", f"{name}={value if read_back == value else repr(value)}"]
    for name, kept in configuration.restrict.items():
        words += ["--restrict", f"{name}={(',' if isinstance(kept[0], str) else ':').join(map(str, kept))}"]
    for name, limits in (configuration.budget or {}).items():
        words += ["--budget", f"{name}={':'.join(map(_number, limits))}"]
    for one in configuration.device_tables:
        words += ["--device-table", one]
    return words


def _as_toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: float) -> str:
    """As short as it can be without loss."""
    return f"{value:.0f}" if value.is_integer() else repr(value)
