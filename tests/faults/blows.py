"""Blows to running commands: signals to each of its processes at each of its moments, and what they left.

    python -m tests.faults.blows --blows 1000 --seed 0 --out results/faults/blows.jsonl

After each blow the same command goes on to its end, and its folder is compared with that of a run that was left
alone. A line of the file is a blow; run again, the command does those that have no line.
"""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netlore.errors import NetloreError
from netlore.storage.score_store import FILE_NAME, Store
from tests.faults.commands import COMMANDS, Running
from tests.processes import children, wait_until

KINDS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGSTOP")
TARGETS = ("driver", "worker", "server", "group")
MOMENTS = ("start", "scoring", "ending", "report")
"""While it imports; while it scores; when it has the last score; while it draws its figures."""
_TURNS = ("start", "scoring", "ending", "scoring", "start", "scoring", "ending", "report")

_ENDS = {"SIGKILL": -signal.SIGKILL, "SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130}
_TO_END = 5.0  # seconds for a command that is asked to end: the promise is 2, on a machine with nothing else to do
_PATIENCE = 600.0  # seconds for a whole command, on a machine with much else to do


@dataclass(frozen=True)
class Blow:
    """What is done to which process of which command, and when."""

    number: int
    command: str
    moment: str
    kind: str
    target: str


@dataclass(frozen=True)
class Outcome:
    """What a blow left: each number but the exit code and the seconds ought to be 0.

    Attributes:
        struck: Whether the command was still running when it was struck.
        code: Its exit code, or the signal that killed it below 0.
        seconds: From the blow to its end.
        processes: Processes that it started and that run two seconds after its end.
        temporary: Temporary files and folders that are there then.
        tracebacks: Of it and of its continuation.
        unexpected: Exit codes, or lines on standard error, that do not go with the blow.
        lost, doubled, unequal: Scores that are missing, too many, or other than those of the run left alone, once
            the same command has gone on to the end.
    """

    struck: bool
    code: int
    seconds: float
    processes: int
    temporary: int
    tracebacks: int
    unexpected: int
    lost: int
    doubled: int
    unequal: int


def drawn(number: int, seed: int) -> Blow:
    """The blow of that number: moments, kinds and targets by turns, the rest by chance."""
    chance = random.Random(f"{seed}-{number}")
    moment = _TURNS[number % len(_TURNS)]
    target = chance.choice(TARGETS if moment != "report" else ("driver", "group"))
    command = chance.choice([*COMMANDS] if moment != "report" else ["refine", "replicates"])
    return Blow(number, command, moment, KINDS[number % len(KINDS)], target)


def strike(blow: Blow, folder: Path, whole: dict[Any, Any], seed: int) -> Outcome:
    """Strike a command, let it go on, and look."""
    chance = random.Random(f"{seed}-{blow.number}-when")
    running = Running(blow.command, folder, "struck", cold=blow.moment == "start")
    _await(running, blow, len(whole["scores"]), chance)
    began = time.monotonic()
    struck = _hit(running, blow)
    running.wait(lambda: False, _PATIENCE)
    seconds, code = time.monotonic() - began, running.code
    wait_until(lambda: not running.left(), 2.0)
    processes, temporary = len(running.left()), len(_temporary(folder))
    running.end()
    said = running.said
    if code != 0:
        again = Running(blow.command, folder, "again", workers=1)
        again.wait(lambda: False, _PATIENCE)
        again.end()
        said += again.said
        unexpected = int(again.code != 0)
    else:
        unexpected = 0
    found = contents(folder)
    scores, expected = found["scores"], whole["scores"]
    same = scores.keys() & expected.keys()
    return Outcome(
        struck,
        -1 if code is None else code,
        round(seconds, 2),
        processes,
        temporary,
        said.count("Traceback"),
        unexpected + int(not _is_expected(blow, code, running.said, struck, seconds)),
        len(expected.keys() - same),
        len(scores.keys() - same),
        sum(scores[key] != expected[key] for key in same) + (found["result"] != whole["result"]),
    )


def contents(folder: Path) -> dict[str, Any]:
    """What a command made: its scores by their keys, and the result without times."""
    try:
        with Store(folder / "out", None) as store:
            scores = {
                (row.architecture.id, row.seed, row.draw, row.predictor): (row.score.value, row.score.status)
                for row in store.rows()
            }
    except NetloreError:
        scores = {}
    path = folder / "out" / "refinement.json"
    result = json.loads(path.read_text()) if path.is_file() else None
    return {"scores": scores, "result": _timeless(result)}


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(one) for key, one in value.items() if not key.endswith("seconds")}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def _await(running: Running, blow: Blow, scores: int, chance: random.Random) -> None:
    """Wait for the moment, and then some more by chance."""
    if blow.moment == "start" and blow.target in ("worker", "server"):
        running.wait(lambda: bool(_processes(running, blow.target)), _PATIENCE)
        running.wait(lambda: False, chance.uniform(0.0, 1.5))
    elif blow.moment == "start":
        running.wait(lambda: False, chance.uniform(0.15, 4.0))
    elif blow.moment == "scoring":
        running.wait(lambda: _scored(running) >= chance.randrange(1, scores - 1), _PATIENCE)
    elif blow.moment == "ending":
        running.wait(lambda: _scored(running) >= scores, _PATIENCE)
    else:
        running.wait(lambda: "report: " in running.said, _PATIENCE)
        running.wait(lambda: False, chance.uniform(0.0, 1.5))


