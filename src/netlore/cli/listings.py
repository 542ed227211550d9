"""What `show` and `list` print: an architecture, and everything that can be named."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from netlore.cli.console import show_table
from netlore.errors import UnknownName
from netlore.plugins import Registry
from netlore.space import named
from netlore.space.architecture import Architecture
from netlore.space.complexity import LABELS, complexity
from netlore.space.outline import outline
from netlore.training.recipe import recipe, recipe_names

Rows = list[dict[str, Any]]


def architecture_document(architecture: Architecture, num_classes: int, resolution: int) -> dict[str, Any]:
    """An architecture as JSON-able values."""
    return {
        "id": architecture.id,
        "family": architecture.family,
        "values": architecture.values,
        "num_classes": num_classes,
        "resolution": resolution,
        **complexity(architecture, num_classes, resolution).as_dict(),
    }


def show_architecture(architecture: Architecture, num_classes: int, resolution: int) -> None:
    """Values, complexity, and a row per layer, repeated parts once."""
    document = architecture_document(architecture, num_classes, resolution)
    print(f"{architecture.id}: {architecture.family}, {architecture}")
    print(
        f"{num_classes} classes, {resolution}x{resolution} pixels: {document['flops']:,} FLOPs (multiply-adds), "
        f"{document['params']:,} parameters, {document['activations']:,} activations"
    )
    rows = []
    for line in outline(architecture, num_classes, resolution):
        layer, sizes = line.layer, ("w_in", "w_out", "groups", "stride")
        kind = f"{layer.kernel}x{layer.kernel} convolution" if layer.kind == "convolution" else layer.kind
        measures = {LABELS[name].label: value * line.times for name, value in line.complexity.as_dict().items()}
        shape = {name: getattr(layer, name) for name in sizes} | {"pixels": line.resolution, "times": line.times}
        rows.append({"place": line.place, "layer": kind, **shape, **measures})
    show_table("Layers", rows)


def listed(what: str) -> Rows:
    """What can be named, as JSON-able values; on stderr, a line for each entry that cannot be imported.

    Raises:
        InvalidInput: There is no list of that.
    """
    if what not in _LISTS:
        raise UnknownName("list", what, list(_LISTS))
    return _LISTS[what]()


def _recipes() -> Rows:
    shown = ("epochs", "batch_size", "learning_rate", "schedule", "weight_decay", "precision")
    return [{"name": name, **{key: getattr(recipe(name), key) for key in shown}} for name in recipe_names()]


def _architectures() -> Rows:
    rows = []
    for name in named.names():
        architecture, classes = named.named(name), named.natural_classes(name)
        measures = complexity(architecture, classes).as_dict()
        rows.append({"name": name, "classes": classes, **measures, "architecture": str(architecture)})
    return rows


def _listed(place: str, row: Callable[[Any], dict[str, Any]] = lambda entry: {}) -> Callable[[], Rows]:
    """Lists the registry at `module:NAME`; it is imported only when it is asked for, since some need torch."""

    def rows() -> Rows:
        module, _, name = place.partition(":")
        registry: Registry[Any] = getattr(import_module(f"netlore.{module}"), name)
        for line in registry.broken().values():
            print(line, file=sys.stderr)
        return [{"name": name, **row(registry.get(name))} for name in registry]

    return rows


ABOUT_PREDICTORS = (
    "Cost: time alone, in units of the paper's seven together, found on this machine by `--measure` and kept. "
    "`--json` has each definition's inputs, weights, mode, layers, reduction and source."
)


def _predictors() -> Rows:
    """Those with a name, and functions that make others."""
    expressions = import_module("netlore.scoring.expressions")
    costs = import_module("netlore.experiments.costs").known_costs()
    by_name = _listed(
        "scoring.predictor:PREDICTORS",
        lambda one: {
            "summary": one.summary,
            **one.conditions.as_dict(),
            "applies_to": one.applies_to,
            "source": one.source,
        },
    )
    functions = _listed(
        "scoring.expressions:FUNCTIONS", lambda one: {"summary": (one.__doc__ or "").strip().partition("\n")[0]}
    )
    found = [{**row, "cost": costs.get(row["name"])} for row in by_name()]
    return [*found, *({**row, "name": expressions.usage(row["name"])} for row in functions())]


_LISTS: dict[str, Callable[[], Rows]] = {
    "predictors": _predictors,
    "methods": _listed(
        "refinement.methods:METHODS", lambda one: {"networks": one.networks, "summary": one.summary}
    ),
    "families": _listed("space.families:FAMILIES", lambda one: {"hyperparameters": " ".join(one.hyperparameters)}),
    "spaces": _listed(
        "space.design_space:SPACES", lambda space: {"size": space().cardinality, "pixels": space().resolution}
    ),
    "measures": _listed("space.complexity:MEASURES", lambda one: {"label": one.label, "unit": one.unit}),
    "transforms": _listed("scoring.transforms:TRANSFORMS", lambda one: {"label": one.label}),
    "data": _listed("data.registry:DATA"),
    "benchmarks": _listed(
        "validation.benchmark:BENCHMARKS", lambda one: {"title": one.title, "data": " ".join(one.data)}
    ),
    "executors": _listed("executors:EXECUTORS"),
    "recipes": _recipes,
    "architectures": _architectures,
}
