"""What `show` and `list` print: an architecture, and everything that can be named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from netlore.cli.console import show_table
from netlore.errors import UnknownName
from netlore.plugins import Registry
from netlore.space import families, named
from netlore.space.architecture import Architecture
from netlore.space.complexity import LABELS, MEASURES, complexity
from netlore.space.design_space import SPACES
from netlore.space.families import FAMILIES
from netlore.space.outline import outline


def architecture_document(architecture: Architecture, num_classes: int, resolution: int) -> dict[str, Any]:
    """An architecture as JSON-able values."""
    measures = complexity(architecture, num_classes, resolution).as_dict()
    return {
        "id": architecture.id,
        "family": architecture.family,
        "values": architecture.values,
        "num_classes": num_classes,
        "resolution": resolution,
        **measures,
    }


def show_architecture(architecture: Architecture, num_classes: int, resolution: int) -> None:
    """Values, complexity, and a row per layer, repeated parts once."""
    document = architecture_document(architecture, num_classes, resolution)
    print(f"{architecture.id}: {architecture.family}, {architecture}")
    print(
        f"{num_classes} classes, {resolution}x{resolution} pixels: {document['flops']:,} FLOPs (multiply-adds), "
        f"{document['params']:,} parameters, {document['activations']:,} activations"
    )
    rows: list[list[object]] = []
    for line in outline(architecture, num_classes, resolution):
        layer, times = line.layer, line.times
        kind = f"{layer.kernel}x{layer.kernel} convolution" if layer.kind == "convolution" else layer.kind
        shape = [layer.w_in, layer.w_out, layer.groups, layer.stride, line.resolution, times]
        measures = [value * times for value in line.complexity.as_dict().values()]
        rows.append([line.place, kind, *shape, *measures])
    columns = ["place", "layer", "w_in", "w_out", "groups", "stride", "pixels", "times"]
    show_table("Layers", [*columns, *(LABELS[name].label for name in line.complexity.as_dict())], rows)


def listed(what: str) -> list[dict[str, Any]]:
    """What can be named, as JSON-able values.

    Raises:
        InvalidInput: There is no list of that.
    """
    if what not in LISTS:
        raise UnknownName("list", what, list(LISTS))
    return LISTS[what]()


def show_list(what: str) -> None:
    """A table of what can be named."""
    rows = listed(what)
    show_table(what.capitalize(), list(rows[0]), [list(row.values()) for row in rows])


def _entries(registry: Registry[Any]) -> dict[str, Any]:
    """Entries by name, of those that can be imported; the others are named on stderr, a line each."""
    for line in registry.broken().values():
        print(line, file=sys.stderr)
    return {name: registry.get(name) for name in registry}


def _predictors() -> list[dict[str, Any]]:
    from netlore.scoring.predictor import PREDICTORS

    return [
        {"name": name, "summary": one.summary, "source": one.source} for name, one in _entries(PREDICTORS).items()
    ]


def _methods() -> list[dict[str, Any]]:
    from netlore.refinement.methods import METHODS

    return [
        {"name": name, "networks": one.networks, "summary": one.summary} for name, one in _entries(METHODS).items()
    ]


def _families() -> list[dict[str, Any]]:
    return [
        {"name": name, "hyperparameters": " ".join(families.get(name).hyperparameters)}
        for name in _entries(FAMILIES)
    ]


def _spaces() -> list[dict[str, Any]]:
    return [{"name": name, "size": space().cardinality} for name, space in _entries(SPACES).items()]


def _measures() -> list[dict[str, Any]]:
    return [{"name": name, "label": one.label, "unit": one.unit} for name, one in _entries(MEASURES).items()]


def _transforms() -> list[dict[str, Any]]:
    from netlore.scoring.transforms import TRANSFORMS

    return [{"name": name, "label": one.label} for name, one in _entries(TRANSFORMS).items()]


def _data() -> list[dict[str, Any]]:
    from netlore.data.registry import DATA

    return [{"name": name} for name in _entries(DATA)]


def _executors() -> list[dict[str, Any]]:
    from netlore.executors import EXECUTORS

    return [{"name": name} for name in _entries(EXECUTORS)]


def _recipes() -> list[dict[str, Any]]:
    from netlore.training.recipe import recipe, recipe_names

    shown = ("epochs", "batch_size", "learning_rate", "schedule", "weight_decay", "precision")
    found = {name: recipe(name).model_dump(mode="json") for name in recipe_names()}
    return [{"name": name, **{key: values[key] for key in shown}} for name, values in found.items()]


def _architectures() -> list[dict[str, Any]]:
    rows = []
    for name in named.names():
        architecture, classes = named.named(name), named.natural_classes(name)
        measures = complexity(architecture, classes).as_dict()
        rows.append({"name": name, "classes": classes, **measures, "architecture": str(architecture)})
    return rows


LISTS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "predictors": _predictors,
    "methods": _methods,
    "families": _families,
    "spaces": _spaces,
    "measures": _measures,
    "transforms": _transforms,
    "data": _data,
    "executors": _executors,
    "recipes": _recipes,
    "architectures": _architectures,
}
"""By what `netlore list` takes."""
