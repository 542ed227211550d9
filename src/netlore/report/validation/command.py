"""From what a validation's folder records to the command that does the same again."""

from __future__ import annotations

from netlore.experiments.validate_config import COMMAND, ValidateConfiguration
from netlore.report.command_lines import reading_options

_TEXTS = ("accuracies", "architecture_column", "accuracy_column", "family", "scores")
_JUDGED = ("data", "target", "seed")
_SCORED = (*_JUDGED, "images", "networks", "draws", "batch_size", "data_seed", "dtype", "device")
_ALWAYS = ("data", "seed", "networks")


def validate_command(configuration: ValidateConfiguration) -> list[str]:
    """The words of the command, with every setting that is not the default; scores of another run settle
    theirs."""
    usual, made = ValidateConfiguration(), not configuration.scores
    words = ["netlore", COMMAND]
    if not configuration.accuracies:
        words += ["--benchmark", configuration.benchmark]
    for name in _TEXTS:
        if value := getattr(configuration, name):
            words += [_option(name), value]
    for name in configuration.predictors if made else ():
        words += ["--predictor", name]
    for name in _SCORED if made else _JUDGED:
        value = getattr(configuration, name)
        if value != getattr(usual, name) or name in _ALWAYS:
            words += [_option(name), str(value)]
    words += reading_options(configuration) if made else []
    flags = ("connected", "distinct", "errors")
    return [*words, *(_option(name) for name in flags if getattr(configuration, name))]


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
