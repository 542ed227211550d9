"""Code in README.md and docs/ does what the page says; `tests.documented` says how blocks are marked."""

from __future__ import annotations

import doctest
import importlib.util
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from netlore import cli
from netlore.cli import compute, reliability, validate
from netlore.cli.application import app
from netlore.experiments.study.config import planned, read_study
from netlore.refinement.methods import METHODS
from netlore.report import write
from netlore.scoring.predictor import resolve
from netlore.space.design_space import SPACES
from netlore.validation.benchmark import BENCHMARKS
from tests.cli.running import no_report
from tests.documented import COMMANDS, PAGES, ROOT, Block, blocks, inline_commands, options_of

GROUP: Any = typer.main.get_command(app)
ELSEWHERE = {"ray", "pip", "chromium", "source", "export", "head=$(scontrol", "port=$((20000"}
DATA: dict[str, Callable[[str], object]] = {"toml": tomllib.loads, "yaml": yaml.safe_load}
SHOWN = {"mermaid", "dockerfile", "bibtex", "text"}  # nothing of these can be run
NAMED: dict[str, Callable[[str], object]] = {
    "predictor": resolve,
    "predictors": resolve,
    "method": METHODS.get,
    "space": SPACES.get,
    "benchmark": BENCHMARKS.get,
}
SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Begun(Exception):  # noqa: N818 - no error: the arguments were good
    """A command has read its arguments, and begins."""


def begins() -> None:
    raise Begun


def parse(words: list[str], place: str) -> None:
    """Every option of a command exists and has values that can be; those that score check them further."""
    context = GROUP.make_context("netlore", list(words), resilient_parsing=False)
    name, command, rest = GROUP.resolve_command(context, list(words))
    given = command.make_context(name, rest, parent=context).params
    for what, found in NAMED.items():
        values = given.get(what) or []
        for value in [values] if isinstance(values, str) else values:
            assert ":" in value or found(value)
    if name == "run":
        planned(read_study(given["study"]), given["size"])
    if name in ("refine", "score", "bench", "reliability") or (name == "validate" and "--accuracies" not in words):
        with pytest.MonkeyPatch.context() as patched, pytest.raises(Begun):
            for module in (compute, reliability, validate):
                patched.setattr(module, "reporter", begins)
            GROUP.main(args=list(words), prog_name="netlore", standalone_mode=False)
            pytest.fail(f"{place}: {words} ended before it began")


def check(words: list[str], place: str) -> None:
    """What a command line names is there, without running it."""
    if any(Path(word).name == "netlore" for word in words[:1]) or "--" in words:
        after = words[words.index("--") + 1 :] if "--" in words else words
        parse(after[1:], place)
    elif words[0] == "make":
        assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(), f"{place}: no target {words[1]}"
    elif words[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(words[2]), f"{place}: there is no module {words[2]}"
    elif words[0] == "python":
        assert (ROOT / words[1]).is_file(), f"{place}: there is no {words[1]}"
    else:
        assert words[0] in ELSEWHERE, f"{place}: {words[0]} is no command that can be checked"


def run_command(words: list[str], block: Block, report: bool, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command prints; without a report, whose figures take seconds, unless its files are looked for."""
    assert Path(words[0]).name == "netlore", f"{block.place}: {words[0]} is not run here; mark the block"
    name, options = words[1], block.options
    known = options_of(GROUP.commands[name])
    added = [word for option, *values in options if option in known for word in (option, *values)]
    with pytest.MonkeyPatch.context() as patched, pytest.raises(SystemExit) as caught:
        if not report:
            patched.setattr(write, "write_report", no_report)
        cli.main([*words[1:], *added])
    shown = capsys.readouterr()
    assert caught.value.code == 0, f"{block.place}: {words} ended with {caught.value.code}: {shown.err}"
    return shown.out


def run_commands(block: Block, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Run what a block of commands says, and compare what it shows that they print."""
    for words, wanted in block.lines:
        if words[0] == "cd":
            monkeypatch.chdir(words[1])
            continue
        printed = run_command(words, block, bool(wanted), capsys)
        if wanted and not block.options:
            same = doctest.OutputChecker().check_output(wanted, printed, SAME)
            assert same, f"{block.place}: {words} prints\n{printed}"


def test_a_mark_is_of_the_block_behind_it_and_of_no_other(tmp_path: Path) -> None:
    page, mark = tmp_path / "page.md", "<!-- parsed, not run: hours -->\n\n"
    page.write_text(f"{mark}```\nnetlore score\n```\n\n<!-- skip -->\n\n```\nnetlore show\n```\n")
    assert [block.marks for block in blocks(page)] == [{"parsed, not run": "hours"}, {}]
    page.write_text(f"{mark}Words.\n\n```\nnetlore score\n```\n")
    with pytest.raises(AssertionError, match=r"page.md:3: no block follows the mark"):
        blocks(page)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("studies", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "own_process", lambda: None)
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        parsed = "parsed, not run" in block.marks
        if "run by" in block.marks:
            test = (ROOT / block.marks["run by"]).read_text(encoding="utf-8")
            assert page.name in test, f"{block.place}: {block.marks['run by']} does not name {page.name}"
        elif block.language == "python":
            code = compile(block.code, block.place, "exec")
            if not parsed:
                exec(code, namespace)
                capsys.readouterr()
        elif block.language in COMMANDS and parsed:
            subprocess.run(["bash", "-n", "-c", block.code], check=True)
            for words, _ in block.lines:
                monkeypatch.chdir(words[1]) if words[0] == "cd" else check(words, block.place)
        elif block.language in COMMANDS:
            run_commands(block, monkeypatch, capsys)
        elif block.language in DATA:
            DATA[block.language](block.text)
        else:
            assert block.language in SHOWN, f"{block.place}: what is {block.language}?"


@pytest.mark.parametrize("page", [page for page in PAGES if inline_commands(page)], ids=lambda page: page.stem)
def test_commands_in_the_text_of_a_page_exist(page: Path) -> None:
    for words in inline_commands(page):
        if words[0] in ("--help", "--version", "COMMAND"):
            continue
        assert words[0] in GROUP.commands, f"{page.name}: netlore {words}"
        unknown = {word for word in words if word.startswith("--")} - options_of(GROUP.commands[words[0]])
        assert not unknown, f"{page.name}: netlore {words}"
