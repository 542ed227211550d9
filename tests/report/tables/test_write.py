"""Tables as files: CSV that reads back exactly, Markdown, and LaTeX that compiles."""

# ruff: noqa: RUF001 - signs that look like others are what is escaped here

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from netlore.errors import Unwritable
from netlore.report.tables.latex import PAGE_ROWS, document, escape
from netlore.report.tables.refinement import tables
from netlore.report.tables.table import NamedTable, named_table, write_tables
from tests.report.tabled import four_trained, only, record, small_sample, small_study, trained

needs_latex = pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="pdflatex is missing; install texlive-latex-recommended"
)

HARD = named_table(
    "hard_table",
    "Shares of 50 % & more: what_is #1?",
    [
        {"Name": "[a] ~ x^2 \\ {b} $", "n": 1234567, "Size": 2.5e30, "tau": -0.12345},
        {"Name": "≥ 1 × τ – −3 | -S", "Size": 1e-7},
    ],
)
WIDE = named_table(
    "wide",
    "Many columns and many rows.",
    [{"Name": f"row {i}", **{f"w_{j}": "[1024, 4096]" for j in range(15)}} for i in range(2 * PAGE_ROWS + 1)],
)
LONG = named_table("long", "Many rows.", [{"Name": f"row_{i}", "n": i} for i in range(3 * PAGE_ROWS)])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    folder = tmp_path_factory.mktemp("study")
    return folder, write_tables("Predictors & principles: 100 %", tables(small_study()), folder)


def environments(text: str) -> None:
    """Fail unless braces are balanced and environments are closed in the order in which they were opened."""
    bare = re.sub(r"\\[{}\\%]", "", re.sub(r"(?m)(?<!\\)%.*$", "", text))
    depth = 0
    for sign in bare:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    opened: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if what == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []


def body_rows(text: str) -> list[str]:
    heads = ("\\caption", "\\multicolumn")
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line.endswith(r" \\") and not line.startswith(heads)]


def test_csv_is_plain_and_exact() -> None:
    rows = list(csv.reader(io.StringIO(HARD.csv)))
    assert rows[0] == ["Name", "n", "Size", "tau"]
    assert rows[1] == ["[a] ~ x^2 \\ {b} $", "1234567", "2.5e+30", "-0.12345"]
    assert rows[2][1:] == ["", "1e-07", ""]
    third = named_table("t", "T.", [{"x": 1 / 3}, {"x": 10**25}])
    assert [row[0] for row in csv.reader(io.StringIO(third.csv))][1:] == [repr(1 / 3), "1" + "0" * 25]


def test_markdown_is_for_readers() -> None:
    lines = HARD.markdown.splitlines()
    assert lines[0] == "**Shares of 50 % &amp; more: what_is #1?**"
    assert lines[2] == "| Name | n | Size | tau |"
    assert lines[4].endswith("| 1,234,567 | 2.5 × 10³⁰ | -0.123 |")
    assert lines[5].endswith("\\| -S | – | 1 × 10⁻⁷ | – |")
    # A bar that is not escaped would begin another cell.
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines[2:]} == {5}


