"""What can go wrong, said once: every message names the rule, the value that broke it and the remedy.

The command line turns an `InvalidInput` into one line and exit code 2; nothing else about it is special.
"""

# ruff: noqa: N818 - an error is named after what is wrong, as one reads it aloud

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = _SHOWN.maxlong = 200


def shown(value: object) -> str:
    """A value as messages show it: in one line, cut in its middle to about 200 characters.

    >>> shown("x" * 1_000)[:5], len(shown("x" * 1_000))
    ("'xxxx", 200)
    """
    try:
        return " ".join(_SHOWN.repr(value).split())
    except ValueError:  # a whole number of more than 4,300 digits has no text
        return "a huge number"


_CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


def visible(text: str) -> str:
    """A text whose control characters are shown, such as those that colour a terminal or turn letters around.

    >>> visible("\\x1b[31mred")
    '\\\\x1b[31mred'
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


_ENDLESS = re.compile(r"\S{1001,}")


class NetloreError(Exception):
    """Base of every error that netlore raises on purpose."""

    _given: tuple[Any, ...] | None = None
    """Arguments that are more than the message."""

    def __str__(self) -> str:
        """The message; words of more than 1,000 letters are cut in their middle: what is given may be endless."""
        return _ENDLESS.sub(lambda found: f"{found[0][:490]}...{found[0][-490:]}", super().__str__())

    def __reduce__(self) -> tuple[type[NetloreError], tuple[Any, ...]]:
        """Pickled by its arguments, so that it survives the way back from a worker process."""
        return type(self), self.args if self._given is None else self._given


class InvalidInput(NetloreError, ValueError):
    """Something that the caller gave cannot be used; the message says which rule, which value and what to do."""


class WrongArgument(InvalidInput, TypeError):
    """An argument of a public function that is of another type than its signature says, or out of its range."""


class UnknownName(InvalidInput):
    """A name that is not registered; `kind` is what it should have been, in the singular ("predictor")."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        super().__init__(f"{kind} {shown(name)} is not known; choose one of {', '.join(sorted(known))}.")
        self._given = (kind, name, known)


class InvalidArchitecture(InvalidInput):
    """Hyperparameter values that do not describe a network of their family."""


class BudgetUnreachable(InvalidInput):
    """No architecture, or hardly any, of a design space meets its complexity budget."""


class UnreadableData(InvalidInput):
    """A data set that cannot be read, or whose images or labels do not fit what they are used for."""


class DataWarning(UserWarning):
    """Something about a data set that one should know: what was left out, taken for something, or made up."""


class DifferentConfiguration(InvalidInput):
    """An output folder that belongs to a run with other settings than those asked for, as JSON-able values."""

    def __init__(self, folder: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
        changes = [
            f"{name} is {_document(there.get(name))} there and {_document(here.get(name))} here"
            for name in sorted({*there, *here})
            if there.get(name) != here.get(name)
        ]
        super().__init__(
            f"{folder} belongs to another configuration: {'; '.join(changes)}; "
            f"choose another output folder or the same settings."
        )
        self.folder, self.there, self.here = self._given = folder, there, here


def _document(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:140]}...{text[-57:]}"


class DifferentPredictor(InvalidInput):
    """A folder with scores of a predictor by another definition of the same name."""


class Damaged(InvalidInput):
    """A store or an archive in which something is changed or missing."""


class Degenerate(NetloreError):
    """A predictor's formula is undefined for this network and batch; the message says why."""


class Saturated(NetloreError):
    """A score that cannot tell networks apart; the message says why, and which batch or size would help."""


class NotSeparable(InvalidInput):
    """A batch that a network cannot be shown in chunks."""


class UndeclaredEvidence(NetloreError):
    """A predictor read evidence that it did not declare in `needs`."""


class Unwritable(NetloreError):
    """A file or a store that cannot be written, as on a full disk; what was written before is kept."""


class StoreLost(NetloreError):
    """The file that a run writes its scores to is no longer in its folder."""


class TrainingDiverged(NetloreError):
    """A training whose loss is no longer a finite number, in an epoch and a step of it that are counted from 1."""

    def __init__(self, epoch: int, step: int, learning_rate: float) -> None:
        super().__init__(
            f"the loss must stay finite, but is not at epoch {epoch}, step {step}; lower learning_rate = "
            f"{learning_rate:g}. What was recorded before is kept."
        )
        self._given = (epoch, step, learning_rate)


class WorkerLost(NetloreError):
    """A worker process died; everything scored before is kept."""
