"""What is heard of a module's layers in a pass: the gradient of their outputs, and which of them classifies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from torch import Tensor, nn

from netlore.scoring.passes.derivatives import channels_second, over_positions
from netlore.scoring.passes.layers import Layer


class SaliencyListener:
    """Listens to a * dL/da of layers' outputs a.

    Attributes:
        saliency: Sum over positions of a * dL/da, shape (N, C), per layer and call.
        roots: Outputs before which nothing asks for a gradient; the backward pass must end there.
    """

    def __init__(self) -> None:
        self.saliency: dict[Layer, list[Tensor]] = {}
        self.roots: list[Tensor] = []
        self._listening = False

    @contextmanager
    def hooked(self, layers: Sequence[Layer]) -> Iterator[None]:
        """Inside, forward passes through the layers are heard."""
        hooks = [layer.register_forward_hook(self._on_layer) for layer in layers]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Inside, a backward pass is that of the loss."""
        self._listening = True
        try:
            yield
        finally:
            self._listening = False

    def _on_layer(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
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

        def listen(gradient: Tensor) -> None:
            if self._listening:
                calls[slot] = over_positions(value, channels_second(layer, gradient.detach()))

        output.register_hook(listen)  # type: ignore[no-untyped-call]
        # A copy, since a later operation may overwrite it in place.
        return output.clone()


class ClassifierFinder:
    """Remembers what linear layers returned, to tell which of them the logits come from."""

    def __init__(self) -> None:
        self._outputs: list[tuple[nn.Linear, Tensor]] = []

    @contextmanager
    def hooked(self, layers: Sequence[Layer]) -> Iterator[None]:
        """Inside, calls of linear layers are remembered."""
        hooks = [one.register_forward_hook(self._on_linear) for one in layers if isinstance(one, nn.Linear)]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def classifier(self, logits: Tensor) -> nn.Linear | None:
        """The layer whose output the logits are; None if they are made of it, or of something else."""
        found = [layer for layer, output in self._outputs if output is logits]
        self._outputs.clear()
        return found[-1] if found else None

    def _on_linear(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        assert isinstance(layer, nn.Linear)
        self._outputs.append((layer, output))
