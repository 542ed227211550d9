"""Blocks: residual connections of one form become one function, whose parameters are the sizes that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netlore.export.source.terms import Loop, Residual, Size, Terms, mapped, sizes_of

_DEFAULTS = ("stride", "groups")
_WIDTHS = ("w_in", "w_out")
_Column = tuple[str, tuple[Size, ...]]


@dataclass(frozen=True)
class Block:
    """A function that makes residual connections of one form.

    Attributes:
        name: Its name.
        branch: The branch, with parameters in place of the sizes that differ.
        relu: Whether a ReLU follows.
        parameters: Names of the parameters for sizes; those with a default last.
        has_shortcut: Whether some connection's shortcut is more than the identity. It is then a parameter: its
            form may differ where that of the branch does not.
    """

    name: str
    branch: Terms
    relu: bool
    parameters: tuple[str, ...]
    has_shortcut: bool

    def arguments(self, residual: Residual) -> dict[str, Size]:
        """The sizes with which the function makes a connection, by parameter."""
        pairs = zip(sizes_of(self.branch), sizes_of(residual.branch), strict=True)
        found = {name: size for (_, name), (_, size) in pairs if isinstance(name, str)}
        return {name: found[name] for name in self.parameters}


def has_default(parameter: str) -> bool:
    """Whether a parameter is 1 where it is not given."""
    return parameter.startswith(_DEFAULTS)


def is_width(parameter: str) -> bool:
    """Whether a parameter counts the channels that go in or out, and needs no name in a call."""
    return parameter in ("w_in", "w_out", "width")


def form_of(residual: Residual) -> tuple[Terms, bool]:
    """What connections made by one function have in common."""
    return mapped(residual.branch, lambda name, size: 0), residual.relu


def blocks_of(terms: Terms) -> dict[tuple[Terms, bool], Block]:
    """The blocks of a network, by form, in order; connections inside a branch belong to it."""
    groups: dict[tuple[Terms, bool], list[Residual]] = {}
    for residual in _residuals(terms):
        groups.setdefault(form_of(residual), []).append(residual)
    return {
        form: _block("block" if number == 1 else f"block_{number}", group)
        for number, (form, group) in enumerate(groups.items(), start=1)
    }


def _residuals(terms: Terms) -> Iterator[Residual]:
    for term in terms:
        match term:
            case Residual():
                yield term
            case Loop(_, body):
                yield from _residuals(body)


def _block(name: str, group: Sequence[Residual]) -> Block:
    columns = _columns(group)
    names = _names(columns)
    # A size that is the same everywhere stays a number.
    texts = iter([names.get(column, column[1][0]) for column in columns])
    return Block(
        name,
        mapped(group[0].branch, lambda name, size: next(texts)),
        group[0].relu,
        tuple(sorted(names.values(), key=has_default)),
        any(residual.shortcut for residual in group),
    )


def _columns(group: Sequence[Residual]) -> list[_Column]:
    """For each size of the branch, what it is and its value in every connection.

    Equal columns are one parameter. Widths going in and out are of one kind; a stride that happens to equal a
    number of groups everywhere is still a stride.
    """
    rows = zip(*(sizes_of(residual.branch) for residual in group), strict=True)
    return [("width" if row[0][0] in _WIDTHS else row[0][0], tuple(size for _, size in row)) for row in rows]


def _names(columns: Sequence[_Column]) -> dict[_Column, str]:
    """Names of the columns that vary: widths as they come in and go out, others by what they are."""
    widths = [column for column in columns if column[0] == "width"]
    ends: dict[_Column, str] = {}
    if widths:
        ends = {widths[0]: "w_in", widths[-1]: "w_out"} if widths[0] != widths[-1] else {widths[0]: "width"}
    names: dict[_Column, str] = {}
    for column in (*ends, *widths, *columns):
        if column not in names and len(set(column[1])) > 1:
            base = ends.get(column) or ("inner" if column[0] == "width" else column[0])
            taken = sum(name.startswith(base) for name in names.values())
            names[column] = f"{base}_{taken + 1}" if taken else base
    return names
