from __future__ import annotations

from pathlib import Path

import pytest

from netlore.errors import InvalidInput, Unwritable
from netlore.storage.atomic import write_whole
from tests.storage.limits import files_of_at_most


def test_a_file_is_written_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert write_whole(path, b"one") == path and path.read_bytes() == b"one"
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path], "nothing else is left behind"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "run.json", b"old")
    with (
        files_of_at_most(1_000),
        pytest.raises(Unwritable, match=r"run\.json cannot be written \(File too large\)"),
    ):
        write_whole(path, b"new" * 1_000)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "absent" / "run.json", tmp_path / "folder"):
        with pytest.raises(Unwritable, match="make space or choose another folder") as caught:
            write_whole(path, b"new")
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_disk_that_refuses_is_no_bad_input() -> None:
    # The command line ends with 1, not 2: the command was right, and is to be run again.
    assert not issubclass(Unwritable, InvalidInput)
