"""What counts of a network's return, and the loss that predictors differentiate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from netlore.errors import InvalidInput, shown

Loss = str | Callable[[Any, Any], Tensor]
Output = str | Callable[[Any], Any] | None

AUXILIARY = {"aux_logits": 0.4, "aux_logits1": 0.3, "aux_logits2": 0.3, "aux": 0.5}
"""Weights of the losses of auxiliary heads, by the names of torchvision's outputs: Szegedy et al. 2015 (0.3 for
GoogLeNet), and torchvision's training scripts (0.4 for Inception v3, 0.5 for segmentation)."""

_MAIN = ("logits", "out")
_WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


@dataclass(frozen=True)
class Objective:
    """The loss L of a batch, which must be a mean over its images, and the output that it looks at.

    Attributes:
        loss: `cross_entropy` of logits (N, C, ...) and classes (N, ...) or shares of classes (N, C, ...);
            `mse`, the mean squared error; `binary_cross_entropy` of logits; or a function of output and targets.
        output: What of the network's return counts: the name of an attribute or key, a function of it, or None:
            a tensor as it is; of several, `logits` or `out`, with the auxiliary heads of `AUXILIARY` added to the
            loss as in training; of a plain tuple the first.
    """

    loss: Loss = "cross_entropy"
    output: Output = None

    def __post_init__(self) -> None:
        if isinstance(self.loss, str) and self.loss not in _LOSSES:
            raise InvalidInput(
                f"loss {self.loss!r} is not known; choose one of {', '.join(_LOSSES)}, or give a function of "
                "outputs and targets, on the command line as package.module:name."
            )

    @property
    def is_usual(self) -> bool:
        """Whether it is the cross-entropy of what the network returns."""
        return self == USUAL

    def read(self, returned: Any, images: int) -> tuple[Tensor, list[tuple[float, Tensor]]]:
        """The output that counts, and the outputs of auxiliary heads with their weights."""
        others: list[tuple[float, Tensor]] = []
        if callable(self.output):
            found = self.output(returned)
        elif self.output is not None:
            found = _part(returned, self.output)
            if found is None:
                raise InvalidInput(
                    f"the network returns no output {shown(self.output)}, but {_contents(returned)}."
                )
        elif isinstance(returned, Tensor):
            found = returned
        else:
            found = next((part for name in _MAIN if (part := _part(returned, name)) is not None), None)
            if found is None and isinstance(returned, tuple | list) and returned:
                found = returned[0]
            parts = ((weight, _part(returned, name)) for name, weight in AUXILIARY.items())
            others = [(weight, part) for weight, part in parts if isinstance(part, Tensor)]
        return self._checked(found, returned, images), others

    def _checked(self, found: Any, returned: Any, images: int) -> Tensor:
        classes = self.loss == "cross_entropy"
        if isinstance(found, Tensor) and found.ndim > (1 if classes else 0) and len(found) == images:
            return found
        shape = tuple(found.shape) if isinstance(found, Tensor) else type(returned).__name__
        wanted = "logits of shape (images, classes)" if classes else "a row for each image"
        raise InvalidInput(
            f"the network returned {shape} for {images} images; it must return {wanted}, or "
            "`output` must name them."
        )

    def mean(self, found: Tensor, others: Sequence[tuple[float, Tensor]], targets: Tensor) -> Tensor:
        """L, a scalar."""
        loss = self._of(found, targets)
        for weight, other in others:
            loss = loss + weight * self._of(other, targets)
        return loss

    def of_each(self, found: Tensor, others: Sequence[tuple[float, Tensor]], targets: Tensor) -> list[Tensor]:
        """L of each image alone; their mean is L."""
        one_by_one = (slice(n, n + 1) for n in range(len(found)))
        return [
            self.mean(found[n], [(weight, other[n]) for weight, other in others], targets[n]) for n in one_by_one
        ]

    def check(self, found: Tensor, targets: Tensor, classes: tuple[int, int]) -> None:
        """Refuse targets that do not fit, of that `class_range`, and a loss that is no mean over images."""
        if self.loss == "cross_entropy":
            _check_classes(found, targets, classes)
        elif isinstance(self.loss, str):
            if found.shape != targets.shape:
                raise InvalidInput(
                    f"outputs of shape {tuple(found.shape)} and targets of shape {tuple(targets.shape)} differ, "
                    f"and {self.loss} compares them entry by entry; give targets of that shape."
                )
        elif len(found) > 1:
            self._check_is_mean(found.detach(), targets)

    def _check_is_mean(self, found: Tensor, targets: Tensor) -> None:
        targets = targets.to(found.device)
        with torch.no_grad():
            whole, parts = self._of(found, targets), torch.stack(self.of_each(found, [], targets)).mean()
        if not torch.allclose(whole, parts, rtol=1e-3, atol=1e-6, equal_nan=True):
            raise InvalidInput(
                f"the loss of the batch, {float(whole):.6g}, is not the mean of its images' losses, "
                f"{float(parts):.6g}; give a loss that is a mean over images."
            )

    def _of(self, found: Tensor, targets: Tensor) -> Tensor:
        if not isinstance(self.loss, str):
            loss = self.loss(found, targets)
            if not isinstance(loss, Tensor) or loss.numel() != 1:
                raise InvalidInput("the loss is no scalar tensor; return the mean over the images.")
            return loss.reshape(())
        if targets.is_floating_point():
            targets = targets.to(found.dtype)
        return _LOSSES[self.loss](found, targets)


