"""A plan as terms that are each written as one expression or statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from netlore.space.plan import Chain, Layer, Plan, Repeat, Sum

Size = int | str
"""A number, or the name of a parameter in its place."""


@dataclass(frozen=True)
class Operation:
    """One or two modules.

    Attributes:
        kind: A layer's kind, or `convolution_norm`: a convolution and its batch norm.
        sizes: What they depend on, by name: `w_in`, `w_out`, `kernel`, `stride`, `groups`.
    """

    kind: str
    sizes: tuple[tuple[str, Size], ...] = ()


@dataclass(frozen=True)
class Residual:
    """A residual connection, with the ReLU that follows it if one does; an empty shortcut is the identity."""

    branch: Terms
    shortcut: Terms
    relu: bool = False


@dataclass(frozen=True)
class Loop:
    """Terms that are repeated, twice or more."""

    times: Size
    body: Terms


Term = Operation | Residual | Loop
Terms = tuple[Term, ...]

_SIZES = {
    "convolution": ("w_in", "w_out", "kernel", "stride", "groups"),
    "batch_norm": ("w_out",),
    "linear": ("w_in", "w_out"),
}


def terms_of(plan: Plan) -> Terms:
    """The terms of a plan of integers, in order."""
    return tuple(_joined(_joined(_unfolded(plan), _paired), _repeated))


def mapped(terms: Terms, change: Callable[[str, Size], Size]) -> Terms:
    """The terms with every size changed; `change` is called with its name and the size, in order."""

    def one(term: Term) -> Term:
        match term:
            case Operation(kind, sizes):
                return Operation(kind, tuple((name, change(name, size)) for name, size in sizes))
            case Residual(branch, shortcut, relu):
                return Residual(mapped(branch, change), mapped(shortcut, change), relu)
            case Loop(times, body):
                return Loop(change("times", times), mapped(body, change))

    return tuple(one(term) for term in terms)


def sizes_of(terms: Terms) -> list[tuple[str, Size]]:
    """Name and value of every size, in order."""
    found: list[tuple[str, Size]] = []

    def note(name: str, size: Size) -> Size:
        found.append((name, size))
        return size

    mapped(terms, note)
    return found


def walk(terms: Terms) -> Iterator[Term]:
    """Every term and those inside it, in order."""
    for term in terms:
        yield term
        match term:
            case Residual(branch, shortcut):
                yield from walk(branch + shortcut)
            case Loop(_, body):
                yield from walk(body)


def _unfolded(plan: Plan) -> Iterator[Term]:
    match plan:
        case Layer():
            names = _SIZES.get(plan.kind, ())
            yield Operation(plan.kind, tuple((name, int(getattr(plan, name))) for name in names))
        case Chain(parts):
            for part in parts:
                yield from _unfolded(part)
        case Sum(branch, shortcut):
            yield Residual(terms_of(branch), terms_of(shortcut))
        case Repeat(part, times):
            if int(times) == 1:
                yield from _unfolded(part)
            elif int(times) > 1 and (body := terms_of(part)):
                yield Loop(int(times), body)


def _joined(terms: Iterable[Term], join: Callable[[Term, Term], Term | None]) -> list[Term]:
    """The terms, two neighbours replaced by one wherever `join` returns one."""
    joined: list[Term] = []
    for term in terms:
        both = join(joined[-1], term) if joined else None
        if both:
            joined[-1] = both
        else:
            joined.append(term)
    return joined


def _paired(first: Term, second: Term) -> Term | None:
    match first, second:
        case Operation("convolution", sizes), Operation("batch_norm"):
            return Operation("convolution_norm", sizes)
        case Residual(relu=False), Operation("relu"):
            return replace(first, relu=True)
    return None


def _repeated(first: Term, second: Term) -> Term | None:
    """One loop for a residual block and the same blocks after it."""
    times, body = (first.times, first.body) if isinstance(first, Loop) else (1, (first,))
    more, again = (second.times, second.body) if isinstance(second, Loop) else (1, (second,))
    if body == again and len(body) == 1 and isinstance(body[0], Residual):
        return Loop(int(times) + int(more), body)
    return None
