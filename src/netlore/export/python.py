"""Python: one module to be read, which needs torch and nothing else, and its weights."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import torch
from torch import nn

from netlore.export.trained_network import TrainedNetwork
from netlore.export.verify import check_agreement
from netlore.space import families
from netlore.space.complexity import complexity
from netlore.space.plan import Chain, Layer, Plan, Repeat, Sum
from netlore.storage.atomic import make_folder, write_whole

FILE_NAME = "network.py"
WEIGHTS_NAME = "network.pt"
TOLERANCE = 1e-5
LINE_LENGTH = 88
"""Of what is written: the usual limit of formatters and linters."""
_CHANNELS = 3  # of the images, which are RGB


def write_python(network: TrainedNetwork, folder: Path) -> list[Path]:
    """Write a network as a Python module with a class `Network`, and its `state_dict` as `network.pt`.

    The same network gives the same bytes. What is written was run and agrees with the network within `TOLERANCE`.

    Raises:
        NetloreError: The module computes something else.
        Unwritable: There is no space or no permission.
    """
    source = source_of(network)
    state = network.module().state_dict()
    check_agreement(network, "python", _run(source, dict(state)), TOLERANCE)
    weights = io.BytesIO()
    torch.save(dict(state), weights)
    make_folder(folder)
    # The larger file first: where there is no space for it, the old pair stays.
    written = write_whole(folder / WEIGHTS_NAME, weights.getvalue())
    return [write_whole(folder / FILE_NAME, source.encode()), written]


def source_of(network: TrainedNetwork) -> str:
    """The module: the network's plan as nested tuples, and the few functions that build torch modules of it.

    Its class `Network` has the parameters and buffers of the network's module, under the same names.
    """
    architecture = network.architecture
    plan = families.get(architecture.family).plan(dict(architecture.items), network.num_classes, _CHANNELS)
    template = Template((files("netlore.export") / f"{FILE_NAME}.template").read_text(encoding="utf-8"))
    name = network.facts.get("name", architecture.id)
    return template.substitute(
        title=_paragraph(f"{name}: a network for {network.num_classes} classes of images.", before='"""'),
        facts=_facts(network),
        weights=WEIGHTS_NAME,
        mean=repr(tuple(map(float, network.mean))),
        std=repr(tuple(map(float, network.std))),
        resolution=network.resolution,
        class_names="\n".join(_rows(map(repr, network.class_names), "    ")),
        plan="\n".join(_plan_lines(plan, "    ")),
    )


def _facts(network: TrainedNetwork) -> str:
    cost = complexity(network.architecture, network.num_classes, network.resolution).as_dict()
    paragraphs = [
        f"Family {network.architecture.family}: {network.architecture}.",
        f"{cost['flops']:,} multiply-adds, {cost['params']:,} parameters and {cost['activations']:,} activations "
        f"for an image of {network.resolution}x{network.resolution} pixels.",
        *(f"{key}: {value}" for key, value in network.facts.items() if key != "name"),
    ]
    return "\n".join(map(_paragraph, paragraphs))


def _paragraph(text: str, before: str = "") -> str:
    """Lines of a docstring that fit; nothing in the text can end the docstring."""
    words = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    safe = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in words)
    return textwrap.fill(safe, LINE_LENGTH, initial_indent=before, break_long_words=False, break_on_hyphens=False)


def _plan_lines(plan: Plan, margin: str) -> Iterator[str]:
    """The parts of a plan as elements of a tuple: layers fill lines, sums and repetitions begin new ones."""
    inside = margin + "    "
    layers: list[str] = []
    for part in _parts(plan):
        match part:
            case Layer():
                layers.append(_layer_text(part))
                continue
            case Sum(branch, shortcut):
                opening, first = '("sum", (', branch
                side = [*_plan_lines(shortcut, inside)]
                closing = [f"{margin}), (", *side, f"{margin})),"] if side else [f"{margin}), ()),"]
            case Repeat(first, times):
                opening, closing = f'("repeat", {times}, (', [f"{margin})),"]
        yield from _rows(layers, margin)
        layers.clear()
        yield from (margin + opening, *_plan_lines(first, inside), *closing)
    yield from _rows(layers, margin)


def _parts(plan: Plan) -> Iterator[Layer | Sum | Repeat]:
    """The parts of a plan in sequence, without chains and what is repeated once or never."""
    match plan:
        case Chain(parts):
            for part in parts:
                yield from _parts(part)
        case Repeat(part, times) if int(times) <= 1:
            if int(times) == 1:
                yield from _parts(part)
        case _:
            yield plan


def _layer_text(layer: Layer) -> str:
    w_in, w_out, groups = int(layer.w_in), int(layer.w_out), int(layer.groups)
    match layer.kind:
        case "convolution":
            return f'("convolution", {w_in}, {w_out}, {layer.kernel}, {layer.stride}, {groups})'
        case "batch_norm":
            return f'("batch_norm", {w_out})'
        case "linear":
            return f'("linear", {w_in}, {w_out})'
        case _:
            return f'"{layer.kind}"'


def _rows(elements: Iterable[str], margin: str) -> Iterator[str]:
    """Elements of a tuple, as many on a line as fit."""
    row = margin
    for element in elements:
        if row != margin and len(row) + len(element) + 2 > LINE_LENGTH:
            yield row
            row = margin
        row += f"{element}," if row == margin else f" {element},"
    if row != margin:
        yield row


def _run(source: str, state: dict[str, Any]) -> nn.Module:
    namespace: dict[str, Any] = {"__name__": "network"}
    exec(compile(source, FILE_NAME, "exec"), namespace)
    # Without initial weights: they would draw from the global generator.
    with torch.device("meta"):
        module: nn.Module = namespace["Network"]()
    module.load_state_dict(state, assign=True)
    return module.eval()
