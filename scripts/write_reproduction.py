"""Write how far the paper's claims are reproduced, from the stored scores of a study.

    python scripts/write_reproduction.py docs/reproduction.md results/laptop results/training

Each folder is a study of `netlore run` or its archive; results/paper.toml holds what the paper printed. Nothing is
scored or trained. A run that is missing gives rows that say so.
"""

from __future__ import annotations

import argparse
import textwrap
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from reproduction_basis import Line, markdown, rests_on
from reproduction_claims import (
    AGREES,
    DATA,
    DIFFERS,
    MISSING,
    NO_VALUE,
    PARTLY,
    Claim,
    complexity_claim,
    size_claim,
)
from reproduction_course import cost_claims, course_claims
from reproduction_sample import sample_claims, size_of_grasp
from reproduction_statements import STATEMENTS
from reproduction_table1 import RULE, Row, intervals_table, printed, reasons, rows_of, verdicts_table
from reproduction_training import printed_errors, trained_section, training_claims

from netlore.errors import InvalidInput
from netlore.experiments.study.folders import expanded
from netlore.report.collect import find
from netlore.report.data import StudyData
from netlore.report.text.phrases import join
from netlore.storage.atomic import write_whole

PAPER = Path(__file__).resolve().parent.parent / "results" / "paper.toml"
COMMAND = "python scripts/write_reproduction.py docs/reproduction.md results/laptop results/training"
WIDTH = 118


def main() -> None:
    """Write the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("studies", type=Path, nargs="+")
    options = parser.parse_args()
    write_whole(options.out, written(options.studies).encode())
    print(options.out)


def written(folders: Sequence[Path]) -> str:
    """The document about the studies in these folders."""
    study, left_out = gathered(folders)
    return document(study, tomllib.loads(PAPER.read_text(encoding="utf-8")), left_out)


def gathered(folders: Sequence[Path]) -> tuple[StudyData, list[str]]:
    """What studies found, and a sentence on each of their folders that holds nothing complete."""
    title, parts = expanded(folders)
    whole = StudyData(title or folders[0].name, (), (), {}, {}, {})
    left_out = []
    for one in parts:
        try:
            part = find([one], whole.title)
        except InvalidInput as error:
            left_out.append(f"{one.name} is left out: {str(error).replace(str(one), one.name)}")
            continue
        whole = replace(
            whole,
            samples=whole.samples + part.samples,
            refinements=whole.refinements + part.refinements,
            made=tuple((dict(whole.made) | dict(part.made)).items()),
            trainings=whole.trainings + part.trainings,
        )
    return whole, left_out


def document(study: StudyData, paper: Mapping[str, Any], left_out: Sequence[str] = ()) -> str:
    """The whole document as Markdown."""
    sample = study.samples[0] if study.samples else None
    early = [size_claim(), complexity_claim(paper["table2"]), *sample_claims(sample)]
    course = course_claims(study)
    rows = rows_of(paper["table1"], study)
    papers = {name: printed(row) for name, row in paper["table1"]["cifar10"].items()}
    late = [*(one.claim(study, papers) for one in STATEMENTS), *cost_claims(study, paper["table2"])]
    errors = printed_errors(paper)
    learned = training_claims(study, errors)
    parts = [
        _head(),
        rests_on(study, sample, left_out),
        _summary([*early, *course], rows, [*late, *learned]),
        "## Without a sample: the space and Table II",
        *(_section(claim) for claim in early[:2]),
        "## The sample of the initial space (section VI-A)",
        *(_section(claim) for claim in early[2:]),
        size_of_grasp(sample),
        "## The course of refinements (Figs. 4 and 5)",
        *(_section(claim) for claim in course),
        _principles(rows),
        "## Statements on principles and costs (Figs. 6 to 10)",
        *(_section(claim) for claim in late),
        "## Trained networks (Fig. 11, Table II)",
        *(_section(claim) for claim in learned),
        trained_section(study, errors),
    ]
    return "\n\n".join(_wrapped(block) for part in parts for block in part.split("\n\n") if block) + "\n"


def _wrapped(block: str) -> str:
    """A paragraph in lines of the usual width; headings, tables and commands as they are."""
    if block.startswith(("#", "| ", "    ")):
        return block
    return textwrap.fill(block, WIDTH, break_long_words=False, break_on_hyphens=False)


def _head() -> str:
    return f"""# Reproduction

