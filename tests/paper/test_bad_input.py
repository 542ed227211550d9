"""The page of docs/bad_input.md, from the counts that it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from paper.bad_input import Fuzzed, document

from netlore.storage.documents import read_document

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def stored() -> Fuzzed:
    return read_document(ROOT / "results" / "bad_input" / "cases.json", Fuzzed)


def test_the_page_is_what_the_counts_make(stored: Fuzzed) -> None:
    assert (ROOT / "docs" / "bad_input.md").read_text(encoding="utf-8") == document(stored)
    assert sum(sum(counts.values()) for counts in stored.counts.values()) == stored.cases


def test_what_broke_a_promise_is_counted_under_its_own_name(stored: Fuzzed) -> None:
    worse = stored.model_copy(update={"counts": {"options": {"refused": 3, "hang": 2}}, "cases": 5})
    text = document(worse)
    assert "2 of them broke a promise." in text and "| hang |" in text
    assert "| 5 | 3 | 0 | 0 | 0 | 0 | 2 |" in text
