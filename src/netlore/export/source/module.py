"""The generated module: its docstring, constants, functions and the class."""

from __future__ import annotations

from collections.abc import Iterator

from netlore.export.source import pieces
from netlore.export.source.blocks import blocks_of
from netlore.export.source.expressions import Blocks, block_function, statements
from netlore.export.source.layout import filled, literal, wrapped
from netlore.export.source.sections import sections_of
from netlore.export.source.terms import Loop, Operation, Residual, Terms, terms_of, walk
from netlore.export.trained_network import TrainedNetwork
from netlore.space import families
from netlore.space.complexity import complexity

# Of the images, which are RGB.
_CHANNELS = 3
_STAGED = {"d": "depths", "w": "widths"}
# What hyperparameters are called, by family and letter; those of other packages' families keep their names.
_WORDS = {
    "anynet": {**_STAGED, "g": "group widths", "b": "bottleneck ratios"},
    "anynet-printed": {**_STAGED, "g": "numbers of groups", "b": "bottleneck ratios that divide"},
    "resnet": _STAGED,
    "resnext": {**_STAGED, "b": "bottleneck ratio", "c": "number of groups"},
}


def source_of(network: TrainedNetwork, weights_name: str) -> str:
    """A network as a Python module that needs torch only.

    Its class `Network` has the parameters and buffers of the network's module, under the same names.

    Args:
        network: The network.
        weights_name: Name of the file with its `state_dict`, for the docstring.
    """
    family = families.get(network.architecture.family)
    terms = terms_of(family.plan(dict(network.architecture.items), network.num_classes, _CHANNELS))
    blocks = blocks_of(terms)
    # Two empty lines between definitions, one elsewhere.
    top = [_docstring(network, weights_name), _imports(terms), _constants(network)]
    definitions = [*_definitions(terms, blocks), _class(network, terms, blocks)]
    return "\n\n\n".join(["\n\n".join(map("\n".join, top)), *map("\n".join, definitions)]) + "\n"


def _docstring(network: TrainedNetwork, weights_name: str) -> list[str]:
    architecture, resolution = network.architecture, network.resolution
    cost = complexity(architecture, network.num_classes, resolution).as_dict()
    name = network.facts.get("name", architecture.id)
    facts = [f"{key}: {value}" for key, value in network.facts.items() if key != "name"]
    return [
        *wrapped(f"{name}: a network that tells {network.num_classes} classes of images apart.", before='"""'),
        "",
        *wrapped(f"Family {architecture.family}: {_hyperparameters(network)}."),
        *wrapped(
            f"{cost['flops']:,} multiply-adds, {cost['params']:,} parameters, {cost['activations']:,} activations "
            f"for an image of {resolution}x{resolution} pixels."
        ),
        *(["", *(line for fact in facts for line in wrapped(fact))] if facts else []),
        "",
        f"Use, with the weights in {weights_name}:",
        "",
        "    import torch",
        "    from network import Network, normalise",
        "",
        "    network = Network().eval()",
        f'    network.load_state_dict(torch.load("{weights_name}", weights_only=True))',
        "    logits = network(normalise(images))  # RGB images (N, 3, H, W) in [0, 1]",
        '"""',
    ]


def _hyperparameters(network: TrainedNetwork) -> str:
    words = _WORDS.get(network.architecture.family, {})
    parts = (part.partition(" ") for part in str(network.architecture).split("; "))
    return "; ".join(f"{words.get(name, name)} {', '.join(values.split(','))}" for name, _, values in parts)


def _imports(terms: Terms) -> list[str]:
    names = ["Callable"] if _repeats_inside(terms) else []
    names += ["Sequence"] if _has_residuals(terms) else []
    standard = [f"from collections.abc import {', '.join(names)}", ""] if names else []
    return [*standard, "from torch import Tensor, nn"]


def _constants(network: TrainedNetwork) -> list[str]:
    mean, std = (", ".join(repr(float(value)) for value in values) for values in (network.mean, network.std))
    return [
        "# Of each channel's pixels, scaled to [0, 1].",
        f"MEAN = ({mean})",
        f"STD = ({std})",
        "# Side of the images in training; others are welcome.",
        f"RESOLUTION = {network.resolution}",
        *filled("CLASS_NAMES = (", [literal(name) for name in network.class_names]),
    ]


def _definitions(terms: Terms, blocks: Blocks) -> Iterator[list[str]]:
    kinds = {term.kind for term in walk(terms) if isinstance(term, Operation)}
    needed = {
        pieces.NORMALISE: True,
        pieces.RESIDUAL: _has_residuals(terms),
        pieces.GLOBAL_POOL: "global_pool" in kinds,
        pieces.CONVOLUTION: "convolution_norm" in kinds,
        pieces.REPEATED: _repeats_inside(terms),
    }
    for piece, used in needed.items():
        if used:
            yield piece.strip().splitlines()
    for block in blocks.values():
        yield block_function(block)


def _class(network: TrainedNetwork, terms: Terms, blocks: Blocks) -> list[str]:
    body: list[str] = []
    for section in sections_of(terms, _CHANNELS, network.resolution):
        body += ["", f"        # {section.heading}", *statements(section.terms, blocks, depth=2)]
    return [
        "class Network(nn.Sequential):",
        f'    """From normalised images (N, 3, H, W) to logits (N, {network.num_classes})."""',
        "",
        "    def __init__(self) -> None:",
        "        layers: list[nn.Module] = []",
        *body,
        "",
        "        super().__init__(*layers)",
    ]


def _has_residuals(terms: Terms) -> bool:
    return any(isinstance(term, Residual) for term in walk(terms))


def _repeats_inside(terms: Terms) -> bool:
    """Whether something is repeated inside a residual connection, where no statement can be."""
    insides = (term.branch + term.shortcut for term in walk(terms) if isinstance(term, Residual))
    return any(isinstance(term, Loop) for inside in insides for term in walk(inside))
