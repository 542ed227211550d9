"""Hooks on a module's layers: the gradient of their outputs, and which of them classifies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from netlore.scoring.passes.derivatives import channels_second, over_positions
from netlore.scoring.passes.layers import Layer


@contextmanager
def hooked(layers: Sequence[nn.Module], hook: Callable[..., Any]) -> Iterator[None]:
    """Inside, a hook sees what each of the layers returns, and may return something else."""
    hooks = [layer.register_forward_hook(hook) for layer in layers]
    try:
        yield
    finally:
        for one in hooks:
            one.remove()


class SaliencyHook:
    """Finds a * dL/da of layers' outputs a.

    Attributes:
        saliency: Sum over positions of a * dL/da, shape (N, C), per layer and call.
        roots: Outputs before which nothing asks for a gradient; the backward pass must end there.
    """

    def __init__(self) -> None:
        self.saliency: dict[Layer, list[Tensor]] = {}
        self.roots: list[Tensor] = []
        self._is_of_loss = False

    @contextmanager
    def pass_of_loss(self) -> Iterator[None]:
        """Inside, a backward pass is that of the loss."""
        self._is_of_loss = True
        try:
            yield
        finally:
            self._is_of_loss = False

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """Wait for the gradient of a layer's output."""
        assert isinstance(layer, Layer)
        if not output.requires_grad:
            # Nothing before it asks for a gradient, so the backward pass ends here.
            output = output.detach().requires_grad_(True)
            self.roots.append(output)
        value = channels_second(layer, output.detach())
        calls = self.saliency.setdefault(layer, [])
        slot = len(calls)
        calls.append(value.new_zeros(value.shape[:2]))

        def keep(gradient: Tensor) -> None:
            if self._is_of_loss:
                calls[slot] = over_positions(value, channels_second(layer, gradient.detach()))

        output.register_hook(keep)  # type: ignore[no-untyped-call]
        # A copy, since a later operation may overwrite it in place.
        return output.clone()


class ClassifierHook:
    """Remembers what linear layers returned, so that the one whose output the logits are is found."""

    def __init__(self) -> None:
        self._outputs: list[tuple[nn.Module, Tensor]] = []

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        """Remember a call."""
        self._outputs.append((layer, output))

    def classifier(self, logits: Tensor) -> nn.Linear | None:
        """The layer whose output the logits are; None if they are made of it, or of something else."""
        found = [layer for layer, output in self._outputs if output is logits and isinstance(layer, nn.Linear)]
        self._outputs.clear()
        return found[-1] if found else None
