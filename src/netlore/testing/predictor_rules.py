"""Rules of predictors that others had to check by hand: order, precision, dead lines, direction."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import CodeType, FrameType
from typing import Any

import numpy as np
import torch

from netlore.data import task
from netlore.scoring.examination import probe
from netlore.scoring.predictor import Predictor
from netlore.scoring.scorer import score
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.families.nats_topology import nats_topology_architecture
from netlore.storage.score_table import Score
from netlore.testing import examples
from netlore.testing.conformance import Checked

BETTER, WORSE = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    "|avg_pool_3x3~0|+|avg_pool_3x3~0|none~1|+|avg_pool_3x3~0|none~1|none~2|",
)
"""Cells of NAS-Bench-201, with 93.8 % and 75.4 % test accuracy on CIFAR-10 after 200 epochs."""

PRECISION = 0.01
"""Allowed between float32 and float64, on the scale on which scores are analysed, relative beyond 1."""

UNKNOWN = "no direction is known"
"""What `Predictor.direction` says of one that is exempt from the rule of the known pair."""


def check_order(predictor: Predictor, count: int, checked: Checked) -> None:
    """The same images in another order give the same number, if nothing but the batch as a whole is looked at."""
    if predictor.conditions.inputs not in ("the batch", "the batch, an image at a time"):
        return
    for name in ("residual_network", "PlainNetwork"):  # where no dropout differs from image to image
        first, *further = examples.batches(count)
        (images, labels), *others = ((one.flip(0), other.flip(0)) for one, other in (first, *further))
        build = examples.networks()[name]
        before = probe(build(), *first, predictor, "float64", batches=further)[predictor.name]
        after = probe(build(), images, labels, predictor, "float64", batches=others)[predictor.name]
        found = f"on {name} it had {_said(before)}, and {_said(after)} for the images from the last to the first"
        checked.require(
            before.status == after.status and _near(predictor, before, after, 1e-6),
            "the order of images does not matter",
            found,
        )


def check_precisions(predictor: Predictor, by_dtype: dict[str, dict[str, Score]], checked: Checked) -> None:
    """In float32 it is what it is in float64, to a hundredth; `by_dtype` has scores by the networks' names."""
    for name, single in by_dtype["float32"].items():
        double = by_dtype["float64"][name]
        found = f"on {name} it had {_said(single)} in float32 and {_said(double)} in float64"
        same = single.status == double.status and _near(predictor, single, double, PRECISION)
        checked.require(same, "precisions agree", found)


def check_devices(predictor: Predictor, count: int, found: dict[str, Score], checked: Checked) -> None:
    """On the accelerator, if there is one, it is what it is on the processor, in float64."""
    if not torch.cuda.is_available():
        return
    for name, before in found.items():
        first, *further = examples.batches(count)
        network = examples.networks()[name]().to("cuda")
        after = probe(network, *first, predictor, "float64", batches=further)[predictor.name]
        same = before.status == after.status and _near(predictor, before, after, 1e-6)
        checked.require(same, "devices agree", f"on {name} it had {_said(before)} and there {_said(after)}")


def check_other_networks(predictor: Predictor, found: dict[str, Score], checked: Checked) -> None:
    """It tells networks apart: a number that all have is no score."""
    values = [one.value for one in found.values() if one.value is not None]
    text = f"it gave {values[0]!r} for each of {len(values)}" if values else "it gave none"
    checked.require(len(values) < 2 or len(set(values)) > 1, "networks have different scores", text)


def check_direction(predictor: Predictor, checked: Checked) -> None:
    """Of two trained networks it prefers the better one, unless it says something else about its direction."""
    if predictor.direction != Predictor.direction:
        return
    cells = [nats_topology_architecture(text) for text in (BETTER, WORSE)]
    rows = score(cells, predictor, task("cifar10", batch_size=8)).rows
    better, worse = (row.score for row in rows)
    if better.value is None or worse.value is None:
        return
    text = f"it gave {_said(better)} to the one of 93.8 % accuracy and {_said(worse)} to the one of 75.4 %"
    rule = f"of two trained networks it prefers the better one, or its `direction` is {UNKNOWN!r}"
    checked.require(better.value > worse.value, rule, text)


def check_lines(predictor: Predictor, scored: Callable[[], Any], checked: Checked) -> None:
    """Each line of its function runs on some network, but for those that refuse one."""
    code = getattr(predictor.compute, "__code__", None)
    if not isinstance(code, CodeType):
        return
    needed = _lines(predictor.compute)
    seen: set[int] = set()
    with _watching(code, seen):
        scored()
    dead = sorted(needed - seen)
    checked.require(not dead, "every line of its function runs on some network", f"line {dead[:1]} never does")


def _lines(function: Callable[..., Any]) -> set[int]:
    """The first lines of a function's statements, but for those of blocks that end by raising or returning."""
    with suppress(OSError, TypeError, SyntaxError):
        source, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(source))).body[0]
        if isinstance(tree, ast.FunctionDef):
            return {line + first - 1 for line in _of_block(tree.body)}
    return set()


def _of_block(block: list[ast.stmt]) -> Iterator[int]:
    for one in block:
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
            continue  # a docstring
        yield one.lineno
        for part in ("body", "orelse", "finalbody"):
            inner = getattr(one, part, [])
            if isinstance(one, ast.FunctionDef) or (inner and isinstance(inner[-1], ast.Raise | ast.Return)):
                continue
            yield from _of_block(inner)


@contextmanager
def _watching(code: CodeType, seen: set[int]) -> Iterator[None]:
    """Note the lines of a function that run."""

    def in_function(frame: FrameType, event: str, argument: Any) -> Any:
        seen.add(frame.f_lineno)
        return in_function

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        return in_function if frame.f_code is code else None

    before = sys.gettrace()
    sys.settrace(calls)
    try:
        yield
    finally:
        sys.settrace(before)


def _near(predictor: Predictor, one: Score, other: Score, allowed: float) -> bool:
    if one.value is None or other.value is None:
        return True
    first, second = TRANSFORMS.get(predictor.transform).apply(np.array([one.value, other.value]))
    if not np.isfinite([first, second]).all():
        first, second = one.value, other.value
    return bool(abs(first - second) <= allowed * max(1.0, abs(first), abs(second)))


def _said(score: Score) -> str:
    return score.status if score.value is None else f"{score.value:.6g}"
