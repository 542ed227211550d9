"""What is made of the gradients of single images, as they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Named = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class ImageGradients:
    """Sums over images n of what is made of their gradients g_n by a weight; sums have the weight's shape.

    Attributes:
        total: sum of g_n, by the parameters' names.
        absolute: sum of |g_n|.
        squares: sum of g_n^2.
        signs: sum of sign(g_n).
        norms: Euclidean norm of g_n over all weights, float64 (N,).
    """

    total: Named
    absolute: Named
    squares: Named
    signs: Named
    norms: Tensor


class Sums:
    """Adds up what is made of each image's gradients."""

    def __init__(self, weights: Named, images: int) -> None:
        self._sums = [{name: torch.zeros_like(one) for name, one in weights.items()} for _ in _CHANGES]
        device = next(iter(weights.values())).device
        self._norms = torch.zeros(images, dtype=torch.float64, device=device)

    def add(self, name: str, rows: Tensor, first: int) -> None:
        """Gradients of some images by a parameter, whose number of the first is given."""
        for added, change in zip(self._sums, _CHANGES, strict=True):
            added[name] += change(rows).sum(dim=0)
        self._norms[first : first + len(rows)] += rows.flatten(1).square().sum(dim=1, dtype=torch.float64)

    def found(self) -> ImageGradients:
        """All sums."""
        total, absolute, squares, signs = self._sums
        return ImageGradients(total, absolute, squares, signs, self._norms.sqrt())


_CHANGES: tuple[Callable[[Tensor], Tensor], ...] = (torch.Tensor.detach, torch.abs, torch.square, torch.sign)


class Products:
    """Keeps a parameter's gradients until those of all images are there, and adds up their products."""

    def __init__(self, weights: Named, images: int) -> None:
        self._images = images
        self._rows: dict[str, list[Tensor]] = {name: [] for name in weights}
        device = next(iter(weights.values())).device
        self._kernel = torch.zeros(images, images, dtype=torch.float64, device=device)

    def add(self, name: str, rows: Tensor, first: int) -> None:
        """As above, in the order of the images."""
        self._rows[name].append(rows.flatten(1))
        if first + len(rows) == self._images:
            for some in torch.split(torch.cat(self._rows.pop(name)), _COLUMNS, dim=1):
                columns = some.double()
                self._kernel += columns @ columns.T

    def found(self) -> Tensor:
        """The products of all pairs of images."""
        return self._kernel


_COLUMNS = 2**16
"""Weights that are multiplied in float64 at a time."""
