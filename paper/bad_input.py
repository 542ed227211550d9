"""Write what comes of bad input, from the results of fuzzing.

    python -m paper.bad_input docs/bad_input.md results/bad_input/cases.json

The file holds how often which kind of case came to what; it is made by

    python -m tests.fuzz.cases --cases 10000 --seed 0 --out cases.jsonl --counts results/bad_input/cases.json
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from netlore.storage.atomic import write_whole
from netlore.storage.documents import read_document
from paper.pages import parser, rendered

COMMAND = "python -m paper.bad_input docs/bad_input.md results/bad_input/cases.json"
KINDS = {
    "arguments": "Python functions with arguments of other types and values",
    "options": "commands with options that are wrong, missing, unknown or given twice",
    "studies": "study files",
    "recipes": "recipe files, and changes of recipes",
    "architectures": "architectures as JSON, as strings of benchmarks, and in files",
    "data": "Parquet files and folders of pictures",
    "accuracies": "tables of accuracies",
    "runs": "folders of runs: documents, stores, pipes and links in their place",
    "archives": "archives",
}
OUTCOMES = {
    "refused": "refused in one line",
    "done": "done",
    "accepted": "accepted",
    "some failed": "some networks failed",
    "not written": "not written",
}
"""What may come of a case, as columns; whatever else there is comes last, under its own name."""

Whole = Annotated[int, Field(ge=0)]


class Fuzzed(BaseModel):
    """How many cases of each kind came to what.

    Attributes:
        seed: What the cases follow from.
        cases: How many there are.
        counts: Numbers of cases by kind and outcome.
        slowest: Seconds of the slowest case.
        versions: Software.
    """

    model_config = ConfigDict(frozen=True)

    seed: int
    cases: Whole
    counts: dict[str, dict[str, Whole]]
    slowest: float
    versions: dict[str, str]


def main() -> None:
    """Write the page."""
    options = parser(__doc__, "out", "results").parse_args()
    print(write_whole(options.out, document(read_document(options.results, Fuzzed)).encode()))


def document(found: Fuzzed) -> str:
    """The whole page."""
    seen = {outcome for counts in found.counts.values() for outcome in counts}
    columns = {**OUTCOMES, **{name: name for name in sorted(seen - OUTCOMES.keys())}}
    rows = [
        (
            KINDS.get(kind, kind),
            sum(found.counts[kind].values()),
            *(found.counts[kind].get(one, 0) for one in columns),
        )
        for kind in sorted(found.counts, key=lambda kind: list(KINDS).index(kind) if kind in KINDS else len(KINDS))
    ]
    bad = sum(count for counts in found.counts.values() for one, count in counts.items() if one not in OUTCOMES)
    return rendered(
        "bad_input.md.j2",
        command=COMMAND,
        found=found,
        columns=list(columns.values()),
        rows=rows,
        bad=bad,
        made=sorted(found.versions.items()),
    )


if __name__ == "__main__":
    main()
