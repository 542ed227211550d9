"""Blocks of code of the pages, and the marks that say how far each is run.

A block without a mark is run as it stands. A comment before it, which no page shows, is a mark:

    <!-- parsed, not run: REASON -->            its commands parse, its Python compiles
    <!-- run by tests/PATH.py -->               another test has it
    <!-- run with --networks 8 -->              its commands run with these options, as far as they have them
    <!-- run with NEW for OLD; NEW for OLD -->  its text is run with these replaced
    <!-- before: CODE -->                       CODE of the same language runs first
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = ("", "bash", "console", "sh")
MARK = re.compile(r"<!-- *(parsed, not run|run by|run with|before):?\s+(.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code: where it stands, its language, and what its marks say."""

    place: str
    language: str
    text: str
    marks: dict[str, str]

    @property
    def code(self) -> str:
        """What is run: with what goes before, and with what is replaced."""
        text = self.text
        for pair in self.marks.get("run with", "").split("; "):
            new, between, old = pair.partition(" for ")
            if between:
                assert old in text, f"{self.place}: there is no {old!r} to replace"
                text = text.replace(old, new)
        return f"{self.marks.get('before', '')}\n{text}"

    @property
    def options(self) -> list[list[str]]:
        """Options with which its commands are run, beside their own, each with its values."""
        given = self.marks.get("run with", "")
        return [
            ["--" + words[0], *words[1:]]
            for words in map(shlex.split, given.split("--"))
            if given[:2] == "--" and words
        ]

    @property
    def lines(self) -> list[tuple[list[str], str]]:
        """The words of each command, and what it is shown to print: only where commands have a prompt."""
        prompt = any(line.startswith("$ ") for line in self.code.splitlines())
        found: list[tuple[str, list[str]]] = []
        for line in self.code.replace("\\\n", " ").splitlines():
            if not prompt or line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            elif found:
                found[-1][1].append(line)
        pairs = ((shlex.split(line, comments=True), "\n".join(shown)) for line, shown in found)
        return [(words, shown) for words, shown in pairs if words]


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, those of indented commands included, which are only parsed."""
    return [*_blocks(page)]


def _blocks(page: Path) -> Iterator[Block]:
    marks: dict[str, str] = {}
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8")):
        place = f"{page.parent.name}/{page.name}:{token.map[0] + 1}" if token.map else ""
        if token.type == "html_block":
            marks |= dict(MARK.findall(token.content))
        elif token.type == "fence":
            yield Block(place, token.info.strip(), token.content, marks)
            marks = {}
        elif token.type == "code_block" and re.match(r"(netlore|python|make|cd) ", token.content):
            yield Block(place, "", token.content, {"parsed, not run": "in the text"})
        elif token.nesting >= 0 and token.type not in ("inline",):
            assert not marks, f"{place}: no block follows the mark"


def inline_commands(page: Path) -> list[list[str]]:
    """What stands in the text as `netlore ...`, in words."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))
    codes = (child.content for token in tokens for child in token.children or () if child.type == "code_inline")
    return [shlex.split(code)[1:] for code in codes if code.startswith("netlore ")]


def options_of(command: Any) -> set[str]:
    """All options of a command."""
    return {"--help", *(word for one in command.params for word in (*one.opts, *one.secondary_opts))}
