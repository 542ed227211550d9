"""From a command's options to the executor that its networks are scored by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from inspect import signature
from typing import Any

import typer

from netlore.cli import options
from netlore.cli.options import is_given, with_options
from netlore.errors import InvalidInput
from netlore.executors import EXECUTORS, Executor, Limits, local

OPTIONS = {
    "address": "address",
    "worker_cpus": "cpus",
    "worker_memory": "memory",
    "worker_gpus": "gpus",
}
"""What a command calls the options of executors with a name, and what these call them."""

PLACES = {
    "executor": options.Executor,
    "address": options.Address,
    "worker_cpus": options.WorkerCpus,
    "worker_memory": options.WorkerMemory,
    "worker_gpus": options.WorkerGpus,
    "network_timeout": options.NetworkTimeout,
    "network_memory": options.NetworkMemory,
}
"""What every command that scores can be asked about where, and within which limits; none is given by default."""


def executable(command: Callable[..., None]) -> Callable[..., None]:
    """A command that has the options of `PLACES` as well, which `executing` reads."""

    @wraps(command)
    def placed(**given: Any) -> None:
        command(**{name: value for name, value in given.items() if name not in PLACES})

    return with_options(placed, command, dict.fromkeys(PLACES), PLACES)


@contextmanager
def executing(context: typer.Context) -> Iterator[Executor]:
    """What `--executor` and the options that go with it ask for, or else processes; closed at the end.

    Raises:
        InvalidInput: An option is of no use to the executor, or as of the executor.
    """
    given = context.params
    limits = Limits(given["network_timeout"], given["network_memory"])
    asked = {own: given[name] for name, own in OPTIONS.items() if given[name] is not None}
    name = given["executor"]
    if name is None and asked:
        raise InvalidInput(f"{_named(asked)}: only executors with a name have that; add --executor, such as ray.")
    if name is None:
        made = local(given["workers"], limits)
    else:
        make = EXECUTORS.get(name)
        try:
            signature(make).bind(None, limits, **asked)
        except TypeError:
            raise InvalidInput(
                f"{_named(asked)}: the executor {name} has no use for that; leave it out."
            ) from None
        made = make(given["workers"] if is_given(context, "workers") else None, limits, **asked)
    with closing(made) as running:
        yield running


def _named(asked: dict[str, Any]) -> str:
    return " and ".join(f"--{name.replace('_', '-')}" for name, own in OPTIONS.items() if own in asked)
