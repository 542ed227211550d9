"""Python: one module to be read, which needs torch and nothing else, and its weights."""

from __future__ import annotations

import io
import pprint
import textwrap
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import torch
from torch import nn

from netlore.arguments import validated
from netlore.export.trained_network import TrainedNetwork
from netlore.export.verify import check_agreement
from netlore.space import families
from netlore.space.complexity import complexity
from netlore.space.plan import Chain, Graph, Join, Layer, Plan, Product, Repeat, Sum, Switch
from netlore.storage.atomic import make_folder, write_whole

FILE_NAME = "network.py"
WEIGHTS_NAME = "network.pt"
TOLERANCE = 1e-5
LINE_LENGTH = 88
"""Of what is written: the usual limit of formatters and linters."""
_CHANNELS = 3  # of the images, which are RGB


@validated
def write_python(network: TrainedNetwork, folder: Path) -> list[Path]:
    """Write a network as a Python module with a class `Network`, and its `state_dict` as `network.pt`.

    The same network gives the same bytes. What is written was run and agrees with the network within `TOLERANCE`.
    """
    source = source_of(network)
    state, weights = dict(network.module().state_dict()), io.BytesIO()
    check_agreement(network, "python", _run(source, state), TOLERANCE)
    torch.save(state, weights)
    # The larger file first: where there is no space for it, the old pair stays.
    written = write_whole(make_folder(folder) / WEIGHTS_NAME, weights.getvalue())
    return [write_whole(folder / FILE_NAME, source.encode()), written]


def source_of(network: TrainedNetwork) -> str:
    """The module: the network's plan as nested tuples, and the few functions that build torch modules of it.

    Its class `Network` has the parameters and buffers of the network's module, under the same names.
    """
    architecture = network.architecture
    plan = families.plan_of(architecture.family, architecture.values, network.num_classes, _CHANNELS)
    template = Template((files("netlore.export") / f"{FILE_NAME}.template").read_text(encoding="utf-8"))
    nested = _nested(plan)
    name = network.facts.get("name", architecture.id)
    return template.substitute(
        title=_paragraph(f"{name}: a network for {network.num_classes} classes of images.", before='"""'),
        facts=_facts(network),
        weights=WEIGHTS_NAME,
        mean=repr(tuple(map(float, network.mean))),
        std=repr(tuple(map(float, network.std))),
        resolution=network.resolution,
        class_names=_elements(network.class_names),
        plan=_elements(nested),
        **_further(nested),
    )


def _further(nested: tuple[Any, ...]) -> dict[str, str]:
    """The legend, the classes and the cases of what a plan has beside the usual."""
    text = (files("netlore.export") / "parts.py.template").read_text(encoding="utf-8")
    kinds = _kinds(nested)
    legend = classes = cases = ""
    for piece in text.split("\n#! ")[1:]:
        name, _, written = piece.partition("\n")
        if name in kinds:
            line, of_class, case = (part.strip("\n") for part in written.split("#!\n"))
            legend += f"{line}\n"
            classes += f"{of_class}\n\n\n" if of_class else ""
            cases += f"{case}\n"
    return {
        "torch": "import torch\n" if "torch." in classes else "",
        "legend": legend,
        "classes": classes,
        "cases": cases,
    }


def _kinds(nested: Any) -> set[str]:
    """The names of the forms that occur in nested parts."""
    if isinstance(nested, str):
        return {nested}
    match nested:
        case ("convolution", _, _, _, _, _, _, _):
            return {"convolution_with"}
        case ("linear", _, _, _):
            return {"linear_without"}
        case tuple():
            return {kind for part in nested for kind in _kinds(part)}
        case _:
            return set()


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


def _elements(values: tuple[Any, ...]) -> str:
    """The elements of a tuple in Python's notation, on lines that fit."""
    margin = "    "
    text = pprint.pformat(values, width=LINE_LENGTH - len(margin), compact=True)
    return textwrap.indent(f" {text[1:-1]}", margin[1:])


def _nested(plan: Plan) -> tuple[Any, ...]:
    """The parts of a plan in sequence, without chains and what is repeated once or never."""
    match plan:
        case Chain(parts):
            return tuple(one for part in parts for one in _nested(part))
        case Sum(branch, shortcut):
            return (("sum", _nested(branch), _nested(shortcut)),)
        case Product(branch, gate):
            return (("product", _nested(branch), _nested(gate)),)
        case Join(parts):
            return (("join", *map(_nested, parts)),)
        case Switch():
            return _nested(plan.chosen)
        case Graph(nodes):
            inside = (tuple((source, _nested(part)) for source, part in incoming) for incoming in nodes)
            return (("cell", *inside),)
        case Repeat(part, times):
            inner = _nested(part)
            return inner * int(times) if times <= 1 else (("repeat", int(times), inner),)
        case Layer():
            return (_layer(plan),)


def _layer(layer: Layer) -> Any:
    """A layer as a tuple of its kind and the sizes that it has, or its kind alone."""
    window = (layer.kernel, layer.stride, layer.pads)
    match layer.kind:
        case "convolution":
            sizes = (layer.w_in, layer.w_out, layer.kernel, layer.stride, layer.groups)
            usual = layer.padding is None and not layer.has_bias
            return ("convolution", *map(int, sizes), *(() if usual else (int(layer.pads), layer.has_bias)))
        case "linear":
            return ("linear", int(layer.w_in), int(layer.w_out), *(() if layer.has_bias else (False,)))
        case "avg_pool" | "max_pool":
            return (layer.kind, *map(int, window))
        case "batch_norm" | "layer_norm":
            return (layer.kind, int(layer.w_out))
        case "zero":
            return ("zero", int(layer.w_out), int(layer.stride))
        case "tokens":
            return ("tokens", int(layer.w_out), int(layer.kernel))
        case "attention":
            return ("attention", int(layer.groups))
        case _:
            return layer.kind


def _run(source: str, state: dict[str, Any]) -> nn.Module:
    namespace: dict[str, Any] = {"__name__": "network"}
    exec(compile(source, FILE_NAME, "exec"), namespace)
    # Without initial weights: they would draw from the global generator.
    with torch.device("meta"):
        module: nn.Module = namespace["Network"]()
    module.load_state_dict(state, assign=True)
    return module.eval()
