"""The blocks of a network: what it repeats, as far as that can be seen from its modules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import nn

from netlore.errors import Degenerate, InvalidInput
from netlore.networks.layers import Cell
from netlore.scoring.passes.layers import layers_of
from netlore.scoring.passes.sequences import has_weights, members

_SEQUENCES = (nn.Sequential, nn.ModuleList)


def blocks_of(network: nn.Module, named: Sequence[str] | None = None) -> dict[str, nn.Module]:
    """The blocks of a network by their names, in their order.

    They are those that are `named`. Else, if the network has timm's `feature_info`, the modules that it lists.
    Else the members of the outermost sequences (`Sequential`, `ModuleList`) that are made of several modules,
    with weights among them, or netlore's cells, which may be of pooling alone; a member that is itself a sequence
    of such is a stage, and its members count. If there is none, as in VGG, the members of sequences that have
    weights themselves; and at last the network's own parts with weights.

    Raises:
        InvalidInput: There is no module of a name.
        Degenerate: No block is found.
    """
    modules = dict(network.named_modules())
    if named is not None:
        if missing := [name for name in named if name not in modules]:
            known = ", ".join([name for name in modules if name][:8])
            raise InvalidInput(f"the network has no module {missing[0]!r}; name blocks such as {known}.")
        return {name: modules[name] for name in named}
    if listed := [name for name in _listed_by_timm(network) if name in modules]:
        return {name: modules[name] for name in listed}
    weighted = {id(layer) for layer in _weighted(network)}
    parts = members(network, _SEQUENCES, weighted)
    of_sequences = [part.name for part in parts if part.is_composite or isinstance(part.module, Cell)]
    single = [part.name for part in parts if id(part.module) in weighted]
    own = [name for name, module in network.named_children() if has_weights(module, weighted)]
    for found in (of_sequences, single, own):
        if found:
            return {name: modules[name] for name in found}
    raise Degenerate("the network has no blocks that could be found; name them")


def _listed_by_timm(network: nn.Module) -> list[str]:
    """Names in `feature_info`, a list of mappings or an object that holds one."""
    info = getattr(network, "feature_info", None)
    info = getattr(info, "info", info)
    if not isinstance(info, list):
        return []
    return [one["module"] for one in info if isinstance(one, dict) and one.get("module")]


def _weighted(network: nn.Module) -> Iterator[nn.Module]:
    """The modules whose own weights predictors look at."""
    counted = {id(layer.weight) for layer in layers_of(network).names}
    for module in network.modules():
        if any(id(parameter) in counted for parameter in module._parameters.values()):
            yield module