def test_markdown_keeps_cells_in_their_cells() -> None:
    table = named_table("t", "a & b", [{"x|y": "1\n2", "<b>": "<script>"}])
    assert table.markdown == ("**a &amp; b**\n\n| x\\|y | &lt;b&gt; |\n| --- | --- |\n| 1 2 | &lt;script&gt; |\n")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b & 5% #1 ${x}", r"a\_b \& 5\% \#1 \$\{x\}"),
        ("[2, 3]", "{[}2, 3{]}"),
        ("* x", "{*} x"),
        ("a\\b^c~d", r"a\textbackslash{}b\textasciicircum{}c\textasciitilde{}d"),
        ("w1 < 8 ≤ 9 | 2", r"w1 \ensuremath{<} 8 \ensuremath{\leq} 9 \ensuremath{|} 2"),
        ("-ln(-S)", r"\ensuremath{-}ln(\ensuremath{-}S)"),
        ("-0.5, (−3) 10-50", r"\ensuremath{-}0.5, (\ensuremath{-}3) 10{-}50"),
        ("2 × 10⁻¹²", r"2 \ensuremath{\times} 10$^{-12}$"),
        ("τ Ω Α", r"\ensuremath{\tau} \ensuremath{\Omega} A"),
        ("é Ü ç ß ø", "\\'e \\\"U \\c{c} \\ss{} \\o{}"),
        ("– … µ", r"-- \textellipsis{} \ensuremath{\mu}"),
        ("中\n x", "U+4E2D x"),
        ("Đ «x»", "U+0110 U+00ABxU+00BB"),  # letters that LaTeX lacks without a further package
    ],
)
def test_every_sign_is_escaped(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_latex_rows_have_as_many_cells_as_columns(written: tuple[Path, list[Path]]) -> None:
    texts = [path.read_text() for path in written[1] if path.suffix == ".tex" and path.stem != "all"]
    assert len(texts) == 17
    for text in [*texts, HARD.latex, WIDE.latex, LONG.latex]:
        environments(text)
        assert text.isascii()
        wanted = {len(found) - 1 for found in re.findall(r"\\begin\{(?:tabular|longtable)\}\{([lr]+)\}", text)}
        assert {len(re.findall(r"(?<!\\)&", row)) for row in body_rows(text)} == wanted
        # A bracket or a star right after the end of a row would be taken for its argument.
        assert not [row for row in body_rows(text) if row.lstrip()[0] in "[*"]


def test_latex_says_what_it_needs_and_takes_the_form_that_fits() -> None:
    assert HARD.latex.startswith("% Needs \\usepackage{booktabs, graphicx}; use it with \\input.")
    assert HARD.latex.count(r"\begin{table}") == 1
    assert r"\begin{tabular}{lrrr}" in HARD.latex
    assert LONG.latex.startswith("% Needs \\usepackage{booktabs, longtable}")
    assert len(body_rows(LONG.latex)) == 3 * PAGE_ROWS + 2
    assert WIDE.latex.count(r"\begin{table*}") == 3
    assert WIDE.latex.count(r"\caption{") == 1
    assert len(body_rows(WIDE.latex)) == 2 * PAGE_ROWS + 1 + 3


def test_a_table_without_rows_is_still_a_table() -> None:
    environments(NamedTable("none", "None.", pd.DataFrame(columns=["a", "b"])).latex)


def test_every_table_is_three_files_and_one_document_has_all(written: tuple[Path, list[Path]]) -> None:
    folder, paths = written
    assert paths[0] == folder / "tables" / "table1-principles.csv"
    assert paths[-1] == folder / "tables" / "all.tex"
    assert len(paths) == 17 * 3 + 1
    assert sorted(paths) == sorted((folder / "tables").iterdir())
    assert paths[-1].read_text().count(r"\input{") == 17


def test_without_tables_nothing_is_written(tmp_path: Path) -> None:
    assert write_tables("Nothing", [], tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "tables").write_text("a file")
    with pytest.raises(Unwritable, match="choose another folder"):
        write_tables("A title", tables(small_study()), tmp_path)


def compiled(folder: Path) -> str:
    """The log of the second run, which knows the references and the widths of long tables."""
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
            cwd=folder,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (folder / "all.pdf").stat().st_size > 0
    return (folder / "all.log").read_text(errors="replace")


@needs_latex
def test_the_document_of_a_study_compiles_and_nothing_is_too_wide(
    written: tuple[Path, list[Path]], tmp_path: Path
) -> None:
    folder = shutil.copytree(written[0] / "tables", tmp_path / "tables")
    log = compiled(folder)
    assert "Overfull" not in log
    assert "undefined references" not in log


@needs_latex
def test_tables_of_trainings_compile(tmp_path: Path) -> None:
    runs = four_trained()
    long = (
        *runs,
        trained("a_name & more", record([90.0 / epoch for epoch in range(1, 100)]), data="x/y z.parquet"),
    )
    found = only(small_study(), samples=(small_sample(),), trainings=long)
    paths = write_tables(found.title, tables(found), tmp_path)
    texts = {path.stem: path.read_text() for path in paths if path.suffix == ".tex"}
    # The first three columns are text; whole numbers and errors stand on the right.
    assert r"\begin{tabular}{lllrrrrrrrrrrr}" in texts["table2-performance"]
    assert r"Error, \%" in texts["table2-performance"]
    assert r"\begin{longtable}{lllrrrrrrrr}" in texts["training-epochs"]
    for text in texts.values():
        environments(text)
    log = compiled(tmp_path / "tables")
    assert "Overfull" not in log


@needs_latex
def test_hard_wide_and_long_tables_compile(tmp_path: Path) -> None:
    found = (HARD, WIDE, LONG)
    for table in found:
        (tmp_path / f"{table.name}.tex").write_text(table.latex)
    (tmp_path / "all.tex").write_text(document("All & 中 [x]", [table.name for table in found]))
    log = compiled(tmp_path)
    assert "Overfull" not in log
    assert "Float too large" not in log
