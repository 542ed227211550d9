"""JSON documents are read within limits and checked; whatever is wrong with one is said in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict, Field

from netlore.errors import InvalidInput
from netlore.reading import LARGEST
from netlore.storage.documents import checked, read_document, to_json, write_document


class Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid")
    SCHEMA: ClassVar[int] = 2

    title: str
    count: int = Field(default=1, ge=1)
    kind: Literal["one", "other"] = "one"
    notes: dict[str, Any] = {}


def test_a_document_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = write_document(tmp_path / "sheet.json", {"schema": 2, "title": "Ä", "count": np.int64(3)})
    assert read_document(path, Sheet) == Sheet(title="Ä", count=3)
    assert path.read_bytes().endswith(b"}\n")


def test_a_document_without_a_schema_is_of_the_first(tmp_path: Path) -> None:
    assert read_document(write_document(tmp_path / "sheet.json", {"title": "a"}), Sheet).title == "a"


def nested(depth: int) -> bytes:
    return b'{"title": "a", "notes": {"a": ' + b"[" * depth + b"]" * depth + b"}}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no readable JSON (Expecting value"),
        (b"\xff\xfe\x00", "is no readable JSON"),
        (b'{"title": "a"', "is no readable JSON"),
        (b'["title"]', "is no readable JSON (it is no JSON object)"),
        (b"3", "it is no JSON object"),
        (b'{"title": "a", "count": NaN}', "NaN is no JSON number"),
        (b'{"title": "a", "count": 1e999}', "count = inf is not allowed"),
        (b'{"title": "a", "count": ' + b"9" * 5_000 + b"}", "is no readable JSON (Exceeds the limit"),
        (nested(31), "more than 32 objects and lists are in one another"),
        (nested(100_000), "nested too deep"),
        (b'{"title": 3}', "title = 3 is not allowed: input should be a valid string"),
        (b'{"title": "a", "count": 0}', "count = 0 is not allowed: input should be greater than or equal to 1"),
        (b'{"title": "a", "kind": "x"}', "kind = 'x' is not allowed: input should be 'one' or 'other'"),
        (b'{"count": 1}', "title is missing"),
        (
            b'{"title": "a", "colour": 1}',
            "colour = 1 is not allowed: no such key; choose from title, count, kind, notes",
        ),
        (b'{"title": ["' + b"a" * 5_000 + b'"]}', "..."),
        (b'{"title": "a", "schema": 3}', "has schema 3, and this version reads schemas up to 2; update netlore"),
        (b'{"title": "a", "schema": true}', "has schema True"),
        (b'{"title": "a", "schema": "2"}', "has schema '2'"),
    ],
)
def test_what_is_wrong_with_a_document_is_said_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "sheet.json"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        read_document(path, Sheet)
    said = str(caught.value)
    assert said.startswith(str(path)) and message in said
    assert "\n" not in said and len(said) < 600


def test_the_deepest_document_that_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "sheet.json").write_bytes(nested(30))
    assert read_document(tmp_path / "sheet.json", Sheet).title == "a"


def test_a_large_document_is_not_read(tmp_path: Path) -> None:
    path = write_document(tmp_path / "sheet.json", {"title": "a"})
    os.truncate(path, LARGEST + 1)
    with pytest.raises(InvalidInput, match=r"sheet\.json cannot be read \(it is larger than 67,108,864 bytes\)"):
        read_document(path, Sheet)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")  # a reader would wait for somebody who writes
    (tmp_path / "endless").symlink_to("/dev/zero")
    for name, reason in {
        "absent": "No such file or directory",
        "folder": "Is a directory",
        "pipe": "it is a pipe",
        "endless": "it is a device",
    }.items():
        with pytest.raises(InvalidInput, match=rf"{name} cannot be read \({reason}\); restore it"):
            read_document(tmp_path / name, Sheet)


def test_values_that_a_user_gave_are_checked() -> None:
    assert checked(Sheet, {"title": "a"}) == Sheet(title="a")
    with pytest.raises(InvalidInput) as caught:
        checked(Sheet, {"title": "a", "count": "many" * 1_000})
    said = str(caught.value)
    assert said.startswith("count = 'manymany") and "..." in said and len(said) < 400
    assert said.endswith("is not allowed: input should be a valid integer.")


def test_numpys_numbers_become_plain_ones() -> None:
    value = {"a": np.int64(1), "b": np.float64(0.5), "c": np.arange(2), "d": (np.bool_(True), None)}
    assert json.loads(to_json(value)) == {"a": 1, "b": 0.5, "c": [0, 1], "d": [True, None]}
    with pytest.raises(TypeError):
        to_json({"a": object()})
