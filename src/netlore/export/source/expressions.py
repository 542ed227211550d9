"""Terms as Python expressions and statements that append to a list of layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from netlore.export.source.blocks import Block, form_of, has_default, is_width
from netlore.export.source.layout import Bracket, Expression, lines, prefixed
from netlore.export.source.terms import Loop, Operation, Residual, Size, Term, Terms, sizes_of

Blocks = Mapping[tuple[Terms, bool], Block]

_RELU = "nn.ReLU(inplace=True)"


def listed(terms: Terms) -> Expression:
    """The terms as a list of modules."""
    elements = tuple(element for term in terms for element in _elements(term))
    head = elements[0] if len(elements) == 1 else ""
    if isinstance(head, Bracket) and head.head.startswith("*"):
        return Bracket(head.head[1:], head.parts)
    return Bracket("[", elements)


def statements(terms: Terms, blocks: Blocks, depth: int) -> Iterator[str]:
    """The lines that append the terms to `layers`, indented by so many levels."""
    for plain, group in groupby(terms, key=lambda term: isinstance(term, Operation)):
        if plain:
            yield from lines(prefixed("layers += ", listed(tuple(group))), depth)
            continue
        for term in group:
            match term:
                case Residual():
                    yield from lines(prefixed("layers += ", _block_call(term, blocks[form_of(term)])), depth)
                case Loop(times, body):
                    yield from lines(f"for _ in range({times}):", depth)
                    yield from statements(body, blocks, depth + 1)


def block_function(block: Block) -> list[str]:
    """The lines of the function that makes a block."""
    parameters = [f"{name}: int{' = 1' if has_default(name) else ''}" for name in block.parameters]
    if block.has_shortcut:
        parameters.append("shortcut: Sequence[nn.Module] = ()")
    shortcut = "shortcut" if block.has_shortcut else "[]"
    made = (f"Residual(branch, {shortcut})", *([_RELU] if block.relu else []))
    return [
        *lines(Bracket(f"def {block.name}(", tuple(parameters)), after=" -> list[nn.Module]:"),
        f'    """{_description(block)}"""',
        *lines(prefixed("branch = ", listed(block.branch)), 1),
        *lines(prefixed("return ", Bracket("[", made)), 1),
    ]


def _description(block: Block) -> str:
    sizes = [size for name, size in sizes_of(block.branch) if name == "kernel"]
    if not sizes or not all(isinstance(size, int) for size in sizes):
        return "A residual block."
    *others, last = [f"{size}x{size}" for size in sizes]
    if not others:
        return f"A residual block of one {last} convolution."
    return f"A residual block of {', '.join(others)} and {last} convolutions."


def _block_call(residual: Residual, block: Block) -> Expression:
    arguments: list[Expression] = [
        str(size) if is_width(name) else f"{name}={size}"
        for name, size in block.arguments(residual).items()
        if not (has_default(name) and size == 1)
    ]
    if residual.shortcut:
        arguments.append(prefixed("shortcut=", listed(residual.shortcut)))
    return Bracket(f"{block.name}(", tuple(arguments))


def _elements(term: Term) -> Iterator[Expression]:
    """The term as elements of a list; what gives several modules is starred."""
    match term:
        case Operation(kind, sizes):
            yield _operation(kind, dict(sizes))
        case Residual(branch, shortcut, relu):
            yield Bracket("Residual(", (listed(branch), listed(shortcut)))
            if relu:
                yield _RELU
        case Loop(times, body):
            yield Bracket("*repeated(", (str(times), prefixed("lambda: ", listed(body))))


def _operation(kind: str, sizes: Mapping[str, Size]) -> Expression:
    match kind:
        case "convolution_norm":
            named = [f"kernel={sizes['kernel']}", *_given(sizes)]
            return Bracket("*convolution(", (str(sizes["w_in"]), str(sizes["w_out"]), *named))
        case "convolution":
            kernel = sizes["kernel"]
            padding = f"padding={kernel // 2 if isinstance(kernel, int) else f'{kernel} // 2'}"
            widths = (str(sizes["w_in"]), str(sizes["w_out"]), str(kernel))
            return Bracket("nn.Conv2d(", (*widths, padding, *_given(sizes), "bias=False"))
        case "batch_norm":
            return f"nn.BatchNorm2d({sizes['w_out']})"
        case "linear":
            return f"nn.Linear({sizes['w_in']}, {sizes['w_out']})"
        case "global_pool":
            return "GlobalPool()"
        case _:
            return _RELU


def _given(sizes: Mapping[str, Size]) -> list[str]:
    """Stride and groups where they are not 1."""
    return [f"{name}={sizes[name]}" for name in ("stride", "groups") if sizes[name] != 1]
