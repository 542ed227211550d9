"""How calls of torch's functions are seen and changed, whoever makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import torch
import torch.nn.functional as F
import torch.utils.checkpoint as checkpoints
from torch.overrides import TorchFunctionMode


def _without_question(function: Any) -> Any:
    """A function of torch that does not ask who is active, which would lead it back to who called it."""
    known = {**function.__globals__, "has_torch_function": lambda _: False}
    copy = FunctionType(function.__code__, known, argdefs=function.__defaults__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


# What calls further functions that must be seen: the projections of attention, and backward passes through
# networks that run parts of themselves again in them.
_SEEN_THROUGH = {
    one: _without_question(one)
    for one in (F.multi_head_attention_forward, torch.autograd.grad, torch.autograd.backward)
}


class Interception(TorchFunctionMode):
    """While active, every call of a function of torch goes through `call`, also those inside attention.

    Attributes:
        in_attention: Whether torch's attention makes the call. Inside it, positions come before images.
    """

    in_attention = False

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """See through what calls further functions."""
        if func in _SEEN_THROUGH:
            before, self.in_attention = self.in_attention, func is F.multi_head_attention_forward
            try:
                with self:
                    return _SEEN_THROUGH[func](*args, **(kwargs or {}))
            finally:
                self.in_attention = before
        return self.call(func, args, kwargs or {})

    def call(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call the function, or something else."""
        return func(*args, **kwargs)


@contextmanager
def differentiable_checkpoints() -> Iterator[None]:
    """Inside, reentrant checkpointing is the other one, whose parts of a network have the same values.

    The reentrant one hides the weights of a part from derivatives: they have none where nothing before the part
    asks for a gradient, and only `backward()` finds them elsewhere, once.
    """
    before = checkpoints.CheckpointFunction
    checkpoints.CheckpointFunction = _Checkpoint  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        checkpoints.CheckpointFunction = before  # type: ignore[misc]


class _Checkpoint:
    """Takes the place of torch's function."""

    @staticmethod
    def apply(function: Callable[..., Any], preserve_rng_state: bool, *args: Any) -> Any:
        """Call a part of a network, and again in the backward pass."""
        return checkpoints.checkpoint(function, *args, use_reentrant=False, preserve_rng_state=preserve_rng_state)
