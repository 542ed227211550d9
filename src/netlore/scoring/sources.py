"""Where torch modules come from: functions that make them, by an import path or by a model's name in a library."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import PurePath
from typing import Any

import torch
from torch import nn

from netlore.errors import InvalidInput, NetloreError
from netlore.networks.seeding import seeded
from netlore.plugins import import_named
from netlore.scoring.examination import ONE_AT_A_TIME
from netlore.scoring.fingerprint import fingerprint
from netlore.scoring.passes.isolation import undisturbed

Factory = Callable[[], nn.Module]

LIBRARIES = {"timm": ("timm", "create_model"), "torchvision": ("torchvision.models", "get_model")}
"""What makes a model of a library by its name: a module and its function."""

_FORMS = "write timm:NAME, torchvision:NAME or package.module:attribute"


@dataclass(frozen=True)
class Source:
    """A picklable factory: `timm:NAME`, `torchvision:NAME`, or an import path `package.module:attribute`.

    At an import path stands a function or a class, or a network that is there already; the working directory can
    be imported from, as in `python -m`.

    Attributes:
        path: The text.
        arguments: Keyword arguments of the call, with their values.
    """

    path: str
    arguments: tuple[tuple[str, Any], ...] = ()

    def __call__(self) -> nn.Module:
        """A network with fresh initial weights."""
        made: nn.Module = self.function()(**dict(self.arguments))
        return made

    def __str__(self) -> str:
        """As in tables: `timm:resnet18(num_classes=10)`."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments)
        return f"{self.path}({given})" if given else self.path

    @property
    def library(self) -> str:
        """The library whose model is named, or nothing."""
        name = self.path.partition(":")[0]
        return name if name in LIBRARIES else ""

    def function(self) -> Any:
        """What makes the network; at an import path also a network itself.

        Raises:
            InvalidInput: It cannot be imported, or is nothing that makes a network.
        """
        where, colon, name = self.path.partition(":")
        if not (where and colon and name):
            raise InvalidInput(f"module {self.path!r} does not say from where; {_FORMS}.")
        if not self.library:
            if where.endswith(".py") or "/" in where:
                path = ".".join(part for part in PurePath(where).with_suffix("").parts if part not in (".", "/"))
                raise InvalidInput(f"module {self.path} names a file, not what is imported; write {path}:{name}.")
            found = import_named(f"module {self.path}", self.path, f"correct it, or {_FORMS}")
            if not callable(found):
                raise InvalidInput(
                    f"module {self.path} is of the type {type(found).__name__}, not a torch module; name a "
                    "network."
                )
            return found
        try:
            models = importlib.import_module(LIBRARIES[self.library][0])
        except ImportError as error:
            raise InvalidInput(
                f"module {self.path} needs the package {self.library}, which cannot be imported ({error}); "
                f"install it."
            ) from None
        return partial(getattr(models, LIBRARIES[self.library][1]), name)

    @property
    def remedy(self) -> str:
        """What to do if it makes no network."""
        if not self.library:
            return "correct it"
        models = LIBRARIES[self.library][0]
        return f"name a model that {models}.list_models() has, with arguments that it takes"

    def resolved(self, seed: int) -> Factory:
        """Itself, or the network that stands at its path, which is imported under a seed.

        Raises:
            InvalidInput: It cannot be imported, or there is a network already, and there are arguments for it.
        """
        with foreign_code(torch.device("cpu"), seed):
            found = self.function()
        if not isinstance(found, nn.Module):
            return self
        if self.arguments:
            raise InvalidInput(
                f"module {self.path} is a network already, so it takes no arguments; leave them out, or name what "
                "makes it."
            )
        return Given(found)


@dataclass(frozen=True)
class Given:
    """A network that somebody has built: it has no other initial weights."""

    network: nn.Module

    def __call__(self) -> nn.Module:
        """A copy."""
        return deepcopy(self.network)


def definition_of(factory: Factory) -> str:
    """Which definition a factory has: the version of its library, a built network's values, or its code."""
    if isinstance(factory, Given):
        found = hashlib.sha256(repr(factory.network).encode())
        for name, tensor in factory.network.state_dict(keep_vars=False).items():
            found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
        return found.hexdigest()[:16]
    if isinstance(factory, Source):
        library = factory.library
        return f"{library} {version(library)}" if library else fingerprint(factory.function())
    return fingerprint(factory)


def function_at(what: str, path: str, seed: int) -> Callable[..., Any]:
    """A function at an import path, imported as modules are; `what` it is for.

    Raises:
        InvalidInput: It cannot be imported, or is no function.
    """
    with foreign_code(torch.device("cpu"), seed):
        found = import_named(f"{what} {path}", path)
    if not callable(found):
        raise InvalidInput(f"{what} {path} is of the type {type(found).__name__}, not a function; name one.")
    function: Callable[..., Any] = found
    return function


def built(name: str, factory: Factory, seed: int, device: torch.device) -> nn.Module:
    """The network that a factory makes, with initial weights that the seed decides, in float32 unless it says so.

    It is made on the CPU, so that weights are the same on every device.

    Raises:
        InvalidInput: Making it fails, or what is made is no network; the message begins with its name.
    """
    try:
        with foreign_code(device, seed):
            network = factory()
    except NetloreError:
        raise
    except (Exception, SystemExit) as error:  # somebody else's code runs here; whatever it raises is its answer
        reason = (str(error).splitlines() or [""])[0]
        remedy = factory.remedy if isinstance(factory, Source) else "correct it"
        raise InvalidInput(f"module {name} fails ({type(error).__name__}: {reason}); {remedy}.") from None
    if not isinstance(network, nn.Module):
        raise InvalidInput(
            f"module {name} is of the type {type(network).__name__}, not a torch module; name a network."
        )
    # What has no values yet is refused where it is examined.
    return network if any(one.is_meta for one in network.parameters()) else network.to(device)


@contextlib.contextmanager
def foreign_code(device: torch.device, seed: int) -> Iterator[None]:
    """Inside, code of others is imported or builds a network: all its generators start from the seed, nothing that
    the process has set changes what it draws, and what it prints goes to standard error."""
    devices = {device} if device.type == "cuda" else set()
    with (
        ONE_AT_A_TIME,
        undisturbed(device, torch.float32),
        torch.enable_grad(),
        torch.device("cpu"),
        seeded(devices, seed),
        contextlib.redirect_stdout(sys.stderr),
    ):
        yield


def arguments_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """Values of arguments that were given as texts: Python's literals, `true` and `false`, and else text.

    >>> arguments_of({"depth": "18", "rate": "1e-3", "widths": "(8, 16)", "bias": "false", "act": "relu"})
    {'depth': 18, 'rate': 0.001, 'widths': (8, 16), 'bias': False, 'act': 'relu'}
    """
    return {name: _value(text) for name, text in texts.items()}


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
