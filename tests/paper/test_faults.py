"""The page of docs/reliability.md, from the blows that it is made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from paper.faults import FAULTS, document, read

from netlore.errors import InvalidInput

BLOW = {
    "number": 7,
    "command": "score",
    "moment": "scoring",
    "kind": "SIGTERM",
    "target": "driver",
    "struck": True,
    "code": 143,
    "seconds": 0.5,
    **dict.fromkeys(FAULTS, 0),
}


def test_blows_are_counted_by_kind_moment_and_target_and_faults_are_named() -> None:
    text = document([BLOW, BLOW | {"number": 8, "kind": "SIGKILL", "lost": 3}])
    assert "| scoring | 1 | 1 | 0 | 0 | 0 |" in text and "| driver | 1 | 1 | 0 | 0 | 0 |" in text
    assert "| scores lost | 3 | 8: SIGKILL to the driver of score (scoring) |" in text
    assert "(1) did so after 0.5 s in the median and 0.5 s at most" in text


def test_a_blow_that_found_nothing_to_strike_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "blows.jsonl"
    path.write_text("\n".join(json.dumps(BLOW | {"struck": struck}) for struck in (True, False)))
    assert "2 blows were aimed at running commands, and 1 found" in document(read(path))
    path.write_text(json.dumps(BLOW | {"struck": False}))
    with pytest.raises(InvalidInput, match="holds no blow"):
        read(path)
