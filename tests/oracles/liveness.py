"""Peak memory, slowly: the network is built and traced, and every step is looked at."""

from __future__ import annotations

import math
import operator

import torch
from torch import fx, nn

from netlore.networks.layers import Cell, Gated, Joined, Residual
from netlore.networks.transformer import Attention

_INSIDE = (nn.Sequential, nn.ModuleList, Residual, Gated, Joined, Cell)
_ENTRY_BY_ENTRY = (nn.BatchNorm2d, nn.LayerNorm, nn.ReLU, nn.ReLU6, nn.SiLU, nn.Sigmoid, nn.GELU)


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return not isinstance(m, _INSIDE)


class _Sizes(fx.Interpreter):
    """Runs a graph and notes how many numbers each node gives."""

    def run_node(self, n: fx.Node) -> object:
        found = super().run_node(n)
        if isinstance(found, torch.Tensor):
            n.meta["size"], n.meta["shape"] = found.numel(), found.shape
        return found


def peak_activations(network: nn.Module, resolution: int, channels: int = 3) -> int:
    """The most numbers in tensors that are alive at one step of a network, for one image."""
    tracer = _Tracer()
    graph = tracer.trace(network)
    with torch.no_grad():
        _Sizes(fx.GraphModule(tracer.root, graph)).run(torch.zeros(1, channels, resolution, resolution))
    nodes = _in_order([node for node in graph.nodes if node.op in ("placeholder", "call_module", "call_function")])
    output = next(node for node in graph.nodes if node.op == "output")
    place = {node: number for number, node in enumerate(nodes)}
    last = {node: max((place.get(user, math.inf) for user in node.users), default=-1) for node in nodes}
    assert output in nodes[-1].users
    peak = 0
    for step, node in enumerate(nodes):
        alive = {one for one in nodes[:step] if last[one] >= step}
        going = [one for one in node.all_input_nodes if last[one] == step]
        module = network.get_submodule(str(node.target)) if node.op == "call_module" else None
        entry_by_entry = isinstance(module, _ENTRY_BY_ENTRY) or node.target in (operator.add, operator.mul)
        overwrites = entry_by_entry and any(one.meta["size"] == node.meta["size"] for one in going)
        size = sum(one.meta["size"] for one in alive) + (0 if overwrites else node.meta["size"])
        if isinstance(module, Attention):
            size += module.heads * node.meta["shape"][1] ** 2
        peak = max(peak, size)
    return peak


def _in_order(nodes: list[fx.Node]) -> list[fx.Node]:
    """The steps as they were traced, but sums and products as soon as what they take is there."""
    at_once = [node for node in nodes if node.target in (operator.add, operator.mul)]
    done: list[fx.Node] = []
    for node in nodes:
        done += [node] if node not in at_once else []
        while ready := [
            one for one in at_once if one not in done and all(source in done for source in one.all_input_nodes)
        ]:
            done.append(ready[0])
    return done
