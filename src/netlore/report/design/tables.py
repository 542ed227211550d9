"""What the network costs, what it consists of, and how often it errs by class."""

from __future__ import annotations

from netlore.report.design.data import DesignData
from netlore.report.names import measure_title
from netlore.report.tables.front import front
from netlore.report.tables.table import NamedTable, Row, named_table
from netlore.report.tables.training import epochs
from netlore.space.complexity import LABELS, MEASURES, complexity
from netlore.space.outline import outline


def design_tables(found: DesignData) -> list[NamedTable]:
    """Costs and errors first, then layers, the front to choose another network by, and the course of training."""
    made = [
        costs(found),
        finalists(found),
        class_errors(found),
        layers(found),
        front(found.study),
        epochs(found.study),
    ]
    return [table for table in made if not table.frame.empty]


def costs(found: DesignData) -> NamedTable:
    """Each measure of the network beside its limits."""
    rows: list[Row] = [
        {
            "Measure": measure_title(name),
            "Unit": LABELS[name].unit,
            "This network": found.measures[name],
            **dict(zip(("At least", "At most"), found.limits.get(name, (None, None)), strict=True)),
        }
        for name in MEASURES
        if name in found.measures
    ]
    measured = found.latency.milliseconds
    rows.append({"Measure": "Latency, measured here", "Unit": "ms", "This network": measured.value})
    caption = (
        "What the network costs, and the budget. Latency, if it is in the budget, is predicted by a table of the "
        "device that is meant; measured here is the median of all runs by the clock."
    )
    return named_table("costs", caption, rows)


def finalists(found: DesignData) -> NamedTable:
    """Networks that learned for a while, from shallow to deep, and how often each erred on images held out."""
    (scored,) = (one.scored for one in found.study.refinements)
    rows: list[Row] = []
    for run in found.finalists:
        one = run.configuration.make_architecture()
        sizes = (len(run.facts.class_names), run.facts.resolution)
        cost = complexity(one, *sizes, measures=("longest_path",)).as_dict()
        rows.append(
            {
                "Finalist": one.id,
                "Architecture": str(one),
                **{
                    measure_title(name): cost[name] for name in ("longest_path", "flops", "params") if name in cost
                },
                "Score": scored["score"].get(one.id),
                "Error, %": run.records[0].error,
                "Chosen": "yes" if one == found.architecture else "no",
            }
        )
    images = found.finalists[0].facts.validation_images if rows else 0
    caption = (
        "Networks from shallow to deep that learned for a while; each scores higher than all as deep or less, but "
        "that the last one is by further initial weights. "
        f"Errors are of {images:,} images that were held out of those to learn from; the network with the fewest "
        "was trained."
    )
    return named_table("finalists", caption, rows)


def class_errors(found: DesignData) -> NamedTable:
    """Validation error of each class, the highest first, and the class that it is taken for most often."""
    names, evaluation = found.trained.facts.class_names, found.record.evaluation
    rows: list[Row] = []
    for number, counts in enumerate(() if evaluation is None else evaluation.confusion):
        wrong = [count if other != number else 0 for other, count in enumerate(counts)]
        most = max(wrong)
        rows.append(
            {
                "Class": names[number],
                "Training images": found.found.counts[number],
                "Validation images": sum(counts),
                "Error, %": None if evaluation is None else evaluation.class_errors[number],
                "Most often taken for": names[wrong.index(most)] if most else None,
            }
        )
    rows.sort(key=lambda row: -float(str(row["Error, %"] or 0.0)))
    return named_table("class-errors", "Errors by class: percent of its validation images.", rows)


def layers(found: DesignData) -> NamedTable:
    """A row for each convolution or linear layer; of repeated parts one, with how often."""
    facts = found.trained.facts
    rows: list[Row] = [
        {
            "Place": line.place,
            "Layer": line.layer.kind,
            "Kernel": line.layer.kernel,
            "Stride": line.layer.stride,
            "Groups": line.layer.groups,
            "Channels in": line.layer.w_in,
            "Channels out": line.layer.w_out,
            "Pixels": line.resolution,
            "Times": line.times,
            **{measure_title(name): value * line.times for name, value in line.complexity.as_dict().items()},
        }
        for line in outline(found.architecture, len(facts.class_names), facts.resolution)
    ]
    return named_table("layers", "The network's layers in order. Costs are those of all repetitions.", rows)
