"""Commands run as a user runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from netlore import cli
from netlore.report import write
from netlore.report.data import StudyData
from netlore.report.page.page import Report

NOISE = ("--data", "noise", "--batch-size", "8")
TINY = (*NOISE, "--networks", "6", "--flops", "1e6", "5e6")


SHORT = ("--predictor", "synflow", "--round-limit", "2", *TINY)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder, and leaves this process's memory alone."""
    monkeypatch.setattr(cli, "own_process", lambda: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command: exit code, stdout, stderr."""

    def of(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main([str(word) for word in words])
        shown = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, shown.out, shown.err

    return of


def no_report(folders: object, out: object = None, progress: object = None) -> Report[StudyData]:
    """Figures take seconds; here no report is made, for tests/report look at them."""
    return Report(StudyData("", (), (), {}, {}, {}), (), (), ())


@pytest.fixture
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "write_report", no_report)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished refinement; copied before it is changed."""
    return refined_in(tmp_path_factory.mktemp("cli") / "made", SHORT)


def refined_in(folder: Path, arguments: Sequence[str]) -> Path:
    """A folder that a refinement filled, without its report."""
    with pytest.MonkeyPatch.context() as patched, pytest.raises(SystemExit) as caught:
        patched.setattr(write, "write_report", no_report)
        patched.setattr(cli, "own_process", lambda: None)
        cli.main(["refine", *arguments, "--out", str(folder), "--json"])
    assert caught.value.code == 0
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
