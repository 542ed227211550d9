"""Blocks that run forward again in backward passes, instead of keeping what they computed.

With tangents a forward pass keeps twice as much as in training. Beyond a limit, two of three blocks that a network
calls one after the other forget all but their inputs, and each backward pass runs them again, with tangents if
there are some at that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.utils import _pytree as trees

from netlore.executors.allocator import give_back
from netlore.networks.seeding import Generators
from netlore.scoring.passes.derivatives import constant
from netlore.scoring.passes.linear_maps import wants_weights
from netlore.scoring.passes.operations import Operations
from netlore.scoring.passes.repetition import (
    differences,
    is_real,
    leads_elsewhere,
    sums,
    with_tangent_of,
    without_graph,
)
from netlore.scoring.passes.saliency import Saliency
from netlore.scoring.passes.sequences import members

KEPT = 300_000_000
"""Bytes of parameters and of linear maps' outputs up to which all is kept; a pass with tangents holds about four
times that."""

_FREED = 50_000_000
"""Bytes between what is kept up to which freed memory stays with the process when a block runs again."""

_SEQUENCES = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


class NotRepeatableError(Exception):
    """A block does more than to return something, or something else the next time."""


class Recomputation:
    """Some blocks of a network forget, and run forward again.

    Args:
        operations: Sees the network's operations.
        saliency: Sees the outputs of linear maps.
        device: Where the network computes.

    Attributes:
        used: Whether there was such a block.
        differences: For each output of a block that ran again, whether it was another one.
    """

    def __init__(self, operations: Operations, saliency: Saliency, device: torch.device) -> None:
        self.operations, self.saliency, self.device = operations, saliency, device
        self.differences: list[Tensor] = []
        self.used = self._inside = False
        self._turn = self._bytes_of_parameters = 0
        self._constants: dict[int, Tensor] = {}

    def install(self, network: nn.Module) -> None:
        """In place of the forward methods of blocks; somebody else puts those back."""
        self._bytes_of_parameters = sum(one.nbytes for one in network.parameters())
        weighted = {id(one) for one in network.modules() if any(p is not None for p in one._parameters.values())}
        for member in members(network, _SEQUENCES, weighted):
            if member.is_composite:
                vars(member.module)["forward"] = self._instead_of(member.module, member.module.forward)

    def check(self) -> None:
        """Refuse what was found if a block returned something else when it ran again."""
        differences, self.differences = self.differences, []
        if differences and bool(torch.stack(differences).any()):
            raise NotRepeatableError("a block returned something else when it ran again")

    @contextmanager
    def without_graph(self, block: nn.Module) -> Iterator[None]:
        """Inside, the block's parameters are constants with the same tangents, so that no graph is made."""
        modules = list(block.modules())
        before = [(one._parameters.copy(), _lists(one)) for one in modules]
        for module, (parameters, lists) in zip(modules, before, strict=True):
            module._parameters.update({name: self._constant(one) for name, one in parameters.items()})
            for name, content in lists.items():
                vars(module)[name][:] = [self._constant(one) for one in content]
        try:
            with self.saliency.reserving():
                yield
        finally:
            for module, (parameters, lists) in zip(modules, before, strict=True):
                module._parameters.update(parameters)
                for name, content in lists.items():
                    vars(module)[name][:] = content

    def _constant(self, one: Any) -> Any:
        if not isinstance(one, Tensor) or not one.requires_grad:
            return one
        if id(one) not in self._constants:
            found = self._constants[id(one)] = without_graph(one)
            self.saliency.also_known_as(one, found)
        return self._constants[id(one)]

    def _instead_of(self, block: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._inside or self._bytes_of_parameters + self.operations.bytes_of_outputs < KEPT:
                return forward(*args, **kwargs)
            self._turn += 1
            if self._turn % 3 == 0:
                return forward(*args, **kwargs)
            self.used = self._inside = True
            try:
                return _Call(self, block, forward).first((args, kwargs))
            finally:
                self._inside = False

        return call


def _lists(module: nn.Module) -> dict[str, list[Any]]:
    """A module's lists, such as that of the weights of a recurrent layer."""
    return {name: list(value) for name, value in vars(module).items() if type(value) is list}


@dataclass(eq=False)
class _Call:
    """A call of a block that can be repeated.

    Attributes:
        parameters: Those of the block by which something is differentiated.
        generators: As they stood before the call.
        arguments: Its arguments, without those tensors that gradients go to.
        places: Where among the arguments those stand, each with its number; one may stand at several.
        returned: Where such tensors stand among what it returns.
        sums: Of each of those, and of its tangent.
        count: How many outputs of linear maps came before.
    """

    owner: Recomputation
    block: nn.Module
    forward: Callable[..., Any]
    parameters: list[Tensor] = field(init=False)
    generators: Generators = field(init=False)
    arguments: tuple[list[Any], Any] = field(init=False)
    places: list[tuple[int, int]] = field(init=False)
    returned: list[int] = field(init=False)
    sums: list[tuple[Tensor, Tensor | None]] = field(init=False)
    count: int = field(init=False)

    def first(self, arguments: Any) -> Any:
        """What the block returns, without a graph behind it but with what finds one again."""
        give_back(_FREED)
        owner, operations = self.owner, self.owner.operations
        self.parameters = [one for one in self.block.parameters() if one.requires_grad]
        self.generators, self.count = Generators(owner.device), owner.saliency.count
        inputs = self._keep(arguments)
        before, versions = operations.bytes_of_outputs, [one._version for one in inputs]
        args, kwargs = self._given([without_graph(one) for one in inputs])
        with owner.without_graph(self.block), operations.watching() as made:
            returned = self.forward(*args, **kwargs)
        del args, kwargs
        found, form = trees.tree_flatten(returned)
        del returned
        self.returned = [place for place, one in enumerate(found) if is_real(one)]
        if any(found[place].requires_grad for place in self.returned):
            raise NotRepeatableError("a block uses parameters that are not its own")
        alone = [without_graph(found[place]) for place in self.returned]
        found = [None if is_real(one) else one for one in found]
        if any(one() is not None for one in made):
            raise NotRepeatableError("a block keeps what it computes")
        if versions != [one._version for one in inputs]:
            raise NotRepeatableError("a block overwrites its inputs")
        self.sums = [sums(one) for one in alone]
        operations.bytes_of_outputs = before + sum(one.nbytes for one in alone)
        connected = _Repeated.apply(self, len(alone), *alone, *inputs, *self.parameters)
        for place, one in zip(self.returned, connected, strict=True):
            found[place] = one
        return trees.tree_unflatten(found, form)

    def again(self, inputs: Sequence[Tensor], gradients: Sequence[Tensor | None]) -> list[Tensor | None]:
        """Gradients of its inputs and of its parameters, as far as they are wanted."""
        give_back(_FREED)
        with torch.enable_grad(), self.generators.again(), self.owner.saliency.repeating(self.count):
            with constant():
                starts = [one.detach().requires_grad_(one.requires_grad) for one in inputs]
            args, kwargs = self._given([with_tangent_of(*pair) for pair in zip(starts, inputs, strict=True)])
            found = trees.tree_flatten(self.forward(*args, **kwargs))[0]
            outputs = [found[place] for place in self.returned]
            for output, before in zip(outputs, self.sums, strict=True):
                self.owner.differences += differences(sums(output), before)
        pairs = [
            (one, gradient)
            for one, gradient in zip(outputs, gradients, strict=True)
            if gradient is not None and one.requires_grad
        ]
        known = [*starts, *self.parameters]
        if leads_elsewhere(outputs, known):
            raise NotRepeatableError("a block uses what it is not given")
        wanted = [one.requires_grad and (i < len(starts) or wants_weights()) for i, one in enumerate(known)]
        targets = [one for one, is_wanted in zip(known, wanted, strict=True) if is_wanted]
        if not pairs or not targets:
            return [None] * len(known)
        values, seeds = zip(*pairs, strict=True)
        of_targets = iter(torch.autograd.grad(values, targets, seeds, allow_unused=True))
        return [next(of_targets) if is_wanted else None for is_wanted in wanted]

    def _keep(self, arguments: Any) -> list[Tensor]:
        """The tensors among the arguments that gradients go to, each once; the others stay in `arguments`."""
        leaves, form = trees.tree_flatten(arguments)
        numbers: dict[int, int] = {}
        inputs, self.places = list[Tensor](), []
        for place, one in enumerate(leaves):
            if is_real(one):
                if id(one) not in numbers:
                    numbers[id(one)] = len(inputs)
                    inputs.append(one)
                self.places.append((place, numbers[id(one)]))
                leaves[place] = None
        self.arguments = leaves, form
        return inputs

    def _given(self, inputs: Sequence[Tensor]) -> Any:
        """The arguments with those tensors."""
        leaves = list(self.arguments[0])
        for place, number in self.places:
            leaves[place] = inputs[number]
        return trees.tree_unflatten(leaves, self.arguments[1])


class _Repeated(Function):
    """What a block returned; its derivatives are those of running it again."""

    @staticmethod
    def forward(call: _Call, count: int, *tensors: Tensor) -> tuple[Tensor, ...]:
        return tuple(one.detach() for one in tensors[:count])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        ctx.call, ctx.count, *tensors = inputs
        ctx.save_for_backward(*tensors[ctx.count : len(tensors) - len(ctx.call.parameters)])
        ctx.set_materialize_grads(False)

    @staticmethod
    def jvp(ctx: Any, _: None, __: None, *tangents: Tensor | None) -> tuple[Tensor | None, ...]:
        return tangents[: ctx.count]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        found = ctx.call.again(ctx.saved_tensors, gradients)
        return None, None, *[None] * ctx.count, *found
