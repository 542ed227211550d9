from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from netlore.errors import InvalidInput, Unwritable
from netlore.storage.atomic import make_folder, write_whole
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


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "absent" / "run.json", tmp_path / "folder"):
        with pytest.raises(Unwritable, match="make space or choose another folder") as caught:
            write_whole(path, b"new")
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_disk_that_refuses_is_no_bad_input() -> None:
    # The command line ends with 1, not 2: the command was right, and is to be run again.
    assert not issubclass(Unwritable, InvalidInput)


def test_threads_that_write_one_file_do_not_collide(tmp_path: Path) -> None:
    contents = [bytes([number]) * 10_000 for number in range(8)]

    def write(content: bytes) -> None:
        for _ in range(20):
            write_whole(tmp_path / "run.json", content)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, contents))
    assert (tmp_path / "run.json").read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_planted_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / ".netlore-guessed.tmp").symlink_to(tmp_path / "precious")
    with pytest.raises(Unwritable, match="File exists"):
        write_whole(tmp_path / "run.json", b"new")
    assert not (tmp_path / "precious").exists() and (tmp_path / ".netlore-guessed.tmp").is_symlink()


def test_a_link_in_place_of_the_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"precious")
    (tmp_path / "run.json").symlink_to(tmp_path / "other")
    write_whole(tmp_path / "run.json", b"new")
    assert (tmp_path / "other").read_bytes() == b"precious" and (tmp_path / "run.json").read_bytes() == b"new"


def test_the_content_is_on_the_disk_before_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda one: (done.append("fsync"), fsync(one))[1])
    monkeypatch.setattr(Path, "replace", lambda one, other: (done.append("replace"), replace(one, other))[1])
    write_whole(tmp_path / "run.json", b"new")
    assert done == ["fsync", "replace", "fsync"], "the content, and then the folder that has the name"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_users_umask_holds(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        assert write_whole(tmp_path / "run.json", b"new").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    assert write_whole(tmp_path / ("n" * 255), b"new").read_bytes() == b"new"


def test_an_interruption_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "run.json", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_path_of_a_thousand_folders_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deep = Path("/".join("a" * 1_500))
    assert make_folder(deep).is_dir() and make_folder(deep).is_dir()
    subprocess.run(["rm", "-rf", tmp_path / "a"], check=True)  # deeper than `rmtree` goes
