"""Gradients of parts of the batch and of single images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn

from netlore.arguments import validated
from netlore.errors import Degenerate, InvalidInput
from netlore.scoring.conditions import Conditions
from netlore.scoring.evidence import Kind
from netlore.scoring.inputs import Inputs, batch_size, mapped
from netlore.scoring.kinds.collected import ImageGradients, Products, Sums
from netlore.scoring.kinds.fast import fast_outputs
from netlore.scoring.kinds.view import AS_GIVEN, Draw, View, made
from netlore.scoring.objective import class_range
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.derivatives import gradients_of
from netlore.scoring.passes.layers import layers_of

Named = dict[str, Tensor]
Of = Literal["loss", "outputs", "label"]
Which = Literal["layers", "layers with biases", "named weight"]

_OF = {"loss": "its own loss", "outputs": "the sum of its outputs", "label": "the output of its class"}
_WHICH = {
    "layers": "",
    "layers with biases": " by weights and biases of linear maps",
    "named weight": " by all parameters called weight",
}


@validated
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


@validated
def image_gradients(
    of: Of = "loss", apart: bool = False, view: View = AS_GIVEN, which: Which = "layers"
) -> Kind[list[ImageGradients]]:
    """Sums over images of what is made of each one's gradients, see `ImageGradients`; one for each draw.

    No more than one image's gradients are kept at a time. Where nothing but batch norms lets an image see the
    others, and they look at each image alone or at none, one backward pass of all images gives the same sums.

    Args:
        of: What is differentiated: the image's own `loss`, the sum of its `outputs`, or of those the one of its
            `label`.
        apart: Whether the network is called on each image alone, whose own statistics batch norms then use, as in
            GradSign; else once, on all of them.
        view: What the network is shown, with which weights.
        which: By which parameters: the weights of `layers`, as most predictors; `layers with biases`; or all those
            that have `named weight`, of normalisations too.
    """
    further = _unusual(which) | {"conditions": _conditions(view, apart)}
    return made(_image_gradients, view, _passes(of, apart, which), of=of, apart=apart, **further)


@validated
def gradient_kernel(
    of: Of = "outputs",
    apart: bool = False,
    view: View = AS_GIVEN,
    which: Which = "layers",
    double: bool = False,
) -> Kind[list[Tensor]]:
    """<g_m, g_n> over all weights for each pair of images, float64 (N, N); one for each draw.

    Of `outputs` it is the neural tangent kernel of their sum. The gradients g of all images are kept until then: N
    times the weights. Arguments as in `image_gradients`; `double`: whether the passes are in float64 whatever the
    precision of others.
    """
    passes = _passes(of, apart, which) + " in float64" * double
    further = _unusual(which) | ({"double": True} if double else {}) | {"conditions": _conditions(view, apart)}
    return made(_gradient_kernel, view, passes, of=of, apart=apart, **further)


def _conditions(view: View, apart: bool) -> Conditions:
    shown = f"{view.conditions.inputs}, an image at a time" if apart else view.conditions.inputs
    return replace(view.conditions, inputs=shown)


def _unusual(which: Which) -> dict[str, Any]:
    return {} if which == "layers" else {"which": which}


def _passes(of: Of, apart: bool, which: Which) -> str:
    for name, value, known in (("of", of, _OF), ("which", which, _WHICH)):
        if value not in known:
            raise InvalidInput(f"{name} {value!r} is not known; choose one of {', '.join(known)}.")
    what = f"gradient of {_OF[of]}{_WHICH[which]}"
    return f"one forward pass{' and' if apart else ', and'} one backward pass for each image ({what})"


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


def _parameters_of(own: OwnPass, network: nn.Module, which: Which) -> Named:
    """The parameters that gradients are found by; nothing else asks for one."""
    if which == "named weight":
        network.requires_grad_(False)
        found = {name: one for name, one in network.named_parameters() if "weight" in name}
        if not found:
            raise Degenerate("no parameter of the network is called weight")
        return {name: one.requires_grad_(True) for name, one in found.items()}
    weights = weights_of(own, network)
    if not weights:
        raise Degenerate("the network has no convolution and no linear layer")
    if which == "layers":
        return weights
    counted = {id(one) for one in weights.values()}
    for path, module in network.named_modules():
        if any(id(one) in counted for one in module._parameters.values()):
            biases = {name: one for name, one in module._parameters.items() if one is not None and "bias" in name}
            weights |= {f"{path}.{name}": one.requires_grad_(True) for name, one in biases.items()}
    return weights


C = TypeVar("C", Sums, Products)


def _collected(own: OwnPass, draw: Draw, make: type[C], of: Of, apart: bool, which: Which) -> C:
    """What is made of the gradients of each image."""
    inputs, targets = draw.batches[0]
    weights = _parameters_of(own, draw.network, which)
    collected = make(weights, batch_size(inputs))
    values = _of_each_image(own, draw.network, (inputs, targets), of, apart)
    for number, value in enumerate(values):
        found = gradients_of([value], list(weights.values()), keep=not apart)
        for name, gradient in zip(weights, found, strict=True):
            collected.add(name, gradient[None], number)
    return collected


def _of_each_image(
    own: OwnPass, network: nn.Module, batch: tuple[Inputs, Tensor], of: Of, apart: bool
) -> Iterator[Tensor]:
    """What is differentiated for each image, a scalar."""
    for inputs, targets in _parts(*batch, batch_size(batch[0]) if apart else 1):
        try:
            values = list(_values(own, network, inputs, targets, of, once=apart))
        except ValueError as error:
            if not (apart and "more than 1 value per channel" in str(error)):
                raise
            raise Degenerate(
                "a batch norm sees one number of each channel of one image; give larger images"
            ) from None
        yield from values


def _values(
    own: OwnPass, network: nn.Module, inputs: Inputs, targets: Tensor, of: Of, once: bool
) -> Iterator[Tensor]:
    """The same of images that are seen at once; `once`: one backward pass follows."""
    found, others = own.outputs(network, inputs) if once else fast_outputs(own, network, inputs)[0]
    if of == "outputs":
        yield from (one.sum() for one in found)
        return
    own.objective.check(found, targets, class_range(targets))
    if of == "loss":
        yield from own.objective.of_each(found, others, targets)
    elif found.ndim != 2 or targets.ndim != 1 or targets.is_floating_point():
        raise Degenerate("it looks at the output of an image's class, and there is none")
    else:
        yield from found.gather(1, targets[:, None]).flatten()


def _image_gradients(
    own: OwnPass, view: View, of: Of, apart: bool, which: Which = "layers"
) -> list[ImageGradients]:
    """Sums over images of what is made of each one's gradient by every weight."""
    return [_collected(own, draw, Sums, of, apart, which).found() for draw in view.drawn(own)]


def _gradient_kernel(
    own: OwnPass, view: View, of: Of, apart: bool, which: Which = "layers", double: bool = False
) -> list[Tensor]:
    """<g_m, g_n> over all weights for each pair of images."""
    draws = map(_in_float64, view.drawn(own)) if double else view.drawn(own)
    return [_collected(own, draw, Products, of, apart, which).found() for draw in draws]


def _in_float64(draw: Draw) -> Draw:
    def changed(one: Tensor) -> Tensor:
        return one.double() if one.is_floating_point() else one

    batches = tuple((mapped(inputs, changed), changed(targets)) for inputs, targets in draw.batches)
    return Draw(draw.network.double(), batches)
