"""What a network is shown and with which weights: its own or others, once or several times."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, fields
from functools import cache, partial
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate, InvalidInput, NetloreError
from netlore.scoring.conditions import Conditions
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import Inputs, batch_size, mapped, tensors_of
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.hessian import first_line
from netlore.scoring.passes.isolation import is_out_of_memory
from netlore.scoring.passes.layers import layers_of

Shown = Literal["batch", "normal", "ones"]
Initialisation = Literal["own", "normal", "kaiming_fan_in", "kaiming_fan_out"]
Mode = Literal["training", "evaluation"]

_WORDS = {
    "own": "as given",
    "normal": "N(0, 1)",
    "kaiming_fan_in": "Kaiming's, N(0, 2 / fan-in)",
    "kaiming_fan_out": "Kaiming's, N(0, 2 / fan-out)",
}

_NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


@dataclass(frozen=True)
class View:
    """What a network is shown and with which weights. Equal views are shared by all predictors.

    Attributes:
        inputs: `batch`: the batch; `normal`: independent N(0, 1) numbers in place of its real numbers, the same
            for every network; `ones`: ones. Whole numbers, such as token ids, stay as they are.
        initialisation: `own`: the network's weights as they are; else independent normal numbers with mean 0 and
            standard deviation 1 (`normal`), sqrt(2 / fan_in) (`kaiming_fan_in`) or sqrt(2 / fan_out)
            (`kaiming_fan_out`; He et al. 2015), in the weights that predictors look at. For a weight of shape
            (a, b, k, ...), fan_in = b k ..., fan_out = a k ..., as in torch. Biases beside those weights become 0,
            normalisations 1 and 0, all other parameters stay. The numbers depend on the network's own
            weights, so that its replicates differ.
        draws: How often inputs and weights are drawn; evidence has an entry for each.
        images: Rows of normal inputs or ones, targets in turns, or the first rows of the batch; None: as many as
            the batch has.
        resolution: Height and width of normal inputs or ones; None: those of the batch.
        mode: `training`, where batch norms use the statistics of what they see, or `evaluation`, where they use
            those that they have kept: in a network that was not trained, mean 0 and variance 1.

    Raises:
        InvalidInput: A value that is not known or not positive, or one that would change nothing.
    """

    inputs: Shown = "batch"
    initialisation: Initialisation = "own"
    draws: int = 1
    images: int | None = None
    resolution: int | None = None
    mode: Mode = "training"

    def __post_init__(self) -> None:
        for name, kind in (("inputs", Shown), ("initialisation", Initialisation), ("mode", Mode)):
            known = get_args(kind)
            if getattr(self, name) not in known:
                raise InvalidInput(
                    f"{name} {getattr(self, name)!r} is not known; choose one of {', '.join(known)}."
                )
        for name in ("draws", "images", "resolution"):
            if (value := getattr(self, name)) is not None and value < 1:
                raise InvalidInput(f"{name} = {value} is not positive; choose 1 or more.")
        if self.draws > 1 and self.inputs != "normal" and self.initialisation == "own":
            raise InvalidInput(
                f"draws = {self.draws} would all be equal; choose normal inputs or another initialisation."
            )
        if self.inputs == "batch" and self.resolution is not None:
            raise InvalidInput("the batch has its own resolution; choose normal inputs or ones.")

    def __str__(self) -> str:
        """What is not usual."""
        return ", ".join(
            f"{one.name}={getattr(self, one.name)!r}"
            for one in fields(self)
            if getattr(self, one.name) != one.default
        )

    @property
    def conditions(self) -> Conditions:
        """The same in words."""
        often = f", {self.draws} draws" if self.draws > 1 else ""
        size = (
            "of the batch's size" if self.resolution is None else f"of {self.resolution}x{self.resolution} pixels"
        )
        count = "as many images" if self.images is None else f"{self.images:,} image{'s' * (self.images > 1)}"
        if self.inputs == "batch":
            shown = "the batch" if self.images is None else f"the first {count} of the batch"
        else:
            shown = f"{count} of {'N(0, 1)' if self.inputs == 'normal' else 'ones'} {size}"
        return Conditions(shown, _WORDS[self.initialisation] + often, self.mode)

    def drawn(self, own: OwnPass, reuse: bool = False) -> Iterator[Draw]:
        """A copy of the network and its batches, for each draw.

        To `reuse` one copy for all saves time, but changes what was given before.
        """
        network = own.fresh_network()
        before = deepcopy(network.state_dict()) if reuse and self.draws > 1 else {}
        for number in range(self.draws):
            if number and reuse:
                network.load_state_dict(before)
            elif number:
                network = own.fresh_network()
            if self.initialisation != "own":
                _initialise(network, self.initialisation, number)
            network.train(self.mode == "training")
            generator = torch.Generator().manual_seed(number)
            yield Draw(network, tuple(self._shown(*batch, generator) for batch in own.batches))

    def _shown(self, inputs: Inputs, targets: Tensor, generator: torch.Generator) -> tuple[Inputs, Tensor]:
        count = batch_size(inputs)
        if self.inputs == "batch" and self.images is None:
            return inputs, targets
        if self.inputs == "batch":
            return self._first(inputs, targets)
        if not any(one.is_floating_point() for one in tensors_of(inputs)):
            raise InvalidInput(f"inputs={self.inputs!r} replaces real numbers, of which the batch has none.")
        rows = torch.arange(self.images or count, device=targets.device) % count
        return mapped(inputs, partial(self._in_place_of, rows, generator)), targets[rows]

    def _first(self, inputs: Inputs, targets: Tensor) -> tuple[Inputs, Tensor]:
        """The first rows of the batch; what has other rows than images stays whole."""
        count, wanted = batch_size(inputs), self.images or 0
        if wanted > count:
            raise Degenerate(f"it looks at {wanted} images, and the batch has {count}; give a larger batch")
        return mapped(inputs, lambda one: one[:wanted] if one.ndim and len(one) == count else one), targets[
            :wanted
        ]

    def _in_place_of(self, rows: Tensor, generator: torch.Generator, one: Tensor) -> Tensor:
        """Other numbers in place of one tensor of the batch."""
        if not one.is_floating_point():
            return one[rows]
        shape = [len(rows), *one.shape[1:]]
        if self.resolution is not None:
            if len(shape) != 4:
                raise InvalidInput(
                    f"resolution = {self.resolution} is for images of shape (N, C, H, W), not {tuple(one.shape)}."
                )
            shape[2:] = [self.resolution, self.resolution]
        if self.inputs == "ones":
            return one.new_ones(shape)
        # In float32 on the CPU, so that numbers are the same in any precision and on any device.
        return torch.randn(shape, generator=generator, dtype=torch.float32).to(one)


AS_GIVEN = View()
"""The batch, and the network's own weights."""


