"""From a command's options to the executor that its networks are scored by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from inspect import signature
from typing import Any

import typer

from netlore.cli import options
from netlore.errors import InvalidInput
from netlore.executors import EXECUTORS, Executor, Limits, local

OPTIONS = {
    "address": "address",
    "worker_cpus": "cpus",
    "worker_memory": "memory",
    "worker_gpus": "gpus",
}
"""What a command calls the options of executors with a name, and what these call them."""

PLACES: options.Group = {
    "executor": (options.Executor, None),
    "address": (options.Address, None),
    "worker_cpus": (options.WorkerCpus, None),
    "worker_memory": (options.WorkerMemory, None),
    "worker_gpus": (options.WorkerGpus, None),
    "network_timeout": (options.NetworkTimeout, None),
    "network_memory": (options.NetworkMemory, None),
}
"""Where every command that scores does so, and within which limits; `executing` reads them."""

executable = options.having(PLACES)


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
        made = make(given["workers"] if options.is_given(context, "workers") else None, limits, **asked)
    with closing(made) as running:
        yield running


def _named(asked: dict[str, Any]) -> str:
    return " and ".join(f"--{name.replace('_', '-')}" for name, own in OPTIONS.items() if own in asked)
