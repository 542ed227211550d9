"""What commands print on a terminal about what they found."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from netlore.cli.console import show_table
from netlore.experiments.refine import RefineRun
from netlore.experiments.score import ScoreRun
from netlore.experiments.select import PickRun
from netlore.experiments.train import TrainRun
from netlore.report.compare.tables import BEST_MEANS, MAIN
from netlore.report.compare.write import Comparison
from netlore.report.data import StudyData
from netlore.report.names import kept_text, vocabulary
from netlore.report.page.page import Report
from netlore.report.text.methods import method_of, principles_title
from netlore.report.text.phrases import NOISE, count, percent, value_words
from netlore.report.trainings import beside_error, training_notes
from netlore.space.complexity import BUILT_IN
from netlore.storage.score_table import ScoreRow

_LISTED = 10  # missing scores; the rest is only counted
_WIDE, _BESIDE = 14, 4  # columns of a table that a reader can take in; modules side by side where there are more
_SHORT = 40  # rows; longer tables are written, not printed
_CANDIDATES = 5


def show_files(files: Sequence[Path]) -> None:
    """The files that a command wrote; figures and tables by their folders."""
    print("Wrote:")
    folders: dict[Path, int] = {}
    for path in files:
        if path.parent.name in ("figures", "tables"):
            folders[path.parent] = folders.get(path.parent, 0) + 1
        else:
            print(f"  {path}")
    for folder, number in folders.items():
        print(f"  {folder}/ ({number} files)")


def show_failures(
    failures: Sequence[ScoreRow], rest: str = "`netlore export` writes all of them", of: int | None = None
) -> None:
    """How many scores are missing, and the first of them with the reason; `rest` says where the others are. Where
    not all of them are given, there are `of`."""
    if not failures:
        return
    number = len(failures) if of is None else of
    print(f"{number} scores are missing:" if number > 1 else "1 score is missing:")
    for row in failures[:_LISTED]:
        architecture, found = row.architecture, row.score
        print(f"  {row.predictor} of {architecture.id} ({architecture}): {found.status}, {found.reason}")
    if number > _LISTED:
        print(f"  ... and {number - _LISTED} more; {rest}.")


def show_refinement(run: RefineRun) -> None:
    """Principles as in the paper's Table I, what repeats, failures, and the files."""
    method = method_of(run.configuration.method, run.refinements)
    rows = [
        {
            "predictor": one.predictor,
            **({"seed": one.seed} if len(run.refinements) > 1 else {}),
            "# iterations": len(one.rounds),
            **{name: kept_text(kept) for name, kept in one.principles.items()},
        }
        for one in run.refinements
    ]
    show_table(principles_title(method), rows)
    if run.repeats:
        columns = ["hyperparameter", "found by any", "pairs that agree"]
        found = [(name, kept_text(one.kept), f"{one.agreement:.0%}") for name, one in run.repeats.items()]
        show_table("What repeats", pd.DataFrame(found, columns=columns))
    for one in run.refinements:
        before, after = f"{one.cardinalities[0]:,} architectures", f"{one.cardinalities[-1]:,}"
        moved = f"of {before}, the last intervals hold {after}"
        ended = moved if method.has_elites else f"{before} came down to {after}"
        print(
            f"Seed {one.seed}: {one.stopped_because} after {count(len(one.rounds), 'round')} and "
            f"{one.networks_scored:,} networks in {one.seconds:.1f} s; {ended}."
        )
    show_failures([row for one in run.refinements for found in one.rounds for row in found.table.failures])
    show_files(run.files)


def show_scores(run: ScoreRun) -> None:
    """A row per predictor, failures, and the files; of modules the scores themselves."""
    if not run.modules:
        summary = run.summary
        if "noise" in summary:
            summary["noise"] = summary["noise"].map(percent, na_action="ignore").fillna("")
        show_table("Scores", summary)
        if "noise" in summary:
            print(f"Noise: {NOISE}, {run.noise.about}")
    elif len(run.modules) == 1:
        (only,) = run.modules
        show_table(
            f"Scores of {only['module']}",
            [
                {"predictor": name, "score": "" if one["value"] is None else one["value"]}
                | {key: one[key] for key in ("status", "reason", "seconds")}
                for name, one in only["scores"].items()
            ],
        )
    else:
        rows = [
            {name: one.get(name, "") for name in ("module", "draw", *BUILT_IN)}
            | {name: "" if found["value"] is None else found["value"] for name, found in one["scores"].items()}
            for one in run.modules[:_SHORT]
        ]
        if len(rows[0]) <= _WIDE:
            show_table("Scores", rows)
        else:
            for first in range(0, len(rows), _BESIDE):
                show_table("Scores", _turned(rows[first : first + _BESIDE]))
    if len(run.modules) < 2 and len(run.summary) > 1:
        print("Seconds: a pass that several predictors share counts for the first of them.")
    if len(run.modules) != 1:  # a table of one module has its reasons
        show_failures(run.overview.failures, of=run.failed)
    if run.files:
        show_files(run.files)


