"""What others made is read within limits: in little time and memory, or it is refused."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from netlore.reading import DEEPEST, LARGEST_TOML, parse_json, parse_toml, read_file


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert read_file(path) == read_file(path, 3) == b"abc"
    with pytest.raises(OSError, match="it is larger than 2 bytes"):
        read_file(path, 2)


def test_a_link_to_a_file_is_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link") == b"abc"


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pipe, a socket and a link to an endless device."""
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    Path("device").symlink_to("/dev/zero")
    return tmp_path


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_not_even_opened(odd: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> int:
        raise AssertionError("it is opened")

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(OSError, match=f"it is a {kind}"):
        read_file(odd / kind)


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    plain = os.open
    monkeypatch.setattr(os, "open", lambda path, flags: plain(tmp_path / "pipe", flags))
    with pytest.raises(OSError, match="it is a pipe"):
        read_file(tmp_path / "file")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_is_as_deep_as_it_may_be(opening: str) -> None:
    closing = {"[": "]"}.get(opening, "}")

    def nested(depth: int) -> str:
        return opening * depth + "1" * (opening != "[") + closing * depth

    assert parse_json(nested(DEEPEST))
    for depth in (DEEPEST + 1, 500, 100_000):
        with pytest.raises(ValueError, match=r"nested too deep|objects and lists are in one another"):
            parse_json(nested(depth))


def test_json_keeps_its_numbers() -> None:
    assert parse_json(b'{"a": [1, 1.0, Infinity, null]}') == {"a": [1, 1.0, float("inf"), None]}
    with pytest.raises(ValueError, match="limit"):
        parse_json("9" * 5_000)


LONG = ".".join("a" * 20_000)

BOMBS = {
    "a key of many parts": f"{LONG} = 1",
    "a table of many parts": f"[{LONG}]",
    "an inline table of many parts": f"x = {{{LONG} = 1}}",
    "quoted parts": ".".join(['"a\'"', "'b'"] * 10_000) + " = 1",
    "spaces between parts": " . ".join("a" * 20_000) + " = 1",
    "lists in one another": f"x = {'[' * 100_000}",
    "some lists in one another": f"x = {'[' * 40}{']' * 40}",
    "tables in one another": "x = " + "{a = " * 40 + "1" + "}" * 40,
    "a long text": "x = 1\n" * LARGEST_TOML,
    "a long number": f"x = {'9' * 5_000}",
    "quotes without an end": '"' + '\\"' * (LARGEST_TOML // 2 - 1),
}


@pytest.mark.parametrize("name", BOMBS)
def test_toml_that_would_take_long_is_refused_in_time(name: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ValueError, match=r"dots|deep|in one another|longer than|limit|string"):
        parse_toml(BOMBS[name])
    assert time.perf_counter() - start < 15, "a key of 20,000 parts alone takes tomllib as long"


def test_toml_that_people_write_is_read() -> None:
    text = 'a.b.\'c.d\'."e\\".f" = 1.5 # ' + "a" * 1_000 + "\n[b.c]\nd = [[1], {e = '2'}]\n"
    assert parse_toml(text) == {"a": {"b": {"c.d": {'e".f': 1.5}}}, "b": {"c": {"d": [[1], {"e": "2"}]}}}
