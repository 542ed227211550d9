"""A store's folder: killed writers, two processes at once, files that are something else."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from netlore.errors import InvalidInput, StoreLost
from netlore.space.named import named
from netlore.storage.score_store import FILE_NAME, Store
from netlore.storage.score_table import Score, ScoreRow

CONFIGURATION = {"dtype": "float32"}
ROWS = [ScoreRow(named("baseline/resnet-20"), 7, draw, "snip", Score(1.0)) for draw in range(3)]


WRITER = """
import sys
from pathlib import Path
from netlore.storage.score_table import Score, ScoreRow
from netlore.space.named import named
from netlore.storage.score_store import Store

store = Store(Path(sys.argv[1]), {"by": "a process that is killed"})
for draw in range(1_000_000):
    names = ("snip", "grasp")
    store.add(ScoreRow(named("baseline/resnet-20"), 0, draw, name, Score(float(draw))) for name in names)
    print(draw, flush=True)
"""


@pytest.fixture
def writer(tmp_path):
    """A process that has committed draws 0 to 20 and goes on writing."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            for draw in range(21):
                assert process.stdout.readline() == f"{draw}\n"
            yield process
        finally:
            process.kill()


def test_another_process_may_read_but_not_write_meanwhile(tmp_path, writer):
    with pytest.raises(InvalidInput, match="another process is writing to"):
        Store(tmp_path, {"by": "a process that is killed"})
    with Store(tmp_path, None) as reader:
        assert len(list(reader.rows())) >= 2 * 21


def test_a_killed_writer_loses_nothing_that_it_committed(tmp_path, writer):
    os.kill(writer.pid, signal.SIGKILL)
    printed = 20 + len(writer.stdout.readlines())
    writer.wait()
    with Store(tmp_path, {"by": "a process that is killed"}) as store:
        rows = list(store.rows())
        # A network is whole or missing, and at most the one under way was not printed.
        assert len(rows) in (2 * (printed + 1), 2 * (printed + 2))
        assert [row.draw for row in rows[::2]] == [row.draw for row in rows[1::2]] == list(range(len(rows) // 2))
        store.add(ROWS)


def test_a_reader_opens_what_a_killed_writer_left(tmp_path, writer):
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    with Store(tmp_path, None) as reader:
        assert len(list(reader.rows())) >= 2 * 21


READER = """
import os, sys
from pathlib import Path
from netlore.space import families
from netlore.storage.score_store import Store

families.get("resnet")
Path.cwd().as_uri()  # Python 3.13 imports something for it, which another user may not be able to read
if os.geteuid() == 0:
    os.setuid(65534)  # the administrator may write everywhere
assert not os.access(sys.argv[1], os.W_OK)
with Store(Path(sys.argv[1]), None) as store:
    print(len(list(store.rows())))
"""


def test_a_folder_without_write_permission_is_read():
    # Not pytest's folder, which is closed to other users.
    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder), CONFIGURATION) as store:
            store.add(ROWS)
        Path(folder).chmod(0o555)
        try:
            command = [sys.executable, "-c", READER, folder]
            assert subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout == "3\n"
        finally:
            Path(folder).chmod(0o755)


def write_text(path: Path) -> None:
    path.write_text("this is no database, and long enough not to be taken for an empty one\n" * 50)


def write_other_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()


@pytest.mark.parametrize("write", [write_text, write_other_database, Path.touch])
def test_a_file_that_is_no_store_is_not_read(tmp_path, write):
    write(tmp_path / FILE_NAME)
    with pytest.raises(
        InvalidInput, match=r"\.sqlite (is not|cannot be read as) a score store \(.*\); [a-z' ]+ folder"
    ):
        Store(tmp_path, None)


def test_a_file_that_is_no_database_is_not_written(tmp_path):
    write_text(tmp_path / FILE_NAME)
    with pytest.raises(InvalidInput, match=r"cannot be used \(file is not a database\); choose another folder"):
        Store(tmp_path, CONFIGURATION)


@pytest.mark.parametrize("name", ["scores.sqlite", "scores.sqlite-wal", "scores.sqlite-journal", "writer.lock"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path, name):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS)
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(InvalidInput, match=rf"cannot be used \({name} is no file\); choose another folder"):
        Store(tmp_path, CONFIGURATION)
    with pytest.raises(InvalidInput, match=r"holds no scores|is no file"):
        Store(tmp_path, None)


def test_a_folder_without_scores_is_not_read(tmp_path):
    with pytest.raises(InvalidInput, match=r"holds no scores \(scores\.sqlite is missing\); name a run's folder"):
        Store(tmp_path / "absent", None)
    assert not (tmp_path / "absent").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=r"output folder .* cannot be used \(.*\); choose another folder"):
        Store(tmp_path / "file" / "runs", CONFIGURATION)


def test_a_lock_that_cannot_be_used_is_not_taken_for_another_writer(tmp_path):
    write_text(tmp_path / "writer.lock")
    with pytest.raises(InvalidInput, match=r"cannot be used \(file is not a database\)"):
        Store(tmp_path, CONFIGURATION)
    (tmp_path / "writer.lock").unlink()
    (tmp_path / "writer.lock").mkdir()
    with pytest.raises(InvalidInput, match=r"cannot be used \(unable to open database file\)"):
        Store(tmp_path, CONFIGURATION)


