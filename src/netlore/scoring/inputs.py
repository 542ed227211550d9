"""What a network is given: the batch as it takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput

Inputs = Tensor | Sequence[Any] | Mapping[str, Any]
"""A tensor, or several: a sequence for positional arguments, a mapping for those with names."""


def tensors_of(inputs: Any) -> Iterator[Tensor]:
    """All tensors of inputs or outputs, in their order."""
    if isinstance(inputs, Tensor):
        yield inputs
    elif isinstance(inputs, Mapping):
        for each in inputs.values():
            yield from tensors_of(each)
    elif isinstance(inputs, Sequence) and not isinstance(inputs, str):
        for each in inputs:
            yield from tensors_of(each)


def mapped(inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The same structure with other tensors."""
    if isinstance(inputs, Tensor):
        return change(inputs)
    if isinstance(inputs, Mapping):
        return {name: mapped(each, change) for name, each in inputs.items()}
    if isinstance(inputs, Sequence) and not isinstance(inputs, str):
        return tuple(mapped(each, change) for each in inputs)
    return inputs


def returned_by(network: nn.Module, inputs: Inputs) -> Any:
    """What the network returns for them.

    Raises:
        InvalidInput: It fails because they are whole numbers.
    """
    try:
        return _called(network, inputs)
    except Exception:
        wrong = _should_be_real(network, inputs)
        if wrong is None:
            raise
        kind = str(wrong.dtype).removeprefix("torch.")
        raise InvalidInput(
            f"images of type {kind} are no real numbers, which the network computes with; give real ones, such as "
            "images.float() / 255 of bytes."
        ) from None


def _called(network: nn.Module, inputs: Inputs) -> Any:
    if isinstance(inputs, Tensor):
        return network(inputs)
    return network(**inputs) if isinstance(inputs, Mapping) else network(*inputs)


def _should_be_real(network: nn.Module, inputs: Inputs) -> Tensor | None:
    """The whole numbers which as real ones let the network compute: all that there are, or else one tensor."""
    dtype = next((one.dtype for one in network.parameters() if one.is_floating_point()), torch.float32)
    whole = [one for one in tensors_of(inputs) if not (one.is_floating_point() or one.is_complex())]
    for some in [whole, *([one] for one in whole)] if whole else []:
        real = {id(one): one.to(dtype) for one in some}
        with suppress(Exception):
            _called(network, mapped(inputs, partial(_exchanged, real)))
            return some[0]
    return None


def _exchanged(others: Mapping[int, Tensor], one: Tensor) -> Tensor:
    return others.get(id(one), one)


def batch_size(inputs: Inputs) -> int:
    """Rows of the first tensor."""
    return next((len(one) for one in tensors_of(inputs) if one.ndim), 0)


def check_batch(inputs: Inputs, targets: Any) -> None:
    """Refuse a batch without images, or with other than one target for each."""
    if not all(isinstance(one, Tensor) for one in (inputs, targets) if hasattr(one, "__array__")):
        raise InvalidInput(
            f"images of type {type(inputs).__name__} and labels of type {type(targets).__name__} are no tensors; "
            "give torch.as_tensor(...) of them."
        )
    count = batch_size(inputs)
    if count == 0 or not isinstance(targets, Tensor) or targets.ndim == 0 or len(targets) != count:
        shapes = [tuple(one.shape) for one in tensors_of(inputs)]
        of_targets = tuple(targets.shape) if isinstance(targets, Tensor) else type(targets).__name__
        raise InvalidInput(
            f"images of shape {shapes[0] if len(shapes) == 1 else shapes} and labels of shape {of_targets} do not "
            "fit; give one label for each of one or more images."
        )
