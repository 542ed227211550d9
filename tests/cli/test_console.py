"""Progress as plain lines, progress as bars on a terminal, and tables."""

from __future__ import annotations

import os
import pty
import re
import threading
from pathlib import Path

import pandas as pd
import pytest

from netlore.cli import console
from netlore.cli.console import reporter, show_table
from netlore.cli.exit_codes import exit_code
from netlore.errors import InvalidInput
from netlore.training.records import Remark


def test_plain_lines_have_the_beginning_and_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with reporter() as reported:
        for label in ("round 1", "round 2"):
            for done in range(4):
                reported(label, done, 3)
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert len(lines) == 4
    assert lines[0] == "round 1: 0 of 3 networks" and lines[2] == "round 2: 0 of 3 networks"
    assert all(re.fullmatch(r"round [12]: 3 of 3 networks, [\d.]+ networks/s", line) for line in lines[1::2])


def test_plain_lines_have_the_time_left_now_and_then(capsys, monkeypatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: clock[0])
    with reporter() as reported:
        reported("scores", 10, 100)  # ten were known before
        for done, now in ((30, 110.0), (50, 120.0), (70, 131.0), (71, 132.0)):
            clock[0] = now
            reported("scores", done, 100)
    assert capsys.readouterr().err.splitlines() == [
        "scores: 10 of 100 networks",
        # 60 networks in 31 s, and 30 to go.
        "scores: 70 of 100 networks, 1.9 networks/s, 16 s left",
    ]


def test_what_takes_long_says_so_soon(capsys, monkeypatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: clock[0])
    with reporter() as reported:
        reported("scores", 0, 1_000)
        for done, now in ((1, 102.0), (4, 106.0), (5, 107.0)):
            clock[0] = now
            reported("scores", done, 1_000)
    assert capsys.readouterr().err.splitlines() == [
        "scores: 0 of 1000 networks",
        # 4 networks in 6 s, and 996 to go.
        "scores: 4 of 1000 networks, 0.7 networks/s, 1494 s left",
    ]


def test_a_remark_has_a_line_of_its_own_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with reporter() as reported:
        reported("a", 1, 9, "images", "loss 2.300")
        reported("a", 2, 9, "images", "loss 2.310")
        reported("a", 2, 9, "images", Remark("it does not learn"))
        reported("a", 3, 9, "images", "loss 2.320")
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["a: 1 of 9 images; loss 2.300", "a: it does not learn"]


def test_what_is_known_already_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with reporter() as reported:
        reported("round 1", 20, 20)
    assert capsys.readouterr().err == "round 1: 20 of 20 networks\n"


def test_a_terminal_gets_bars_with_the_speed(monkeypatch, capsys) -> None:
    ours, theirs = pty.openpty()
    shown = bytearray()

    def read() -> None:
        try:
            while part := os.read(ours, 4096):
                shown.extend(part)
        except OSError:  # the other end is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with Path(f"/proc/self/fd/{theirs}").open("w", encoding="utf-8") as terminal:
        monkeypatch.setattr("sys.stderr", terminal)
        with reporter() as reported:
            for done in range(5, 9):
                reported("round 1", done, 8)
            reported("round 2", 0, 4)
        monkeypatch.undo()
    os.close(theirs)
    reader.join(timeout=10)
    os.close(ours)
    text = shown.decode()
    assert "round 1" in text and "round 2" in text and "networks/s" in text
    # What was known before is neither work nor speed: three were to be done, and were.
    assert "3/3" in text and "0/4" in text
    assert capsys.readouterr().out == ""


def test_tables_group_digits_and_take_words_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(
        "Of [bold]sizes[/bold]",
        [
            {"name": "[a]", "size": 12_345, "share": 0.5, "good": True},
            {"name": "b", "size": 7, "share": 1e-9, "good": False},
        ],
    )
    text = capsys.readouterr().out
    for word in ("Of [bold]sizes[/bold]", "[a]", "12,345", "0.5", "1e-09", "True"):
        assert word in text
    # Numbers are aligned to the right.
    assert re.search(r"│      7 │", text)


def test_a_table_may_be_empty(capsys: pytest.CaptureFixture[str]) -> None:
    show_table("Nothing", pd.DataFrame({"name": []}))
    assert "name" in capsys.readouterr().out


def test_control_characters_of_a_name_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[31mb\u202ec\x9b\x00"

    def fails() -> None:
        raise InvalidInput(f"{name} is not known; choose another.")

    assert exit_code(fails) == 2
    assert capsys.readouterr().err == "netlore: a\\x1b[31mb\\u202ec\\x9b\\x00 is not known; choose another.\n"
    show_table(name, [{"name": name}])
    out = capsys.readouterr().out
    assert out.count("a\\x1b[31mb\\u202ec") == 2 and not any(sign in out for sign in "\x1b\u202e\x9b\x00")
