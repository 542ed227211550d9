"""Expressions on lines, as `ruff format` and Black would have them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

LINE_LENGTH = 88
INDENT = 4


@dataclass(frozen=True)
class Bracket:
    """A call, list or tuple.

    Attributes:
        head: Everything up to and including the opening bracket.
        parts: What is inside.
    """

    head: str
    parts: tuple[Expression, ...]

    @property
    def tail(self) -> str:
        """The closing bracket."""
        return {"(": ")", "[": "]"}[self.head[-1]]


Expression = str | Bracket


def prefixed(prefix: str, expression: Expression) -> Expression:
    """The expression with text before it."""
    if isinstance(expression, str):
        return prefix + expression
    return replace(expression, head=prefix + expression.head)


def flat(expression: Expression) -> str:
    """The expression on one line, however long."""
    if isinstance(expression, str):
        return expression
    return f"{expression.head}{', '.join(map(flat, expression.parts))}{expression.tail}"


def lines(expression: Expression, depth: int = 0, after: str = "") -> list[str]:
    """The expression on one line if it fits, else with the parts of a bracket on lines of their own.

    Args:
        expression: The expression.
        depth: How many levels it is indented.
        after: What follows it.
    """
    margin = " " * (INDENT * depth)
    line = f"{margin}{flat(expression)}{after}"
    if isinstance(expression, str) or len(line) <= LINE_LENGTH or not expression.parts:
        return [line]
    inside = [f"{margin}{' ' * INDENT}{', '.join(map(flat, expression.parts))}"]
    # The elements of a list stand one below the other; so do arguments that take more than a line.
    if expression.tail == "]" or len(inside[0]) > LINE_LENGTH:
        inside = [text for part in expression.parts for text in lines(part, depth + 1, ",")]
    return [margin + expression.head, *inside, margin + expression.tail + after]


def literal(text: str) -> str:
    """A text as Python writes it: in double quotes, unless there are more of them inside than of single ones.

    >>> print(literal("a cat"), literal('a "cat"'))
    "a cat" 'a "cat"'
    """
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(sign, quote) for sign in text) + quote


def filled(head: str, parts: Sequence[str]) -> list[str]:
    """A statement that is one tuple, with as many parts on a line as fit; a formatter leaves it so."""
    whole = f"{head}{', '.join(parts)}{',' if len(parts) == 1 else ''})"
    if len(whole) <= LINE_LENGTH:
        return [whole]
    rows: list[str] = []
    for part in parts:
        if rows and len(rows[-1]) + len(part) + 2 <= LINE_LENGTH:
            rows[-1] += f" {part},"
        else:
            rows.append(f"{' ' * INDENT}{part},")
    return [head, *rows, ")  # fmt: skip"]


def wrapped(text: str, before: str = "") -> list[str]:
    """A paragraph of a docstring, in lines that fit; nothing in it can end the docstring.

    Args:
        text: The paragraph.
        before: What its first line starts with.
    """
    safe = "".join(_escaped(sign, '"') for sign in " ".join(text.split()))
    return textwrap.wrap(safe, LINE_LENGTH, initial_indent=before, break_long_words=False, break_on_hyphens=False)


def _escaped(sign: str, quote: str) -> str:
    if sign in ("\\", quote):
        return "\\" + sign
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode()
