"""Cases by their number, and what came of them: `python -m tests.fuzz.cases --cases 10000 --seed 0 --out FILE`.

The file has a line of JSON for each case; the same command goes on after the last one. Cases run in processes of
their own, so that one that takes its process along is known, and the next one begins.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import multiprocessing
import random
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from netlore.networks.devices import versions
from netlore.storage.atomic import make_folder
from netlore.storage.documents import write_document
from tests.fuzz import arguments, commands, files, runs
from tests.fuzz.case import GOOD, LIMIT, Case, Result, tried
from tests.fuzz.room import Room, furnished

_KINDS = (
    *("arguments",) * 10,
    *("options",) * 4,
    *("runs",) * 3,
    *("architectures", "data", "accuracies") * 1,
    *("studies", "recipes"),
)
"""How often each kind comes."""

_AT_A_TIME = 250  # cases in one process


def numbered(number: int, seed: int, room: Room) -> Case:
    """The case of that number; it depends on nothing but the seed."""
    rng = random.Random(f"{seed}-{number}")
    kind = rng.choice(_KINDS)
    if kind == "arguments":
        return arguments.case(rng)
    if kind == "options":
        return commands.case(rng, room)
    if kind == "runs":
        return runs.case(rng, room)
    makers = {"architectures": files.architecture, "data": files.data, "accuracies": files.accuracies}
    makers |= {"studies": files.study, "recipes": files.recipe}
    return makers[kind](rng, room)


def document(number: int, case: Case, result: Result) -> dict[str, Any]:
    """A case and what came of it, as JSON-able values."""
    facts = {"number": number, "kind": case.kind, "case": case.said, "outcome": result.outcome}
    return {**facts, "detail": result.detail, "seconds": round(result.seconds, 2)}


def _some(numbers: Iterable[int], seed: int, folder: Path, out: Path) -> None:
    """Do cases one after the other; each has its line before the next one begins."""
    warnings.simplefilter("ignore")
    room = furnished(folder)
    for number in numbers:
        case = numbered(number, seed, room)
        # Where even an alarm is not heard, the process ends, and the case is known by its missing line.
        faulthandler.dump_traceback_later(3 * LIMIT, exit=True)
        line = json.dumps(document(number, case, tried(case)))
        faulthandler.cancel_dump_traceback_later()
        with out.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def results(out: Path) -> list[dict[str, Any]]:
    """What a file holds; a last line that was not finished is left out."""
    if not out.exists():
        return []
    lines = out.read_text(encoding="utf-8").split("\n")
    if lines[-1]:
        out.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    return [json.loads(line) for line in lines[:-1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--counts", type=Path, help="Write how many cases came to what.")
    parser.add_argument("--again", action="store_true", help="Try again what should not have come of a case.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="netlore-fuzz-") as folder:
        while (done := len(results(asked.out))) < asked.cases:
            numbers = range(done, min(done + _AT_A_TIME, asked.cases))
            process = multiprocessing.Process(
                target=_some, args=(numbers, asked.seed, Path(folder) / "room", asked.out)
            )
            process.start()
            process.join()
            now = len(results(asked.out))
            if process.exitcode != 0:
                lost = {"number": now, "kind": "unknown", "case": f"case {now}", "outcome": "died"}
                with asked.out.open("a", encoding="utf-8") as file:
                    file.write(
                        json.dumps({**lost, "detail": f"exit code {process.exitcode}", "seconds": 0}) + "\n"
                    )
            print(f"{len(results(asked.out))} of {asked.cases} cases", file=sys.stderr, flush=True)
    found = (
        _again(results(asked.out)[: asked.cases], asked.seed) if asked.again else results(asked.out)[: asked.cases]
    )
    counted = counts(found)
    for kind, outcomes in counted.items():
        print(f"{kind}: {', '.join(f'{count} {outcome}' for outcome, count in outcomes.items())}")
    if asked.counts is not None:
        slowest = max(one["seconds"] for one in found)
        facts = {"seed": asked.seed, "cases": len(found), "counts": counted, "slowest": slowest}
        write_document(make_folder(asked.counts.parent) / asked.counts.name, {**facts, "versions": versions()})
    sys.exit(any(one["outcome"] not in GOOD for one in found))


def _again(found: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The same results, of bad ones what comes of their cases now."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="netlore-fuzz-") as folder:
        room = furnished(Path(folder) / "room")
        for one in [one for one in found if one["outcome"] not in GOOD]:
            case = numbered(one["number"], seed, room)
            found[one["number"]] = document(one["number"], case, tried(case))
            print(json.dumps(found[one["number"]]), flush=True)
    return found


def counts(found: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """How many cases of each kind came to what."""
    kinds = sorted({one["kind"] for one in found})
    return {kind: dict(Counter(one["outcome"] for one in found if one["kind"] == kind)) for kind in kinds}


if __name__ == "__main__":
    main()