def test_a_store_can_be_read_without_a_trace(tmp_path):
    with Store(tmp_path, CONFIGURATION) as store:
        store.add(ROWS)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with Store(tmp_path, None) as store:
        assert len(list(store.rows())) == len(ROWS) and store.check(CONFIGURATION) == CONFIGURATION
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_what_a_writer_has_added_is_read_meanwhile_also_without_a_trace(tmp_path):
    with Store(tmp_path, CONFIGURATION) as writer:
        writer.add(ROWS)
        before = sorted(path.name for path in tmp_path.iterdir())
        with Store(tmp_path, None) as store:
            assert len(list(store.rows())) == len(ROWS)
        assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_another_programs_database_is_not_written_to(tmp_path):
    write_other_database(tmp_path / FILE_NAME)
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(InvalidInput, match=r"is not a score store \(it has other tables\); name a run's folder"):
        Store(tmp_path, CONFIGURATION)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_store_that_another_program_uses_is_said_to_be_locked(tmp_path):
    Store(tmp_path, CONFIGURATION).close()
    with sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InvalidInput, match=r"\(database is locked\); close the other program that uses it"):
            Store(tmp_path, CONFIGURATION)
    other.close()


@pytest.mark.parametrize("folders", [300, 1_500, 3_000])
def test_a_path_that_is_too_long_is_refused_in_one_line(tmp_path, folders, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match=r"^output folder .* cannot be used \(.*\); choose another folder"):
        Store(Path("/".join("a" * folders)), CONFIGURATION)
    with pytest.raises(InvalidInput, match=r"holds no scores|cannot be read as a score store") as caught:
        Store(Path("/".join("a" * folders)), None)
    assert len(str(caught.value)) < 600
    subprocess.run(["rm", "-rf", tmp_path / "a"], check=True)  # deeper than `rmtree` goes


UNREADABLE = """
import os, sys
from pathlib import Path
from netlore.space import families
from netlore.storage.score_store import Store

families.get("resnet")
Path.cwd().as_uri()  # Python 3.13 imports something for it, which another user may not be able to read
if os.geteuid() == 0:
    os.setuid(65534)
for configuration in (None, {"dtype": "float32"}):
    try:
        Store(Path(sys.argv[1]), configuration)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
"""


@pytest.mark.parametrize(("mode", "remedy"), [(0o600, "ask its owner for permission or choose another folder")])
def test_a_store_of_another_user_is_not_read_and_not_written_over(mode, remedy):
    with tempfile.TemporaryDirectory() as folder:
        Store(Path(folder), CONFIGURATION).close()
        for path in Path(folder).iterdir():
            path.chmod(0o666 if path.name == "writer.lock" else mode)
        Path(folder).chmod(0o777)
        before = (Path(folder) / FILE_NAME).read_bytes()
        command = [sys.executable, "-c", UNREADABLE, folder]
        lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        assert [line.split(":")[0] for line in lines] == ["InvalidInput", "InvalidInput"], lines
        assert f"(Permission denied); {remedy}." in lines[0]
        assert "choose another folder" in lines[1]
        assert (Path(folder) / FILE_NAME).read_bytes() == before


def replaced(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    Store(folder, CONFIGURATION).close()


@pytest.mark.parametrize(
    "remove",
    [shutil.rmtree, lambda folder: folder.rename(folder.with_name("moved")), replaced],
    ids=["removed", "renamed", "replaced"],
)
def test_a_folder_that_is_gone_is_noticed_when_scores_are_added_and_at_the_end(tmp_path, remove):
    message = r"scores\.sqlite is gone: its folder was removed, renamed or replaced while scores were written"
    with pytest.raises(StoreLost, match=message), Store(tmp_path / "run", CONFIGURATION) as store:
        store.add(ROWS[:1])
        remove(tmp_path / "run")
    shutil.rmtree(tmp_path / "moved", ignore_errors=True)
    with pytest.raises(StoreLost, match=message), Store(tmp_path / "again", CONFIGURATION) as store:
        remove(tmp_path / "again")
        store.add(ROWS)
        pytest.fail("the scores were added to nothing")


def test_a_folder_that_is_put_back_is_as_good_as_before(tmp_path):
    with Store(tmp_path / "run", CONFIGURATION) as store:
        (tmp_path / "run").rename(tmp_path / "moved")
        (tmp_path / "moved").rename(tmp_path / "run")
        store.add(ROWS)
    with Store(tmp_path / "run", None) as store:
        assert len(list(store.rows())) == len(ROWS)


def test_a_reader_does_not_mind(tmp_path):
    with Store(tmp_path / "run", CONFIGURATION) as store:
        store.add(ROWS)
    with Store(tmp_path / "run", None) as store:
        shutil.rmtree(tmp_path / "run")
        assert list(store.rows()) == ROWS
