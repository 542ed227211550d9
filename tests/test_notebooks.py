"""The notebooks run as they are, show what they are about, and are kept without outputs."""

from __future__ import annotations

import json
import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from torch import nn

import netlore as nl
from netlore.drawing import html_table

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "examples" / "notebooks"
EXPECTED = {
    "principles.ipynb": ("10,077,696,000 architectures, 10M to 50M FLOPs", "20 networks, 40 scores", "round 4"),
    "any_module.ipynb": ("9 networks, 27 scores", "901,115,488 architectures within"),
}


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def test_every_notebook_is_run_and_kept_without_outputs() -> None:
    """Numbers in outputs grow old, and pictures in them fill a repository."""
    assert {path.name for path in NOTEBOOKS.glob("*.ipynb")} == set(EXPECTED)
    for name in EXPECTED:
        code = [cell for cell in cells(NOTEBOOKS / name) if cell["cell_type"] == "code"]
        assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_notebook_shows_what_it_is_about(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient", reason="needs nbclient and ipykernel, of the extra dev")
    nbformat = pytest.importorskip("nbformat", reason="needs nbclient and ipykernel, of the extra dev")
    pytest.importorskip("ipykernel", reason="needs nbclient and ipykernel, of the extra dev")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    nbclient.NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = "".join(json.dumps(cell["outputs"]) for cell in notebook.cells if cell["cell_type"] == "code")
    assert all(words in shown for words in EXPECTED[name])
    assert '"stderr"' not in shown


HOSTILE = "<script>alert(1)</script>&"


class Tables(HTMLParser):
    """The tags and the texts of cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag in ("tr", "caption"):
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self.rows[-1].append(data)


def test_spaces_architectures_scores_and_refinements_are_tables_in_a_notebook() -> None:
    space, task = nl.anynet(flops=(1e6, 5e6)), nl.task("noise", batch_size=8)
    table = nl.score(nl.sample(space, 12, seed=0), "synflow", task)
    found = nl.refine(space, "synflow", task, networks=8, round_limit=2)
    caption, head, *rows = Tables(space._repr_html_()).rows
    assert caption == ["anynet: 10,077,696,000 architectures, 1M to 5M FLOPs"]
    assert ["d1", "16", "1", "16"] in rows and head == ["hyperparameter", "values", "first", "last"]
    architecture = nl.sample(space, 1, seed=0)[0]
    shown = Tables(architecture._repr_html_()).rows
    assert shown == [[architecture.id], [*space.grids], [str(one) for one in architecture.values.values()]]
    caption, head, *rows = Tables(table._repr_html_()).rows
    assert caption == ["12 networks, 12 scores, 0 without a value; the first 10"]
    assert head[0] == "architecture" and head[-1] == "synflow" and len(rows) == 10
    assert rows[0][-1] == f"{table.rows[0].score.value:.6g}"
    caption, head, *rows = Tables(found._repr_html_()).rows
    assert "round limit after 2 rounds and 16 networks" in caption[0]
    assert head == ["at first", "round 1", "round 2"]
    assert [row[-1] for row in rows] == [str(one) for one in found.principles.values()]


def test_names_with_markup_are_shown_not_run() -> None:
    """Names of modules, statuses and classes come from files and packages of others."""
    task = nl.task("noise", batch_size=8)
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    table = nl.score_modules({HOSTILE: lambda: network}, "params", task)
    shown = Tables(table._repr_html_())
    assert shown.tags == {"table", "caption", "tr", "th", "td"}
    assert any(HOSTILE in row for row in shown.rows)
    assert "<script" not in table._repr_html_() and html_table(HOSTILE, [HOSTILE], [[HOSTILE]]).count("<s") == 0