@dataclass(frozen=True, eq=False)
class Draw:
    """A copy of the network, in training mode, and what it is shown: pairs of inputs and targets."""

    network: nn.Module
    batches: tuple[tuple[Inputs, Tensor], ...]

    @property
    def inputs(self) -> Inputs:
        """Those of the first batch."""
        return self.batches[0][0]


@torch.no_grad()
def _initialise(network: nn.Module, how: Initialisation, number: int) -> None:
    """Set a network's weights; see `View`."""
    layers = layers_of(network)
    layers.check()
    weights = [layer.weight for layer in layers.names]
    seed = zlib.crc32(str(number).encode(), _checksum(weights))
    generator = torch.Generator().manual_seed(seed)
    for weight in weights:
        noise = torch.randn(weight.shape, generator=generator, dtype=torch.float32).to(weight)
        weight.copy_(noise * _deviation(weight, how))
    counted = {id(weight) for weight in weights}
    for module in network.modules():
        if isinstance(module, _NORMS):
            _fill(module, {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0})
        elif any(id(parameter) in counted for parameter in module._parameters.values()):
            _fill(module, {name: 0.0 for name in module._parameters if "bias" in name})


def _deviation(weight: Tensor, how: Initialisation) -> float:
    if how == "normal":
        return 1.0
    axis = 1 if how == "kaiming_fan_in" else 0
    return math.sqrt(2 / (weight.shape[axis] * math.prod(weight.shape[2:])))


def _fill(module: nn.Module, values: dict[str, float]) -> None:
    for name, value in values.items():
        if isinstance(one := getattr(module, name, None), Tensor):
            one.fill_(value)


def _checksum(weights: list[Tensor]) -> int:
    """Of their values, the same in any precision that holds them."""
    found = 0
    for weight in weights:
        found = zlib.crc32(weight.detach().float().cpu().contiguous().numpy().tobytes(), found)
    return found


@cache
def made(
    run: Callable[..., Any],
    view: View,
    passes: str,
    batches: int = 1,
    conditions: Conditions | None = None,
    **arguments: Any,
) -> Kind[Any]:
    """The kind of evidence that a pass gives under a view with those arguments: the same for equal ones.

    Its conditions are those of the view, unless others are given.
    """
    named = [f"{name}={value!r}" for name, value in arguments.items() if value is not None]
    named += [f"batches={batches}"] * (batches > 1) + [str(view)]
    name = f"{run.__name__.strip('_')}({', '.join(filter(None, named))})"
    often = f", {view.draws} times" if view.draws > 1 else ""
    summary = (run.__doc__ or name).strip().splitlines()[0]
    return Kind(
        name,
        summary,
        run=partial(_of_any_size, run, view, **arguments),
        batches=batches,
        passes=passes + often,
        conditions=conditions or view.conditions,
    )


def _of_any_size(run: Callable[..., Any], view: View, own: OwnPass, **arguments: Any) -> Any:
    """What a pass gives; a network that fails on images of another number or size than the batch's has nothing."""
    try:
        return run(own, view=view, **arguments)
    except NetloreError:
        raise
    except Exception as error:
        if (view.images, view.resolution) == (None, None) or is_out_of_memory(error):
            raise
        reason = first_line(error)
    # Out here, so that the error and the tensors of its traceback are not kept.
    raise Degenerate(f"the network does not compute with {view.conditions.inputs}: {reason}")
