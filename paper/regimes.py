"""Write how the principles of predictors move with the budget, from stored refinements.

    python -m paper.regimes docs/regimes.md results/regimes

The folder holds refinements of `studies/regimes.toml`, or archives of them; seeds that are not finished, and
predictors with a single budget, are left out. Nothing is scored. The figure goes to `figures` next to the
document.
"""

from __future__ import annotations

from dataclasses import replace

from netlore.errors import InvalidInput
from netlore.refinement.result import StopReason
from netlore.report.collect import find
from netlore.report.command_lines import refine_command
from netlore.report.data import RefinementData, StudyData
from netlore.report.figures.figure import png_bytes
from netlore.report.figures.regimes import specs
from netlore.report.regimes import side_by_side
from netlore.report.tables.refinement import tables
from netlore.report.text.methods import stop_sentence
from netlore.report.text.phrases import count
from netlore.report.text.regimes import moves_text
from netlore.storage.atomic import make_folder, write_whole
from paper.pages import parser, rendered

COMMAND = "python -m paper.regimes docs/regimes.md results/regimes"


def main() -> None:
    """Write the document and its figure."""
    options = parser(__doc__, "out", "results").parse_args()
    study = finished(find([path.parent for path in sorted(options.results.glob("*/run.json"))], "Regimes"))
    figures = make_folder(options.out.parent / "figures")
    for figure in specs(study):
        write_whole(figures / f"{figure.name}.png", png_bytes(figure.draw()))
    print(write_whole(options.out, document(study).encode()))


def finished(study: StudyData) -> StudyData:
    """The seeds that are over, of predictors with several budgets, budgets in ascending order.

    Raises:
        InvalidInput: There are none.
    """
    over = []
    for one in study.refinements:
        if seeds := tuple(each for each in one.refinements if each.stopped_because != StopReason.UNFINISHED):
            over.append(replace(one, refinements=seeds))
    over.sort(key=lambda one: [*one.configuration.limits.values()])
    found = [one for runs in side_by_side(over) if runs[1:] for one in runs]
    if not found:
        raise InvalidInput("no predictor has finished refinements under two budgets; go on with the study.")
    return replace(study, refinements=tuple(found))


def document(study: StudyData) -> str:
    """The whole page."""
    return rendered(
        "regimes.md.j2",
        command=COMMAND,
        figures=list(specs(study)),
        says=[moves_text(replace(study, refinements=tuple(runs))) for runs in side_by_side(study.refinements)],
        tables=[one for one in tables(study) if one.name in ("regimes", "table2-complexity")],
        runs=[describe(one) for one in study.refinements],
        commands=[refine_command(one.configuration, one.asked) for one in study.refinements],
        made=study.made,
    )


def describe(one: RefinementData) -> str:
    """What a refinement rests on, and how it ended."""
    ends = [
        f"Seed {each.seed}: {count(len(each.rounds), 'round')}, {count(each.networks_scored, 'network')}. "
        f"{stop_sentence(one.method, each)}"
        for each in one.refinements
    ]
    return f"{one.predictor} on {one.data}, {one.configuration.batch_size} images. {' '.join(ends)}"


if __name__ == "__main__":
    main()