What "Hidden Design Principles in Zero-Cost Performance Predictors for Neural Architecture Search" claims, beside
what this code finds. Every number of ours on this page is computed from stored scores, or counted, by

    {COMMAND}

and so is every verdict. A claim is cut into checks, and the rule of each is printed with it. The claim
*{AGREES}* if every computed check holds, *{PARTLY}* if at least half of them do, *{DIFFERS}* if fewer do, and is
*{MISSING}* if there is no run for it; Table I has a rule of its own. The paper words many claims loosely ("small",
"tend to"): the rules are our reading of them. Checks of one claim are not independent of each other."""


def _summary(early: Sequence[Claim], rows: Sequence[Row], late: Sequence[Claim]) -> str:
    table = [
        (
            "Table I",
            f"{DATA[row.data]}, {row.predictor}" + ("" if row.story is None else f", seed {row.story.found.seed}"),
            NO_VALUE
            if row.compared is None
            else f"{row.compared.overlapping} of {len(row.compared.gaps)} overlap",
            row.verdict,
        )
        for row in rows
    ]
    lines = [*map(_line, early), *table, *map(_line, late)]
    counted = Counter(line[-1] for line in lines)
    told = join([f"{one} {counted[one]}" for one in (AGREES, PARTLY, DIFFERS, MISSING) if counted[one]])
    columns = ("where", "the paper says", "checks that hold", "verdict")
    text = f"Of {len(lines)} rows: {told}. Checks that could not be computed are left out of a verdict."
    return f"## Summary\n\n{text}\n\n{markdown(columns, lines)}"


def _line(claim: Claim) -> Line:
    computed = [check.holds for check in claim.checks if check.holds is not None]
    open_ones = len(claim.checks) - len(computed)
    text = f"{sum(computed)} of {len(computed)}" if computed else NO_VALUE
    if computed and open_ones:
        text += f", {open_ones} not computed"
    return claim.place, claim.says, text, claim.verdict


def _section(claim: Claim) -> str:
    words = {True: "yes", False: "no", None: NO_VALUE}
    lines = [(one.what, one.paper, one.ours, one.basis, words[one.holds]) for one in claim.checks]
    rule = f"Verdict: **{claim.verdict}**. A check holds if {claim.rule}."
    why = f"\n\n*Why, if known:* {claim.why}" if claim.why and claim.verdict in (PARTLY, DIFFERS) else ""
    title = claim.says.replace("|", "\\|")
    columns = ("check", "paper", "ours", "rests on", "holds")
    return f"### {claim.place}: {title}\n\n{rule}{why}\n\n{markdown(columns, lines)}"


def _principles(rows: Sequence[Row]) -> str:
    parts = [
        "## Table I, hyperparameter by hyperparameter",
        "Under each of the paper's rows stand ours; intervals of ours that have no value in common with the "
        "paper's are bold. Values that the text of the PDF lost are single ones and were taken from Table II's "
        f"architectures, iterations that it lost are missing. Verdicts: {RULE} The number of iterations is shown, "
        "not judged. As a check on the whole comparison, the last column but one names the row of the paper's, "
        "among all predictors on that data set, that ours is most like: the mean over "
        "hyperparameters of values in both over values in either.",
    ]
    for data in DATA:
        own = [row for row in rows if row.data == data]
        parts += [f"### {DATA[data]}", markdown(*intervals_table(own)), markdown(*verdicts_table(own))]
        why = reasons(own)
        if why:
            parts.append(f"*Why, if known:* {' '.join(why)}")
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