def _turned(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each column but the module and its draw, which become the headings."""
    headings = [f"{row['module']} {row['draw']}" for row in rows]
    names = [name for name in rows[0] if name not in ("module", "draw")]
    return [{"": name} | {h: row[name] for h, row in zip(headings, rows, strict=True)} for name in names]


def measured(values: Mapping[str, Any]) -> str:
    """The complexity of a network in words."""
    return (
        f"{values['flops']:,} FLOPs (multiply-adds), {values['params']:,} parameters, "
        f"{values['activations']:,} activations"
    )


def _among(run: PickRun) -> str:
    """What the network is the best of."""
    drawn, leave = len(run.pick.candidates.rows), "that its principles and the budget leave"
    if run.settings.get("candidates_from"):
        return f"best of {count(drawn, 'candidate')}"
    if not run.pick.exhausted:
        return f"best of {count(drawn, 'architecture')} drawn from those {leave}"
    return f"best of all {drawn} architectures {leave}" if drawn > 1 else f"only architecture {leave}"


def show_pick(run: PickRun, folder: Path) -> None:
    """The network, the best candidates, failures, the command that comes next, and the files."""
    found, entries, refinement = run.pick, run.entries(), run.source.refinement
    table, predictor = found.candidates, run.settings["predictor"]
    said = f"{predictor} on {run.settings['data']}, refined with seed {refinement.seed}: the {_among(run)}."
    if refinement.stopped_because == "unfinished":
        rounds = count(len(refinement.rounds), "round")
        said += (
            f" The refinement is unfinished, these are the principles of {rounds}: go on with it, then pick again."
        )
    print(said)
    print(f"{found.architecture.id}: {found.architecture.family}, {found.architecture}")
    for what, text in value_words(found.architecture.values, vocabulary(found.architecture.family)).items():
        print(f"  {what}: {text}")
    if found.architecture.string:
        print(f"  String: {found.architecture.string}")
    print(
        f"{table.num_classes} classes, {table.resolution}x{table.resolution} pixels: {measured(entries[0])}; "
        f"{predictor} score {entries[0]['score']:.6g}"
    )
    columns = ["rank", "architecture", "hyperparameters", "FLOPs", "params", predictor]
    rows = [
        (rank, row.architecture.id, str(row.architecture), entry["flops"], entry["params"], float(row.score))
        for rank, (row, entry) in enumerate(zip(found.ranked[:_CANDIDATES], entries, strict=False), 1)
    ]
    show_table("Best candidates", pd.DataFrame(rows, columns=columns))
    show_failures(table.failures, "pick.json lists them")
    print(f"Next: `{shlex.join(['netlore', 'train', str(folder)])}` trains it.")
    show_files(run.files)


def show_training(run: TrainRun, folder: Path) -> None:
    """A row per seed, what it cost, the files, and what to do next."""
    configuration, result = run.configuration, run.result()
    print(f"{configuration.name} ({configuration.make_architecture()}): {measured(result)}")
    print(
        f"{run.facts.training_images:,} training and {run.facts.validation_images:,} validation images of "
        f"{configuration.data}, recipe {configuration.recipe_in_words}"
    )
    rows = [
        {
            **{"seed": one.seed, "epochs": len(one.epochs)},
            **({"kept epoch": one.kept.epoch} if one.early_stopping else {}),
            "error, %": one.error,
            **{
                title.removesuffix(" error, %").lower() + ", %": error
                for title, error in beside_error([one]).items()
            },
            **{"lowest, %": one.best_error, "seconds an epoch": one.seconds_an_epoch},
            "images a second": one.images_per_second,
        }
        for one in run.records
    ]
    show_table("Validation", rows)
    print(*(f"{one}\n" for one in training_notes(run.configuration.name, run.records)), sep="", end="")
    if "errors" in result:
        print(f"Error over seeds: mean {result['errors']['mean']:.2f} %, s {result['errors']['stdev']:.2f} %.")
    for one, test in zip(run.records, run.tests, strict=False):
        if test is not None:
            print(f"Test, seed {one.seed}: {test.error:.2f} % of {test.images:,} images are misclassified.")
    print(f"Next: netlore report {folder}, netlore export {folder} --format onnx|safetensors|python")
    show_files(run.files)


def show_analysis(found: Report[StudyData]) -> None:
    """The sentences, the short tables, and the files."""
    print(*(one.text for one in found.sentences), "", sep="\n")
    for table in found.tables:
        if len(table.frame) <= _SHORT:
            show_table(table.caption, table.texts)
    show_files(found.files)


def show_comparison(found: Comparison) -> None:
    """The sentences, the tables that are looked for first, scores that are missing, and the files."""
    print(*(one.text for one in found.sentences), "", sep="\n")
    # Next to fresh scores a terminal has no room for the best means, which are the luckiest.
    left_out = list(BEST_MEANS) if found.data.rescored else []
    for table in found.tables:
        if table.name in MAIN:
            show_table(table.caption, table.texts.drop(columns=left_out, errors="ignore"))
    show_failures(found.failures)
    show_files(found.files)
