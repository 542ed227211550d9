"""Families that are functions from hyperparameters to torch modules, and design spaces of them."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Unpack

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from netlore.arguments import validated
from netlore.errors import InvalidArchitecture, InvalidInput, NetloreError
from netlore.networks.operation_counter import OperationCounter
from netlore.networks.seeding import seeded
from netlore.space.budget import Budget, Limits
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import Distribution
from netlore.space.family import FAMILIES

_OF_THE_DATA = ("num_classes", "resolution", "channels")


@dataclass(frozen=True, eq=False)
class FunctionFamily:
    """The family of what a function makes, called as the function's import path.

    Its parameters are the hyperparameters, but for those called num_classes, resolution and channels, which are
    given if it takes them. It must be found where it says it is: at the top level of a module.
    """

    function: Callable[..., nn.Module]
    _measured: dict[Any, dict[str, int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        kinds = {one.kind for one in self._parameters.values()}
        if "<" in self.name or kinds - {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}:
            raise InvalidInput(
                f"the function {self.name} cannot name a family; write it at the top level of a module, with a "
                "parameter for each hyperparameter."
            )

    @property
    def name(self) -> str:
        """The function's import path."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    @cached_property
    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.function).parameters

    @property
    def hyperparameters(self) -> tuple[str, ...]:
        """The function's parameters, in their order."""
        return tuple(name for name in self._parameters if name not in _OF_THE_DATA)

    def check(self, values: Mapping[str, Any]) -> None:
        """Nothing: whether values make a network is known when it is made."""

    def build(self, values: Mapping[str, Any], num_classes: int, resolution: int, channels: int) -> nn.Module:
        """The module for images (N, channels, resolution, resolution), by a call of the function.

        Raises:
            InvalidArchitecture: The function raises, or returns no module.
        """
        data = zip(_OF_THE_DATA, (num_classes, resolution, channels), strict=True)
        given = {**values, **{name: value for name, value in data if name in self._parameters}}
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what it prints is no result
                network = self.function(**given)
        except NetloreError:
            raise
        except Exception as error:  # it is somebody else's code; whatever it raises is its answer
            reason = (str(error).splitlines() or [""])[0]
            raise InvalidArchitecture(
                f"{self.name} fails for {_listed(values)} ({type(error).__name__}: {reason}); correct it, or "
                "leave such values out of the space."
            ) from None
        if not isinstance(network, nn.Module):
            raise InvalidArchitecture(
                f"{self.name} returns something of the type {type(network).__name__} for {_listed(values)}; "
                "return a torch module."
            )
        return network

    def measure(
        self, values: Mapping[str, Any], num_classes: int, resolution: int, channels: int
    ) -> dict[str, int]:
        """FLOPs, parameters and activations, in the convention of `netlore.complexity`.

        They are counted while the network looks at one image on the meta device, where nothing is computed; on the
        CPU where it cannot. Values are kept.

        Raises:
            InvalidArchitecture: The network cannot be made, or cannot look at an image.
        """
        key = (*values.items(), num_classes, resolution, channels)
        if key not in self._measured:
            sizes = (num_classes, resolution, channels)
            try:
                found = self._counted(values, sizes, "meta")
            except Exception:  # its code may need values, which tensors there do not have
                found = self._counted(values, sizes, "cpu")
            self._measured[key] = found
        return self._measured[key]

    def _counted(self, values: Mapping[str, Any], sizes: tuple[int, int, int], device: str) -> dict[str, int]:
        _, resolution, channels = sizes
        counter = OperationCounter()
        with seeded(set()), _plain(device), torch.enable_grad(), sdpa_kernel(SDPBackend.MATH):
            network = self.build(values, *sizes).eval()
            params = sum(parameter.numel() for parameter in network.parameters())
            image = torch.zeros(1, channels, resolution, resolution)
            try:
                with counter, contextlib.redirect_stdout(sys.stderr):
                    network(image)
            except Exception as error:
                reason = (str(error).splitlines() or [""])[0]
                raise InvalidArchitecture(
                    f"the network of {self.name} for {_listed(values)} cannot look at an image of {channels} "
                    f"channels and {resolution} pixels ({type(error).__name__}: {reason}); correct it."
                ) from None
        return {"flops": counter.flops, "params": params, "activations": counter.activations}


@validated
def build_module(
    family: str, values: Mapping[str, Any], num_classes: int, resolution: int, channels: int, seed: int
) -> nn.Module:
    """The network of a family of modules, in float32 on the CPU; the seed decides its initial weights, whatever
    the process has set."""
    found: Any = FAMILIES.get(family)
    with seeded(set(), seed), _plain("cpu"), torch.enable_grad():
        network: nn.Module = found.build(values, num_classes, resolution, channels)
    return network


@validated
def module_space(
    function: Callable[..., nn.Module],
    distributions: Iterable[Distribution],
    num_classes: int = 10,
    resolution: int = 32,
    channels: int = 3,
    **limits: Unpack[Limits],
) -> DesignSpace:
    """A design space of torch modules.

    Args:
        function: From hyperparameters to a module that takes images (N, channels, resolution, resolution) and
            returns logits (N, num_classes). Its parameters are the hyperparameters; those called num_classes,
            resolution and channels are given if it has them. It stands at the top level of a module, for worker
            processes import it.
        distributions: Of all hyperparameters, each drawn once: `nl.choice` of numbers or names, `nl.log_uniform`,
            `nl.product` of several of which a constraint holds.
        num_classes: Of the data.
        resolution: Of the data.
        channels: Of the data.
        limits: As in `nl.anynet`. Each network that is looked at is built on the meta device, so sizes of large
            spaces within a budget are estimates.

    Raises:
        InvalidInput: The function cannot name a family, or distributions and parameters do not match.
    """
    family = FunctionFamily(function)
    known = FAMILIES.get(family.name) if family.name in FAMILIES.names() else None
    if function.__module__ == "__main__" and (known is None or getattr(known, "function", None) is not function):
        FAMILIES.replace(family.name, family)  # a script's or a notebook's own, which may have been written again
    return DesignSpace(
        family.name, tuple(distributions), num_classes, resolution, channels, Budget.from_keywords(**limits)
    )


@contextlib.contextmanager
def _plain(device: str) -> Any:
    """Inside, tensors are made on a device in float32, as parameters that can be trained."""
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        with torch.inference_mode(False), torch.device(device):
            yield
    finally:
        torch.set_default_dtype(default)


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())
