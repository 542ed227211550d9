"""Sections: where a reader sees the stem, the stages and the head of a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netlore.export.source.terms import Loop, Operation, Residual, Term, Terms, sizes_of, walk


@dataclass(frozen=True)
class Section:
    """Terms in sequence under one heading."""

    heading: str
    terms: Terms


def sections_of(terms: Terms, width: int, resolution: int) -> Iterator[Section]:
    """The sections of a network, for square images with so many channels and of that resolution.

    A stage is residual blocks in sequence; one that changes the width, or has a stride, starts a new one. What
    comes before the first stage is the stem, what comes after the last the head.
    """
    groups = _groups(terms)
    stages = [index for index, group in enumerate(groups) if _has_blocks(group[0])]
    for index, group in enumerate(groups):
        width = _width_after(group, width)
        for term in group:
            resolution = _resolution_after(term, resolution)
        pixels = f"{resolution}x{resolution} pixels"
        if index in stages:
            count = sum(_blocks_in(term) for term in group)
            blocks = f"{count} block{'s' if count > 1 else ''} of width {width}"
            yield Section(f"Stage {stages.index(index) + 1}: {blocks}, {pixels}", group)
        elif stages and index > stages[-1]:
            yield Section("Head", group)
        else:
            name = "Layers" if not stages else "Stem" if index < stages[0] else "Between stages"
            yield Section(f"{name}: width {width}, {pixels}", group)


def _groups(terms: Terms) -> list[Terms]:
    groups: list[list[Term]] = []
    for term in terms:
        same = bool(groups) and _has_blocks(groups[-1][-1]) == _has_blocks(term)
        if same and not (_has_blocks(term) and _starts_stage(term)):
            groups[-1].append(term)
        else:
            groups.append([term])
    return [tuple(group) for group in groups]


def _has_blocks(term: Term) -> bool:
    return any(isinstance(inside, Residual) for inside in walk((term,)))


def _blocks_in(term: Term) -> int:
    """Residual blocks in sequence; those inside a branch are part of theirs."""
    match term:
        case Operation():
            return 0
        case Residual():
            return 1
        case Loop(times, body):
            return int(times) * sum(_blocks_in(inside) for inside in body)


def _starts_stage(term: Term) -> bool:
    if not isinstance(term, Residual):
        return False
    widths = [size for name, size in sizes_of(term.branch) if name in ("w_in", "w_out")]
    strides = [size for name, size in sizes_of(term.branch) if name == "stride"]
    return any(stride != 1 for stride in strides) or (bool(widths) and widths[0] != widths[-1])


def _resolution_after(term: Term, resolution: int) -> int:
    """Side of what a term hands on, in pixels."""
    match term:
        case Operation("global_pool" | "linear"):
            return 1
        case Operation(_, sizes):
            return -(-resolution // int(dict(sizes).get("stride", 1)))
        case Residual(branch):
            for inside in branch:
                resolution = _resolution_after(inside, resolution)
            return resolution
        case Loop():
            return resolution


def _width_after(terms: Terms, width: int) -> int:
    """Channels of what terms hand on; the shortcut of a residual connection has those of its branch."""
    widths = [size for name, size in sizes_of(terms) if name == "w_out"]
    return int(widths[-1]) if widths else width