def _scored(running: Running) -> int:
    if not (running.folder / "out" / FILE_NAME).is_file():
        return 0
    try:
        with Store(running.folder / "out", None) as store:
            return store.count()
    except NetloreError:  # it is being made
        return 0


def _hit(running: Running, blow: Blow) -> bool:
    """Whether there was something to strike."""
    number = signal.Signals[blow.kind]
    found = _processes(running, blow.target)
    if running.code is not None or not found:
        return False
    try:
        os.kill(found[0], number)
        if number == signal.SIGSTOP:
            time.sleep(0.3)
            os.kill(found[0], signal.SIGCONT)
    except ProcessLookupError:  # it ended meanwhile
        return False
    return True


def _processes(running: Running, target: str) -> list[int]:
    """Whom a signal to the target goes to: the first of these."""
    servers = children(running.process)
    if target == "worker":
        return [worker for server in servers for worker in children(server)]
    return {"driver": [running.process], "server": servers, "group": [-running.process]}[target]


def _is_expected(blow: Blow, code: int | None, said: str, struck: bool, seconds: float) -> bool:
    """Whether a command ended as it should and when, and said so in one line."""
    shown = ("round ", "seed ", "scores: ", "report: ")
    lines = [line for line in said.splitlines() if line and not line.startswith(shown)]
    ends = struck and blow.target in ("driver", "group") and blow.kind in _ENDS
    if ends and code == _ENDS[blow.kind]:
        return lines == [] if code < 0 else len(lines) == 1 and "interrupted" in lines[0]
    # It was done already, or the interpreter itself was not up.
    too_early = ends and blow.moment == "start" and code == -signal.Signals[blow.kind]
    done = code == 0 and (not ends or seconds < _TO_END)
    return (done or too_early) and lines == []


def _temporary(folder: Path) -> list[Path]:
    return [*folder.glob("temporary/*"), *folder.glob("out/**/.netlore-*")]


def main() -> None:
    """Strike all blows that the file does not have."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--blows", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    lines = options.out.read_text().splitlines() if options.out.is_file() else []
    done = {json.loads(line)["number"] for line in lines}
    _warm()
    with tempfile.TemporaryDirectory() as name:
        whole = {}
        for number in sorted({*range(options.blows)} - done):
            blow = drawn(number, options.seed)
            if blow.command not in whole:
                alone = Running(blow.command, Path(name) / blow.command, "alone", workers=1)
                alone.wait(lambda: False, _PATIENCE)
                whole[blow.command] = contents(alone.folder)
                if alone.code != 0 or not whole[blow.command]["scores"]:
                    raise SystemExit(f"the run that is left alone ended with {alone.code}: {alone.said}")
            folder = Path(name) / str(number)
            outcome = strike(blow, folder, whole[blow.command], options.seed)
            line = json.dumps(asdict(blow) | asdict(outcome))
            with options.out.open("a") as file:
                file.write(f"{line}\n")
            print(line, flush=True)


def _warm() -> None:
    """Import what commands import."""
    import netlore.cli.application
    import netlore.cli.tables
    import netlore.experiments.refine
    import netlore.experiments.score
    import netlore.report.write  # noqa: F401


if __name__ == "__main__":
    main()
