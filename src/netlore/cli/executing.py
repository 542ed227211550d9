"""From a command's options to the executor that its networks are scored by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from inspect import signature
from typing import Any

import typer

from netlore.cli.options import is_given
from netlore.errors import InvalidInput
from netlore.executors import EXECUTORS, Executor, Limits, local

OPTIONS = {
    "address": "address",
    "worker_cpus": "cpus",
    "worker_memory": "memory",
    "worker_gpus": "gpus",
}
"""What a command calls the options of executors with a name, and what these call them."""


@contextmanager
def executing(context: typer.Context) -> Iterator[Executor]:
    """What `--executor` and the options that go with it ask for, or else processes; closed at the end.

    Raises:
        InvalidInput: An option is of no use to the executor, or as of the executor.
    """
    given = context.params
    limits = Limits(given["network_timeout"], given["network_memory"])
    options = {own: given[name] for name, own in OPTIONS.items() if given[name] is not None}
    name = given["executor"]
    if name is None and options:
        raise InvalidInput(
            f"{_options(options)}: only executors with a name have that; add --executor, such as ray."
        )
    if name is None:
        made = local(given["workers"], limits)
    else:
        make = EXECUTORS.get(name)
        try:
            signature(make).bind(None, limits, **options)
        except TypeError:
            raise InvalidInput(
                f"{_options(options)}: the executor {name} has no use for that; leave it out."
            ) from None
        made = make(given["workers"] if is_given(context, "workers") else None, limits, **options)
    with closing(made) as running:
        yield running


def _options(options: dict[str, Any]) -> str:
    return " and ".join(f"--{name.replace('_', '-')}" for name, own in OPTIONS.items() if own in options)
