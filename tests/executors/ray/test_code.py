"""Modules that are not installed travel as text, and are imported from it where there are no such files."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from netlore.executors.ray.code import Code
from netlore.executors.ray.parcel import Packed, opened, packed

PACKAGE = {
    "mine_sent/__init__.py": "from mine_sent.inner.part import double\n",
    "mine_sent/inner/part.py": "def double(job):\n    return 2 * job\n\ndef setup():\n    return double\n",
    "mine_sent/late.py": "VALUE = 7\n",
    "beside_sent.py": "import helper_sent\n\ndef setup():\n    return helper_sent.work\n",
    "helper_sent.py": "def work(job):\n    return job + 1\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in PACKAGE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0].endswith("_sent")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_module_brings_its_package_or_the_files_beside_it() -> None:
    import_module("mine_sent.inner.part")
    import_module("beside_sent")
    sent = {name for name in Code.of(b"").files if name.partition(".")[0].endswith("_sent")}
    assert sent == {"mine_sent", "mine_sent.inner.part", "mine_sent.late", "beside_sent", "helper_sent"}


def test_what_is_installed_is_not_sent() -> None:
    names = {name.partition(".")[0] for name in Code.of(b"").files}
    assert names.isdisjoint({"netlore", "numpy", "torch", "pytest", "os", "json", "__main__"})


def _elsewhere(work: Path, code: str) -> str:
    """What a fresh process prints that has nothing but the pickled work, in a file."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    paths = os.pathsep.join(path for path in sys.path if Path(path, "netlore").is_dir() or "site-packages" in path)
    command = [sys.executable, "-c", f"import pickle\nwork = pickle.load(open({str(work)!r}, 'rb'))\n{code}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd="/", env=clean | {"PYTHONPATH": paths}
    )
    return done.stdout.strip()


@pytest.mark.parametrize(("module", "result"), [("mine_sent.inner.part", 6), ("beside_sent", 4)])
def test_work_finds_its_code_where_there_is_no_file(folder: Path, module: str, result: int) -> None:
    setup = packed(import_module(module).setup)
    (folder / "work").write_bytes(packed(Packed(setup, Code.of(setup))))
    for name in PACKAGE:
        (folder / name).unlink()
    assert opened(eval(_elsewhere(folder / "work", "print(work()(pickle.dumps(3)))"))) == result


def test_source_can_be_read_of_what_was_sent(folder: Path) -> None:
    module = import_module("mine_sent.inner.part")
    setup = packed(module.setup)
    (folder / "work").write_bytes(packed(Packed(setup, Code.of(setup))))
    source = inspect.getsource(module.double)
    for name in PACKAGE:
        (folder / name).unlink()
    code = "import inspect, mine_sent\nprint(inspect.getsource(mine_sent.double))"
    assert _elsewhere(folder / "work", code) == source.strip()


SCRIPT = """
from netlore.executors.ray.code import Code
from netlore.executors.ray.parcel import Packed, packed

def setup():
    return work

def work(job):
    return -job

if __name__ == "__main__":
    sent = packed(setup)
    open("work", "wb").write(packed(Packed(sent, Code.of(sent))))
"""


def test_functions_of_the_script_itself_are_found(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    subprocess.run([sys.executable, "script.py"], check=True, cwd=tmp_path)
    (tmp_path / "script.py").unlink()
    assert opened(eval(_elsewhere(tmp_path / "work", "print(work()(pickle.dumps(3)))"))) == -3
