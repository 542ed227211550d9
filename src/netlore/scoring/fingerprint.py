"""The fingerprint of a definition: whether two functions of one name compute the same thing."""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np


def fingerprint(definition: object) -> str:
    """Sixteen hexadecimal digits of what a function does, the same in every process.

    It is made of the function's code without comments and docstring, and of what the code refers to in its own
    module: functions and classes by their code; numbers, texts, containers and arrays by their values. What comes
    from other modules counts by its name alone.
    """
    return hashlib.sha256("\n".join(_described(definition, set())).encode()).hexdigest()[:16]


def _described(value: Any, seen: set[int], home: str = "") -> Iterator[str]:
    """Lines that describe a value; `home` is the module whose definitions are read."""
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, FunctionType | type):
        own = home in ("", value.__module__)
        yield value.__qualname__ if own else f"{value.__module__}.{value.__qualname__}"
        if own and id(value) not in seen:
            seen.add(id(value))
            yield from _function(value, seen) if isinstance(value, FunctionType) else _class(value, seen)
    elif isinstance(value, ModuleType):  # before arrays: numpy, too, has a dtype and a shape
        yield value.__name__
    elif isinstance(value, MethodType):
        yield from _described((value.__func__, vars(value.__self__)), seen, home)
    elif isinstance(value, functools.partial):
        yield from _described((value.func, value.args, value.keywords), seen, home)
    elif isinstance(value, _PLAIN) or (type(value).__module__ == "torch" and not hasattr(value, "shape")):
        yield repr(value)
    elif isinstance(value, Mapping):
        yield from _described(list(value.items()), seen, home)
    elif isinstance(value, set | frozenset):
        yield from sorted("; ".join(_described(item, seen, home)) for item in value)
    elif isinstance(value, tuple | list):
        yield f"{type(value).__name__} of {len(value)}"
        for item in value:
            yield from _described(item, seen, home)
    elif hasattr(value, "dtype") and hasattr(value, "shape"):
        array = np.asarray(value.detach().cpu().double() if hasattr(value, "detach") else value)
        yield f"{value.dtype}{tuple(value.shape)} {hashlib.sha256(array.tobytes()).hexdigest()}"
    elif id(value) not in seen:
        seen.add(id(value))
        yield f"{type(value).__module__}.{type(value).__qualname__}"
        if home in ("", type(value).__module__):
            yield from _described((type(value), getattr(value, "__dict__", None)), seen, home)
        elif hasattr(value, "definition"):  # a predictor, or a kind of evidence
            yield from _described(value.definition, seen, home)


_PLAIN = (bool, int, float, complex, str, bytes, type(None), Enum, PurePath)


def _class(kind: type, seen: set[int]) -> Iterator[str]:
    yield f"class {kind.__qualname__}({', '.join(base.__qualname__ for base in kind.__bases__)})"
    for name, attribute in vars(kind).items():
        function = getattr(attribute, "__func__", getattr(attribute, "fget", attribute))
        if isinstance(function, FunctionType) or not name.startswith("__"):
            yield name
            yield from _described(function, seen, kind.__module__)


def _function(function: FunctionType, seen: set[int]) -> Iterator[str]:
    yield _code(function)
    yield from _described((function.__defaults__, function.__kwdefaults__), seen, function.__module__)
    for name, value in sorted(_referred(function).items()):
        yield name
        yield from _described(value, seen, function.__module__)


def _referred(function: FunctionType) -> dict[str, Any]:
    """The variables outside of a function that its code names, those of functions within it too."""
    found = {
        name: function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__
    }
    closed = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    # An empty cell holds nothing yet.
    return {**found, **{name: cell.cell_contents for name, cell in closed if cell != CellType()}}


def _names(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _code(function: FunctionType) -> str:
    """A function's syntax tree; where its source is not to be had, its instructions."""
    code = function.__code__
    try:
        lines, _ = inspect.findsource(function)
        nodes = ast.walk(ast.parse("".join(lines)))
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        here = [n for n in nodes if isinstance(n, kinds) and _first_line(n) == code.co_firstlineno]
        named = [n for n in here if getattr(n, "name", "<lambda>") == function.__name__]
        if named:
            return "\n".join(ast.unparse(part) for n in named for part in (n.args, *_body(n)))
    except (OSError, TypeError, SyntaxError):
        pass
    constants = [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
    return f"{code.co_code.hex()} {constants!r} {code.co_names!r}"


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[Any]:
    if isinstance(node, ast.Lambda):
        return [node.body]
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
