"""How a network comes out of a pass as it was, and what of the process must not change a score."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

import torch
from torch import Tensor, nn

from netlore.errors import InvalidInput
from netlore.networks.seeding import seeded
from netlore.scoring.passes.interception import differentiable_checkpoints


def copied(tensor: Tensor, dtype: torch.dtype, layout: torch.memory_format) -> Tensor:
    """A detached copy in that precision and, if 4-dimensional, layout; whole numbers and flags keep their type."""
    target = dtype if tensor.is_floating_point() else tensor.dtype
    of_kernels = layout if tensor.ndim == 4 else torch.contiguous_format
    return tensor.detach().to(target, copy=True, memory_format=of_kernels)


@contextmanager
def restored_after(
    network: nn.Module, training: bool, state: Mapping[str, Tensor] | None = None
) -> Iterator[None]:
    """Inside, a network is in a mode and computes with other tensors; afterwards it is as it was.

    What every module holds is copied beforehand and put back afterwards, also after an error or an interruption:
    the same parameters, buffers, submodules, hooks, flags and plain attributes, whatever is done inside. The
    values of its tensors stay as they are since others are in their place.

    Dropout and its like draw from global generators; inside, those start from a fixed seed, so that scores repeat.

    Args:
        network: The network.
        training: The mode: training or evaluation.
        state: Tensors in place of parameters and buffers, by the names that `named_parameters` and `named_buffers`
            give; one with several names is replaced under all of them.

    Raises:
        InvalidInput: A part is compiled by TorchScript, whose tensors cannot be replaced.
    """
    modules = list(network.modules())
    if any(isinstance(module, torch.jit.ScriptModule) for module in modules):
        raise InvalidInput("a TorchScript module cannot be examined; give the module that it was made from.")
    before = [_held_by(module) for module in modules]
    with seeded({parameter.device for parameter in network.parameters()}):
        try:
            if _changes_with_its_mode(modules):
                # What that does to tensors is done to copies; what it came to is in the state already.
                _exchange(network, {name: tensor.detach().clone() for name, tensor in _tensors(network)})
            else:
                _exchange(network, state)
            network.train(training)
            if _changes_with_its_mode(modules) and state is not None:
                _exchange(network, state)
            yield
        finally:
            _put_back(modules, before)


def tensors_in_mode(network: nn.Module, training: bool) -> dict[str, Tensor]:
    """Parameters and buffers by name, as they are in a mode: some layers change their weights with it."""
    if not _changes_with_its_mode(network.modules()):
        return dict(_tensors(network))
    with restored_after(network, training):
        return {name: tensor.detach() for name, tensor in _tensors(network)}


def _changes_with_its_mode(modules: Iterable[nn.Module]) -> bool:
    """Whether a module has its own way to change modes."""
    return any(type(module).train is not nn.Module.train for module in modules)


def _tensors(network: nn.Module) -> list[tuple[str, Tensor]]:
    return [*network.named_parameters(), *network.named_buffers()]


def _exchange(network: nn.Module, state: Mapping[str, Tensor] | None) -> None:
    """Put other tensors in the place of those of the same name."""
    others = {} if state is None else {id(tensor): state[name] for name, tensor in _tensors(network)}
    for module in network.modules():
        _replace(vars(module), others)


_Held = dict[str, tuple[Any, Any]]


def _held_by(module: nn.Module) -> _Held:
    """A module's attributes, each with a copy of what it contains if it is a container."""
    held = vars(module).items()
    return {name: (value, copy(value) if type(value) in _CONTAINERS else None) for name, value in held}


_CONTAINERS = (dict, OrderedDict, list, set)


def _put_back(modules: Sequence[nn.Module], before: Sequence[_Held]) -> None:
    try:
        for module, held in zip(modules, before, strict=True):
            for name in vars(module).keys() - held.keys():
                del vars(module)[name]
            for name, (value, content) in held.items():
                vars(module)[name] = value
                if content or (content is not None and value):
                    value.clear()
                    value.extend(content) if isinstance(value, list) else value.update(content)
    except KeyboardInterrupt:
        # From the beginning, whatever was reached.
        _put_back(modules, before)
        raise


def _replace(held: dict[str, Any], others: Mapping[int, Tensor]) -> None:
    """Replace tensors among a module's attributes; plain tensors, which no name leads to, by copies."""
    for name, value in held.items():
        if name in ("_parameters", "_buffers"):
            value.update({key: others[id(tensor)] for key, tensor in value.items() if id(tensor) in others})
        elif isinstance(value, list):  # the weights of recurrent layers are in a list, too
            value[:] = [others.get(id(item), item) for item in value]
        elif isinstance(value, Tensor):
            held[name] = others[id(value)] if id(value) in others else value.clone()


@contextmanager
def undisturbed(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """Inside, nothing that the caller's process has set changes a score; afterwards its settings are back.

    A default precision would be that of tensors which a network makes on its way, an inference mode would leave no
    graph to differentiate, autocast computes in another precision, deterministic algorithms are other ones.
    """
    default, deterministic = torch.get_default_dtype(), torch.get_deterministic_debug_mode()
    torch.set_default_dtype(dtype)
    torch.set_deterministic_debug_mode(0)
    try:
        with (
            torch.inference_mode(False),
            torch.no_grad(),
            torch.autocast(device.type, enabled=False),
            full_precision(device),
            differentiable_checkpoints(),
        ):
            yield
    finally:
        torch.set_deterministic_debug_mode(deterministic)
        torch.set_default_dtype(default)


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """Inside, float32 is float32, and on a CUDA device the same kernels run each time.

    A script that asks for less precise products gets bfloat16 on processors that have it, with 8 bits of mantissa
    instead of 24. By default cuDNN multiplies in TF32, with 11 bits, and may choose another kernel from one call
    to the next. All of that would show in scores. The caller's settings come back afterwards.
    """
    if device.type != "cuda":
        with _full_precision_on_the_cpu():
            yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with (
            torch.backends.cudnn.flags(
                enabled=torch.backends.cudnn.enabled, benchmark=False, deterministic=True, allow_tf32=False
            ),
            _full_precision_on_the_cpu(),
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextmanager
def _full_precision_on_the_cpu() -> Iterator[None]:
    """Of products, convolutions and recurrent layers; earlier versions of torch have one setting for all."""
    kinds: list[Any] = [getattr(torch.backends.mkldnn, name, None) for name in ("matmul", "conv", "rnn")]
    if None in kinds:
        legacy = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(legacy)
        return
    before = [kind.fp32_precision for kind in kinds]
    try:
        for kind in kinds:
            kind.fp32_precision = "ieee"
        yield
    finally:
        for kind, precision in zip(kinds, before, strict=True):
            kind.fp32_precision = precision


def is_out_of_memory(error: BaseException) -> bool:
    """By type. torch has none of its own for the CPU: there its allocator raises a plain `RuntimeError`."""
    of_the_cpu = type(error) is RuntimeError and "DefaultCPUAllocator" in str(error)
    return of_the_cpu or isinstance(error, torch.OutOfMemoryError | MemoryError)
