"""Eight blows to running commands; `tests.faults.blows` makes a thousand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.blows import KINDS, MOMENTS, TARGETS, drawn

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(900)
def test_eight_blows_leave_nothing_and_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.blows", "--blows", "8", "--out", str(tmp_path / "blows.jsonl")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    blows = [json.loads(line) for line in (tmp_path / "blows.jsonl").read_text().splitlines()]
    assert len(blows) == 8 and sum(one["struck"] for one in blows) > 4
    faults = ("processes", "temporary", "tracebacks", "unexpected", "lost", "doubled", "unequal")
    assert [one for one in blows if any(one[fault] for fault in faults)] == []


def test_a_thousand_blows_strike_every_process_at_every_moment_with_every_signal() -> None:
    blows = [drawn(number, 0) for number in range(1000)]
    assert blows == [drawn(number, 0) for number in range(1000)]
    for moment in MOMENTS:
        struck = {(one.kind, one.target) for one in blows if one.moment == moment}
        targets = TARGETS if moment != "report" else ("driver", "group")
        assert struck == {(kind, target) for kind in KINDS for target in targets}
