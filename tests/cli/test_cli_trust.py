"""Nothing that a folder, an archive or a file of data names is imported, unless the user names it, too."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from netlore.experiments.export import archive_run
from netlore.plugins import Untrusted, import_named, packages_of, trust, trusting
from netlore.storage.archive import FILE_NAME
from tests.cli.running import NOISE, Run, made

__all__ = ["made"]  # a fixture

EVIL = """
from pathlib import Path
Path("imported").touch()
def it(*_, **__): raise SystemExit("called")
"""


@pytest.fixture(autouse=True)
def evil(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module in the working directory that leaves a mark when it is imported."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "evil", raising=False)
    (elsewhere / "evil.py").write_text(EVIL)
    return elsewhere / "imported"


COMMANDS = (
    ("report", "run"),
    ("analyze", "run"),
    ("export", "run"),
    ("export", "run", "--format", "archive", "--out", "out"),
    ("pick", "run", "--networks", "2"),
    ("compare", "run", "--out", "out"),
)

NAMES: dict[str, Any] = {
    "method": "evil:it",
    "predictor": "evil:it",
    "space": "evil:it",
    "data": "evil:it",
    "budget": {"evil:it": [0, 1]},
}


@pytest.mark.usefixtures("without_report")
@pytest.mark.parametrize("name", NAMES)
def test_what_a_record_names_is_not_imported(run: Run, made: Path, elsewhere: Path, evil: Path, name: str) -> None:
    folder = shutil.copytree(made, elsewhere / "run")
    record = json.loads((folder / "run.json").read_text())
    record["configuration"][name] = NAMES[name]
    (folder / "run.json").write_text(json.dumps(record))
    for words in COMMANDS:
        code, _, err = run(*words)
        assert not evil.exists() and "Traceback" not in err, words
        assert code in (0, 2), err


def of_another_family(folder: Path) -> None:
    """Let a store say that its architectures are evil's."""
    with sqlite3.connect(folder / "scores.sqlite") as store:
        for (text,) in store.execute("SELECT json FROM architecture").fetchall():
            changed = text.replace('"anynet"', '"evil:it"')
            store.execute("UPDATE architecture SET json = ? WHERE json = ?", (changed, text))


@pytest.mark.usefixtures("without_report")
def test_a_family_of_a_store_is_not_imported(run: Run, made: Path, elsewhere: Path, evil: Path) -> None:
    of_another_family(shutil.copytree(made, elsewhere / "run"))
    for words in COMMANDS[2:5]:
        code, _, err = run(*words)
        assert code == 2 and "family 'evil:it' is code of evil, which the command does not name" in err, words
        assert "add --trust evil if you know whose code it is" in err
        assert not evil.exists()
    run(*COMMANDS[2], "--trust", "evil")
    assert evil.exists(), "the user said so"


def test_a_family_of_an_archive_is_not_imported(run: Run, made: Path, elsewhere: Path, evil: Path) -> None:
    file = archive_run(made, elsewhere / "run")[0]
    table = pq.read_table(file)
    names = ["evil:it"] * len(table)
    changed = table.set_column(table.column_names.index("family"), "family", [names])
    pq.write_table(changed.replace_schema_metadata({b"netlore": b"{}"}), elsewhere / "run" / FILE_NAME)
    code, _, err = run("export", "run")
    assert code == 2 and "family 'evil:it' is code of evil" in err and not evil.exists()


def test_a_file_of_an_architecture_and_a_table_of_accuracies_name_nobody(
    run: Run, elsewhere: Path, evil: Path
) -> None:
    text = json.dumps({"family": "evil:it", "values": {}})
    (elsewhere / "a.json").write_text(text)
    (elsewhere / "own.csv").write_text('net,acc\n"' + text.replace('"', '""') + '",1\n')
    for words in (
        ("show", "a.json"),
        ("train", "a.json"),
        ("validate", "--accuracies", "own.csv", "--architecture-column", "net", "--accuracy-column", "acc"),
    ):
        code, _, err = run(*words)
        assert code == 2 and "evil" in err and not evil.exists(), words
    code, _, err = run("show", text)
    assert code == 2 and evil.exists(), "this stands on the command line"


def test_what_stands_on_the_line_or_in_a_study_that_it_names_is_imported(
    run: Run, elsewhere: Path, evil: Path
) -> None:
    (elsewhere / "study.toml").write_text('predictors = ["evil:it"]\n[sizes.small]\nsample = 2\n')
    code, _, err = run("run", "study.toml", "--size", "small", "--dry-run")
    assert code == 2 and "no predictor" in err and evil.exists()
    evil.unlink()
    del sys.modules["evil"]
    code, _, err = run("score", *NOISE, "--predictor", "logrank(evil:it, synflow)", "--out", "out")
    assert code == 2 and evil.exists(), err


def test_in_python_the_caller_says_whom_to_trust(evil: Path) -> None:
    with trusting():
        with pytest.raises(Untrusted, match="predictor 'evil:it' is code of evil"):
            import_named("predictor 'evil:it'", "evil:it")
        with trusting("evil.inside"):
            assert import_named("it", "evil:it")
        with pytest.raises(Untrusted):
            import_named("it", "evil:it")
        trust(packages_of('{"space": "evil:it"}'))
        assert import_named("it", "evil:it") and evil.exists()
    trust(["json"])
    assert import_named("it", "json:dumps") is json.dumps, "outside, all are trusted"
