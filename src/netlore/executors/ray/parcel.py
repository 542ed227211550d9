"""Work on its way to another machine: setups, jobs and results as bytes, with the code that they need."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from netlore.errors import InvalidInput, NetloreError
from netlore.executors.ray.code import Code


@dataclass(frozen=True)
class Packed:
    """A setup whose jobs and results are bytes: what stands between caller and worker needs to know no type of
    theirs, nor import what they come from. Unpickled where the work is done, its code is there.
    """

    setup: bytes
    code: Code
    module: str = __name__

    def __post_init__(self) -> None:
        # What forks workers loads the module of a setup first.
        object.__setattr__(self, "__module__", self.module)

    def __reduce__(self) -> tuple[Callable[..., Unpacked], tuple[bytes, Code]]:
        """Unpickled as what it holds."""
        return _unpacked, (self.setup, self.code)

    def __call__(self) -> Callable[[bytes], bytes]:
        """The same in this process."""
        return _unpacked(self.setup, self.code)()


@dataclass(frozen=True)
class Unpacked:
    """The setup that came out."""

    setup: Callable[[], Callable[[Any], Any]]

    def __call__(self) -> Callable[[bytes], bytes]:
        """The function from a pickled job to a pickled pair: whether it was done, and the result or the error."""
        word, made = _tried(self.setup)
        if word == "failed":
            return lambda _: _pickled(word, made)
        return lambda job: _pickled(*_tried(lambda: made(pickle.loads(job))))


def _unpacked(setup: bytes, code: Code) -> Unpacked:
    code.install()
    try:
        return Unpacked(pickle.loads(setup))
    except (AttributeError, ImportError) as error:
        raise InvalidInput(
            f"a worker on the cluster cannot find what the work uses ({error}); install it on each node, or save "
            f"it in a module beside the script."
        ) from None


def packed(work: Any) -> bytes:
    """A setup or a job, pickled; raises `InvalidInput` if it cannot be."""
    try:
        return pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidInput(
            f"the work cannot be sent to a cluster ({error}); define what it uses at the top level of a module."
        ) from None


def opened(result: bytes) -> Any:
    """The result that a job gave; its error is raised."""
    word, value = pickle.loads(result)
    if word == "failed":
        raise value
    return value


def _tried(function: Callable[[], Any]) -> tuple[str, Any]:
    """`done` and what a function returns, or `failed` and its error, whatever code of others raises."""
    try:
        return "done", function()
    except BaseException as error:
        if not isinstance(error, NetloreError):
            error.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return "failed", error


def _pickled(word: str, value: Any) -> bytes:
    try:
        found = pickle.dumps((word, value), pickle.HIGHEST_PROTOCOL)
        pickle.loads(found)
    except Exception as error:  # whatever code of others does when it is copied
        said = f"{type(value).__name__}: {value}" if word == "failed" else f"a result cannot be sent ({error})"
        return pickle.dumps(("failed", RuntimeError(said)))
    return found
