"""What commands print on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netlore.cli.console import show_table
from netlore.errors import UnknownName
from netlore.plugins import Registry
from netlore.refinement.methods import Method
from netlore.report.text.methods import method_of, principles_title
from netlore.space import families
from netlore.space import named as catalogue
from netlore.space.architecture import Architecture
from netlore.space.complexity import complexity
from netlore.space.design_space import SPACES
from netlore.space.families import FAMILIES
from netlore.space.outline import outline

if TYPE_CHECKING:
    # Imported nowhere else: an architecture is shown without waiting for torch.
    from netlore.experiments.refine import RefineRun
    from netlore.experiments.score import ScoreRun
    from netlore.refinement.result import Refinement
    from netlore.storage.score_table import Score

# Failed networks that are listed before the rest is only counted.
_LISTED = 10


def show_refinement(run: RefineRun) -> None:
    """Principles as in the paper's Table I, what repeats, failures, and the files."""
    several = len(run.refinements) > 1
    columns = ["predictor", *(["seed"] if several else []), "# iterations", *run.refinements[0].principles]
    rows: list[list[object]] = [
        [one.predictor, *([one.seed] if several else []), len(one.rounds), *map(str, one.principles.values())]
        for one in run.refinements
    ]
    method = method_of(run.configuration.method, run.refinements)
    show_table(principles_title(method), columns, rows)
    if run.repeats:
        show_table(
            "What repeats",
            ["hyperparameter", "lowest", "highest", "pairs that agree"],
            [[name, found.low, found.high, f"{found.agreement:.0%}"] for name, found in run.repeats.items()],
        )
    for one in run.refinements:
        print(_sentence(one, method))
    show_failures(
        [
            (row.architecture, row.predictor, row.score)
            for one in run.refinements
            for found in one.rounds
            for row in found.table.failures
        ]
    )
    show_files(run.files)


def show_scores(run: ScoreRun) -> None:
    """A row per predictor, failures, and the files."""
    summary = run.summary
    show_table("Scores", list(summary.columns), summary.to_numpy(dtype=object).tolist())
    show_failures([(row.architecture, row.predictor, row.score) for row in run.table.failures])
    show_files(run.files)


def show_module_scores(path: str, scores: Mapping[str, Score]) -> None:
    """A row per predictor."""
    rows = [
        [name, found.value if found.status == "ok" else "", found.status, found.reason, found.seconds]
        for name, found in scores.items()
    ]
    show_table(f"Scores of {path}", ["predictor", "score", "status", "reason", "seconds"], rows)


def show_files(files: Sequence[Path]) -> None:
    """The files that a command wrote; figures and tables by their folders."""
    print("Wrote:")
    folders: dict[Path, int] = {}
    for path in files:
        if path.parent.name in ("figures", "tables"):
            folders[path.parent] = folders.get(path.parent, 0) + 1
        else:
            print(f"  {path}")
    for folder, count in folders.items():
        print(f"  {folder}/ ({count} files)")


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
    rows = []
    for line in outline(architecture, num_classes, resolution):
        layer, times = line.layer, line.times
        kind = f"{layer.kernel}x{layer.kernel} convolution" if layer.kind == "convolution" else layer.kind
        measures = line.complexity.as_dict()
        rows.append(
            [
                line.place,
                kind,
                layer.w_in,
                layer.w_out,
                layer.groups,
                layer.stride,
                line.resolution,
                times,
                *(value * times for value in measures.values()),
            ]
        )
    columns = ["place", "layer", "w_in", "w_out", "groups", "stride", "pixels", "times"]
    show_table("Layers", [*columns, "FLOPs", "params", "activations"], rows)


def listed(what: str) -> list[dict[str, Any]]:
    """What can be named, as JSON-able values.

    Raises:
        InvalidInput: There is no list of that.
    """
    lists = {
        "predictors": _predictors,
        "families": lambda: [
            {"name": name, "hyperparameters": " ".join(families.get(name).hyperparameters)}
            for name in _usable(FAMILIES)
        ],
        "spaces": lambda: [{"name": name, "size": SPACES.get(name)().cardinality} for name in _usable(SPACES)],
        "data": _data,
        "recipes": _recipes,
        "architectures": _architectures,
    }
    if what not in lists:
        raise UnknownName("list", what, list(lists))
    return lists[what]()


def show_list(what: str) -> None:
    """A table of what can be named."""
    rows = listed(what)
    show_table(what.capitalize(), list(rows[0]), [list(row.values()) for row in rows])


def _usable(registry: Registry[Any]) -> list[str]:
    """Names whose entries can be imported; the others are named on stderr, a line each."""
    for line in registry.broken().values():
        print(line, file=sys.stderr)
    return list(registry)


def _data() -> list[dict[str, Any]]:
    from netlore.data import names

    return [{"name": name} for name in names()]


def _recipes() -> list[dict[str, Any]]:
    from netlore.training.recipe import recipe, recipe_names

    shown = ("epochs", "batch_size", "learning_rate", "schedule", "weight_decay", "precision")
    found = {name: recipe(name).model_dump(mode="json") for name in recipe_names()}
    return [{"name": name, **{key: values[key] for key in shown}} for name, values in found.items()]


def _predictors() -> list[dict[str, Any]]:
    from netlore.scoring.predictor import PREDICTORS

    found = [PREDICTORS.get(name) for name in _usable(PREDICTORS)]
    return [{"name": one.name, "summary": one.summary, "source": one.source} for one in found]


def _architectures() -> list[dict[str, Any]]:
    rows = []
    for name in catalogue.names():
        architecture, classes = catalogue.named(name), catalogue.natural_classes(name)
        measures = complexity(architecture, classes).as_dict()
        rows.append({"name": name, "classes": classes, **measures, "architecture": str(architecture)})
    return rows


def _sentence(one: Refinement, method: Method) -> str:
    before, after = f"{one.cardinalities[0]:,} architectures", f"{one.cardinalities[-1]:,}"
    ended = (
        f"of {before}, the last intervals hold {after}" if method.has_elites else f"{before} came down to {after}"
    )
    rounds = "1 round" if len(one.rounds) == 1 else f"{len(one.rounds)} rounds"
    return (
        f"Seed {one.seed}: {one.stopped_because} after {rounds} and {one.networks_scored:,} networks in "
        f"{one.seconds:.1f} s; {ended}."
    )


def show_failures(
    failures: Sequence[tuple[Architecture, str, Score]], rest: str = "`netlore export` writes all of them"
) -> None:
    """How many scores are missing, and the first of them with the reason; `rest` says where the others are."""
    if not failures:
        return
    print(f"{len(failures)} scores are missing:" if len(failures) > 1 else "1 score is missing:")
    for architecture, predictor, found in failures[:_LISTED]:
        print(f"  {predictor} of {architecture.id} ({architecture}): {found.status}, {found.reason}")
    if len(failures) > _LISTED:
        print(f"  ... and {len(failures) - _LISTED} more; {rest}.")
