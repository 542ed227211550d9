"""Plans unlike those of the families that come with netlore."""

from __future__ import annotations

from hypothesis import strategies as st

from netlore.space.plan import (
    Chain,
    Graph,
    Join,
    Layer,
    Plan,
    Repeat,
    Sum,
    Switch,
    convolution,
    excitation,
    head,
    projection,
    relu,
)

CLASSES = 4


def norm(width: int) -> Layer:
    """A batch norm on its own."""
    return Layer("batch_norm", width, width)


def bare(w_in: int, w_out: int, kernel: int, stride: int = 1, groups: int = 1) -> Layer:
    """A convolution without batch norm."""
    return Layer("convolution", w_in, w_out, kernel, stride, groups)


def odd_plan() -> Plan:
    """Blocks within blocks, repetitions inside a branch, layers without batch norm, shortcuts of two forms."""
    cell = Sum(
        Chain((convolution(8, 8, 3), Repeat(Chain((relu(8), convolution(8, 8, 1))), 3))),
        Sum(bare(8, 8, 1), Repeat(relu(8), 0)),
    )
    wide = Sum(Chain((relu(8), bare(8, 16, 5, 2, groups=8), norm(16))), projection(8, 16, 2))
    narrow = Sum(Chain((relu(16), bare(16, 16, 3, 1, groups=4), norm(16))), Repeat(relu(16), 0))
    stem = (bare(3, 8, 3, stride=2), relu(8), norm(8))
    between = (relu(16), bare(16, 8, 1))
    return Chain(
        (*stem, cell, relu(8), Repeat(cell, 2), wide, Repeat(narrow, 4), *between, cell, head(8, CLASSES))
    )


def plain_plan() -> Plan:
    """No residual connection at all."""
    layers = Chain((convolution(6, 6, 3, groups=3), relu(6)))
    return Chain((convolution(3, 6, 3, stride=2), Repeat(layers, 3), Repeat(layers, 1), head(6, CLASSES)))


def cell_plan() -> Plan:
    """A graph whose paths begin with ReLUs, joined and gated paths, pools, a switch, and layers with biases."""
    fresh = Chain((relu(8), bare(8, 8, 3)))
    half = Layer("convolution", 8, 4, stride=2, padding=0, bias=True)
    cell = Graph(
        (
            ((0, Chain(())),),
            ((0, fresh), (1, Switch(1, (relu(8), Layer("avg_pool", 8, 8, kernel=3))))),
            ((0, Layer("zero", 8, 8)), (1, fresh), (2, Chain((Layer("silu", 8, 8), norm(8))))),
        )
    )
    reduced = Join((half, Chain((Layer("shift", 8, 8), half))))
    pool = Layer("max_pool", 8, 8, kernel=2, stride=1, padding=0)
    ends = (Layer("relu6", 8, 8), Layer("global_pool", 8, 8), Layer("linear", 8, CLASSES, bias=False))
    return Chain((bare(3, 8, 3), cell, relu(8), Repeat(cell, 2), reduced, excitation(8, 2), pool, *ends))


def token_plan() -> Plan:
    """A block of a transformer, with places for fewer positions than an image of 12 pixels has."""
    attention = (Layer("linear", 8, 24), Layer("attention", 24, 8, groups=2), Layer("linear", 8, 8, bias=False))
    wide = (Layer("linear", 8, 12), Layer("gelu", 12, 12), Layer("linear", 12, 8))
    branches = (Sum(Chain((Layer("layer_norm", 8, 8), *branch)), Chain(())) for branch in (attention, wide))
    patches = Layer("convolution", 3, 8, kernel=4, stride=4, padding=0, bias=True)
    tokens = Layer("tokens", 8, 8, kernel=2)
    return Chain((patches, tokens, *branches, Layer("token_pool", 8, 8), Layer("linear", 8, CLASSES)))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan that is a network: layers, sums and repetitions nested up to three deep."""
    parts: list[Plan] = []
    width = 3
    for _ in range(draw(st.integers(1, 5))):
        part, width = draw(_parts(width, depth=2))
        parts.append(part)
    return Chain((*parts, head(width, CLASSES)))


@st.composite
def _parts(draw: st.DrawFn, w_in: int, depth: int) -> tuple[Plan, int]:
    w_out = draw(st.sampled_from((w_in, 4, 8)))
    kernel, stride = draw(st.sampled_from((1, 3, 5))), draw(st.sampled_from((1, 1, 2)))
    groups = draw(st.sampled_from([g for g in (1, 2, 3, 4) if w_in % g == 0 and w_out % g == 0]))
    kinds = ["convolution", "bare", "relu", "norm", *(["sum", "repeat", "chain"] if depth else [])]
    match draw(st.sampled_from(kinds)):
        case "convolution":
            return convolution(w_in, w_out, kernel, stride, groups), w_out
        case "bare":
            return bare(w_in, w_out, kernel, stride, groups), w_out
        case "relu":
            return relu(w_in), w_in
        case "norm":
            return norm(w_in), w_in
        case "repeat":
            return Repeat(draw(_kept(w_in, depth - 1)), draw(st.integers(0, 3))), w_in
        case "sum":
            branch = Chain((bare(w_in, w_out, kernel, stride, groups), draw(_kept(w_out, depth - 1))))
            block = Sum(branch, draw(_shortcuts(w_in, w_out, stride)))
            return (Chain((block, relu(w_out))) if draw(st.booleans()) else block), w_out
        case _:
            first, w_in = draw(_parts(w_in, depth - 1))
            second, w_out = draw(_parts(w_in, depth - 1))
            return Chain((first, second)), w_out


@st.composite
def _kept(draw: st.DrawFn, width: int, depth: int) -> Plan:
    """A part that keeps channels and resolution."""
    kinds = ["convolution", "norm", "relu", *(["sum", "repeat"] if depth > 0 else [])]
    match draw(st.sampled_from(kinds)):
        case "convolution":
            return convolution(width, width, draw(st.sampled_from((1, 3))))
        case "norm":
            return norm(width)
        case "relu":
            return relu(width)
        case "sum":
            return Sum(draw(_kept(width, depth - 1)), draw(_shortcuts(width, width, 1)))
        case _:
            return Repeat(draw(_kept(width, depth - 1)), draw(st.integers(0, 3)))


@st.composite
def _shortcuts(draw: st.DrawFn, w_in: int, w_out: int, stride: int) -> Plan:
    plain = projection(w_in, w_out, stride)
    return draw(st.sampled_from((plain, convolution(w_in, w_out, 3, stride), bare(w_in, w_out, 1, stride))))
