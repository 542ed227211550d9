"""Whatever stands in a run's folder: a command reads it or refuses it in one line, with exit code 2."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from netlore import cli
from netlore.errors import NetloreError
from netlore.experiments.export import export_run
from netlore.experiments.record import command_of, recorded
from netlore.experiments.refine import RefineRun
from netlore.experiments.select import pick_run, stored_pick
from netlore.experiments.study.folders import expanded, study_parts
from netlore.experiments.train import stored_training
from netlore.experiments.train_config import recorded_training
from tests.experiments.trained import trained

DEEP = json.loads("[" * 150 + "]" * 150)
OTHERS = (None, True, -1, 10**30, 1.5, "x", "../x", [], {}, [None], {"a": 1})
TEXTS = ("", "{", "[]", "null", "3", '{"a": NaN}', "[" * 100_000, '{"command": ' * 1_000, "\\udcff", "\x00")


def mutations(document: Any) -> Iterator[str]:
    """A document as text, each time with one value missing, or another one of another type."""
    yield from TEXTS
    places = list(_places(document))
    for path in places:
        for number, other in enumerate(("missing", DEEP, *OTHERS)):
            changed = copy.deepcopy(document)
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            if number == 0:
                del inner[path[-1]]
            else:
                inner[path[-1]] = other
            yield json.dumps(changed)


def _places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys = (
        document
        if isinstance(document, dict)
        else range(min(len(document), 2))
        if isinstance(document, list)
        else ()
    )
    for key in keys:
        yield (*path, key)
        yield from _places(document[key], (*path, key))


@pytest.fixture(scope="module")
def runs(finished: RefineRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study's folder: a refinement with its pick, and a training."""
    folder = tmp_path_factory.mktemp("tampered") / "study"
    shutil.copytree(finished.files[0].parent, folder / "refined")
    pick_run(folder / "refined", networks=3)
    trained(folder / "train-small")
    (folder / "study.json").write_text('{"title": "A study", "size": "s", "parts": ["refined", "train-small"]}')
    return folder


READERS = {
    "refined/run.json": (recorded,),
    "refined/pick.json": (stored_pick,),
    "train-small/run.json": (recorded_training, stored_training),
    "train-small/training.json": (stored_training,),
    "train-small/seed-0/record.json": (stored_training,),
    "study.json": (study_parts,),
}


@pytest.mark.parametrize("name", READERS)
def test_a_reader_gives_what_it_promises_or_refuses_in_one_line(runs: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(runs, tmp_path / "study")
    document = json.loads((folder / name).read_text())
    refused = 0
    for text in islice(mutations(document), 0, None, 20 if "pick" in name else 1):
        (folder / name).write_text(text)
        for read in READERS[name]:
            try:
                read((folder / name).parent if "seed" not in name else folder / "train-small")
            except NetloreError as error:
                refused += 1
                assert "\n" not in str(error) and len(str(error)) < 2_000
    assert refused or name in {"refined/pick.json", "train-small/training.json"}, "these are made again"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("refined/run.json", '{"command": "refine", "configuration": {"networks": "4"}}'),
        ("refined/run.json", '{"command": "refine", "configuration": {"seed": true}}'),
        ("study.json", '{"title": "A study", "parts": "refined"}'),
        ("study.json", '{"title": "A study", "parts": ["../elsewhere"]}'),
        ("study.json", '{"title": "A study", "parts": ["/tmp"]}'),
        ("study.json", '{"title": "A study", "parts": ["."]}'),
        ("study.json", '{"title": "A study", "parts": ["refined/.."]}'),
        ("study.json", '{"title": "A study", "parts": ["link"]}'),
    ],
)
def test_every_command_ends_with_one_line_and_code_2(
    runs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    text: str,
) -> None:
    monkeypatch.setattr(cli, "own_process", lambda: None)
    monkeypatch.chdir(tmp_path)
    folder = shutil.copytree(runs, tmp_path / "study")
    shutil.copytree(runs / "refined", tmp_path / "elsewhere")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / name).write_text(text)
    before = sorted(tmp_path.rglob("*"))
    what = (folder / name).parent
    commands = [["report", what], ["analyze", what], ["compare", what, "--out", "out"], ["export", what]]
    commands += [["export", what, "--format", "archive", "--out", "out"], ["pick", what], ["train", what]]
    for words in commands:
        with pytest.raises(SystemExit) as caught:
            cli.main([str(word) for word in words])
        shown = capsys.readouterr()
        assert caught.value.code == 2 and shown.out == "", words
        assert shown.err.startswith("netlore: ") and shown.err.count("\n") == 1, shown.err
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written anywhere"


def test_names_of_parts_are_names(runs: Path) -> None:
    assert expanded([runs]) == ("A study", [runs / "refined", runs / "train-small"])
    assert command_of(runs / "refined") == "refine"


def test_an_archive_of_a_study_lies_below_its_folder(runs: Path, tmp_path: Path) -> None:
    written = export_run(runs, "archive", tmp_path / "out")
    assert written and all((tmp_path / "out") in path.parents for path in written)