def _part(returned: Any, name: str) -> Any:
    """An attribute or a key, or None."""
    if isinstance(returned, Mapping):
        return returned.get(name)
    return getattr(returned, name, None)


def _contents(returned: Any) -> str:
    """What can be named, or what it is, with what to do."""
    if isinstance(returned, Tensor):
        return "a tensor; leave `output` out"
    names = returned if isinstance(returned, Mapping) else getattr(returned, "_fields", None)
    names = getattr(returned, "__dict__", ()) if names is None else names
    if names:
        return f"{', '.join(map(str, names))}; name one of them"
    return f"a {type(returned).__name__}; give a function of it, on the command line as package.module:name"


def class_range(targets: Tensor) -> tuple[int, int]:
    """The lowest and the highest of whole numbers; to be asked for where they are given.

    Reading numbers off another device would wait for all its work.
    """
    if targets.dtype not in _WHOLE:
        return 0, 0
    counted = targets[targets != _IGNORED] if bool((targets == _IGNORED).any()) else targets
    return (int(counted.min()), int(counted.max())) if counted.numel() else (0, 0)


def _check_classes(found: Tensor, targets: Tensor, classes: tuple[int, int]) -> None:
    shares = targets.is_floating_point()
    fits = found.shape if shares else (len(found), *found.shape[2:])
    if tuple(targets.shape) != tuple(fits):
        raise InvalidInput(
            f"logits of shape {tuple(found.shape)} and labels of shape {tuple(targets.shape)} do not fit; give "
            f"whole numbers of shape {(len(found), *found.shape[2:])}, or shares of classes of the logits' shape."
        )
    if shares:
        return
    if targets.dtype not in _WHOLE:
        raise InvalidInput(f"labels of type {targets.dtype} are no classes; give whole numbers, 0 or more.")
    (low, high), count = classes, found.shape[1]
    if low < 0 or high >= count:
        raise InvalidInput(
            f"label {low if low < 0 else high} is outside the network's {count} classes; give labels from 0 to "
            f"{count - 1}, or a network of other classes."
        )


_IGNORED = -100  # what torch's cross-entropy passes over


def _cross_entropy(found: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(found, targets if targets.is_floating_point() else targets.long())


def _binary(found: Tensor, targets: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(found, targets.to(found.dtype))


def _squares(found: Tensor, targets: Tensor) -> Tensor:
    return F.mse_loss(found, targets.to(found.dtype))


_LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": _cross_entropy,
    "mse": _squares,
    "binary_cross_entropy": _binary,
}

USUAL = Objective()
"""The cross-entropy of what the network returns."""
