"""Write what blows to running commands left, from the lines that `tests.faults.blows` wrote.

python -m paper.faults docs/reliability.md results/faults/blows.jsonl
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from netlore.errors import InvalidInput
from netlore.reading import parse_json
from netlore.storage.atomic import write_whole
from paper.pages import NO_VALUE, parser, rendered

COMMAND = "python -m paper.faults docs/reliability.md results/faults/blows.jsonl"
MADE_BY = "python -m tests.faults.blows --blows 1000 --seed 0 --out results/faults/blows.jsonl"

Blow = dict[str, Any]

KINDS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGSTOP")
TARGETS = ("driver", "worker", "server", "group")
MOMENTS = ("start", "scoring", "ending", "report")
ENDED = ("SIGTERM", "SIGHUP", "SIGINT")
FAULTS = {
    "lost": "scores lost",
    "doubled": "scores doubled",
    "unequal": "results unequal",
    "processes": "processes left after two seconds",
    "temporary": "temporary files left",
    "tracebacks": "stack traces",
    "unexpected": "other codes or lines than said here",
}


def main() -> None:
    """Write the document."""
    options = parser(__doc__, "out", "blows").parse_args()
    print(write_whole(options.out, document(read(options.blows)).encode()))


def read(path: Path) -> list[Blow]:
    """The blows of a file; raises InvalidInput if none of them found a running command."""
    found = [parse_json(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if not any(one["struck"] for one in found):
        raise InvalidInput(f"{path} holds no blow; make it by `{MADE_BY}`.")
    return found


def document(aimed: Sequence[Blow]) -> str:
    """The whole page; a blow counts if it found a running command."""
    blows = [one for one in aimed if one["struck"]]
    ended = sorted(
        one["seconds"] for one in blows if one["target"] in ("driver", "group") and one["kind"] in ENDED
    )
    return rendered(
        "faults.md.j2",
        command=COMMAND,
        made_by=MADE_BY,
        aimed=f"{len(aimed):,}",
        number=len(blows),
        by_moment=[[one, *_counts(blows, "moment", one, "kind", KINDS)] for one in MOMENTS],
        by_target=[[one, *_counts(blows, "target", one, "kind", KINDS)] for one in TARGETS],
        kinds=[*KINDS],
        faults=[[name, sum(one[key] for one in blows), _where(blows, key)] for key, name in FAULTS.items()],
        ended=len(ended),
        median=ended[len(ended) // 2] if ended else NO_VALUE,
        longest=ended[-1] if ended else NO_VALUE,
    )


def _counts(blows: Sequence[Blow], row: str, value: str, column: str, values: Sequence[str]) -> list[int]:
    return [sum(one[row] == value and one[column] == each for one in blows) for each in values]


def _where(blows: Sequence[Blow], key: str) -> str:
    """By which blows a fault came about."""
    said: Callable[[Blow], str] = "{number}: {kind} to the {target} of {command} ({moment})".format_map
    return "; ".join(said(one) for one in blows if one[key]) or NO_VALUE


if __name__ == "__main__":
    main()
