"""Gradients of parts of the batch and of single images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import Inputs, batch_size, mapped
from netlore.scoring.kinds.view import AS_GIVEN, View, made
from netlore.scoring.objective import class_range
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.derivatives import gradients_of
from netlore.scoring.passes.layers import layers_of

Named = dict[str, Tensor]
Of = Literal["loss", "outputs"]


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


def part_gradients(parts: int = 2, batches: int = 1, view: View = AS_GIVEN) -> Kind[list[Named]]:
    """dL/dW of each part of the batch, by the parameters' names, shape (parts, *W.shape); a mapping for each draw.

    L is the loss of the part alone, with the statistics that batch norms find in it. Parts are consecutive and as
    equal as can be: the first N mod parts have an image more. Of several batches each is cut so, and shapes begin
    with batches * parts.

    Args:
        parts: Of each batch; 1: the batch is whole.
        batches: How many batches are looked at.
        view: What the network is shown, with which weights.
    """
    for name, value in (("parts", parts), ("batches", batches)):
        if value < 1:
            raise InvalidInput(f"{name} = {value} is not positive; choose 1 or more.")
    count = parts * batches
    passes = f"{count} forward passes and {count} backward passes (gradients of the parts' losses)"
    return made(_part_gradients, view, passes, batches, parts=parts)


def image_gradients(of: Of = "loss", apart: bool = False, view: View = AS_GIVEN) -> Kind[list[ImageGradients]]:
    """Sums over images of what is made of each one's gradients, see `ImageGradients`; one for each draw.

    No more than one image's gradients are kept at a time.

    Args:
        of: What is differentiated: the image's own `loss`, or the sum of its `outputs`.
        apart: Whether the network is called on each image alone, whose own statistics batch norms then use, as in
            GradSign; else once, on all of them.
        view: What the network is shown, with which weights.
    """
    return made(_image_gradients, view, _passes(of, apart), of=of, apart=apart)


def gradient_kernel(of: Of = "outputs", apart: bool = False, view: View = AS_GIVEN) -> Kind[list[Tensor]]:
    """<g_m, g_n> over all weights for each pair of images, float64 (N, N); one for each draw.

    Of `outputs` it is the neural tangent kernel of their sum. The gradients g of all images are kept until then: N
    times the weights. Arguments as in `image_gradients`.
    """
    return made(_gradient_kernel, view, _passes(of, apart), of=of, apart=apart)


def _passes(of: Of, apart: bool) -> str:
    if of not in get_args(Of):
        raise InvalidInput(f"of {of!r} is not known; choose one of {', '.join(get_args(Of))}.")
    what = "its own loss" if of == "loss" else "the sum of its outputs"
    return f"one forward pass{' and' if apart else ', and'} one backward pass for each image (gradient of {what})"


def weights_of(own: OwnPass, network: nn.Module) -> Named:
    """The weights of a copy of the network that predictors look at; nothing else in it asks for a gradient."""
    layers = layers_of(network)
    layers.check()
    network.requires_grad_(False)
    own.notes[:] = filter(None, [layers.note])
    return {name: layer.weight.requires_grad_(True) for layer, name in layers.names.items()}


def _part_gradients(own: OwnPass, view: View, parts: int) -> list[Named]:
    """dL/dW of each part of the batch, shape (parts, *W.shape)."""
    found = []
    for draw in view.drawn(own):
        weights = weights_of(own, draw.network)
        gradients = [
            gradients_of([own.loss(draw.network, *part)], list(weights.values()), keep=False)
            for batch in draw.batches
            for part in _parts(*batch, parts)
        ]
        found.append(
            {name: torch.stack(of) for name, of in zip(weights, zip(*gradients, strict=True), strict=True)}
        )
    return found


def _parts(inputs: Inputs, targets: Tensor, parts: int) -> Iterator[tuple[Inputs, Tensor]]:
    """A batch in parts of as equal sizes as can be; what has other rows than images belongs to every part."""
    count = batch_size(inputs)
    if parts > count:
        raise InvalidInput(f"{count} images cannot be cut into {parts} parts; give a larger batch.")
    for rows in torch.arange(count, device=targets.device).tensor_split(parts):

        def cut(one: Tensor, rows: Tensor = rows) -> Tensor:
            return one[rows] if one.ndim and len(one) == count else one

        yield mapped(inputs, cut), targets[rows]


def _of_each_image(
    own: OwnPass, network: nn.Module, batch: tuple[Inputs, Tensor], of: Of, apart: bool
) -> Iterator[Tensor]:
    """What is differentiated for each image, a scalar."""
    for inputs, targets in _parts(*batch, batch_size(batch[0]) if apart else 1):
        found, others = own.outputs(network, inputs)
        if of == "outputs":
            yield from (one.sum() for one in found)
        else:
            own.objective.check(found, targets, class_range(targets))
            yield from own.objective.of_each(found, others, targets)


def _gradients(own: OwnPass, view: View, of: Of, apart: bool) -> Iterator[Iterator[Named]]:
    """For each draw the gradients of each image, one after the other."""
    for draw in view.drawn(own):
        yield _one_by_one(own, draw.network, draw.batches[0], of, apart)


def _one_by_one(
    own: OwnPass, network: nn.Module, batch: tuple[Inputs, Tensor], of: Of, apart: bool
) -> Iterator[Named]:
    weights = weights_of(own, network)
    for value in _of_each_image(own, network, batch, of, apart):
        found = gradients_of([value], list(weights.values()), keep=not apart)
        yield dict(zip(weights, found, strict=True))


def _image_gradients(own: OwnPass, view: View, of: Of, apart: bool) -> list[ImageGradients]:
    """Sums over images of what is made of each one's gradient by every weight."""
    return [_summed(gradients) for gradients in _gradients(own, view, of, apart)]


def _summed(gradients: Iterator[Named]) -> ImageGradients:
    changes: tuple[Callable[[Tensor], Tensor], ...] = (torch.clone, torch.abs, torch.square, torch.sign)
    sums: list[Named] = [{} for _ in changes]
    norms = []
    for of_image in gradients:
        for added, change in zip(sums, changes, strict=True):
            for name, one in of_image.items():
                added[name] = added[name].add_(change(one)) if name in added else change(one)
        norms.append(
            torch.stack([one.square().sum(dtype=torch.float64) for one in of_image.values()]).sum().sqrt()
        )
    total, absolute, squares, signs = sums
    return ImageGradients(total, absolute, squares, signs, torch.stack(norms))


def _gradient_kernel(own: OwnPass, view: View, of: Of, apart: bool) -> list[Tensor]:
    """<g_m, g_n> over all weights for each pair of images."""
    return [_products(list(gradients)) for gradients in _gradients(own, view, of, apart)]


def _products(gradients: list[Named]) -> Tensor:
    rows = (torch.stack([one[name].flatten() for one in gradients]).double() for name in gradients[0])
    return torch.stack([of_layer @ of_layer.T for of_layer in rows]).sum(dim=0)
