"""examine(): several predictors look at one network and one batch; probe(): the same for any module."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate, InvalidInput, NotSeparable, UndeclaredEvidence
from netlore.plugins import import_object
from netlore.scoring.engine import AutogradEngine, Engine
from netlore.scoring.evidence import Evidence
from netlore.scoring.passes.layers import full_precision
from netlore.scoring.predictor import Predictor, resolve
from netlore.scoring.probe import Batch, Probe
from netlore.storage.score_table import Score, Status

Predictors = str | Predictor | Sequence[str | Predictor]

DTYPES = {"float32": torch.float32, "float64": torch.float64}


def probe(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    predictors: Predictors = "all",
    dtype: str | None = None,
    chunk_size: int | None = None,
    batches: Sequence[Batch] = (),
) -> dict[str, Score]:
    """Score any module on a batch; the module is left bit for bit as it was, also after an error.

    One network is examined at a time: of several threads each waits for its turn.

    Args:
        network: From images to logits (N, classes), on any device.
        images: The batch, normalised, shape (N, C, H, W).
        labels: Classes of the images, whole numbers, shape (N,).
        predictors: Names, predictors, or "all" for the paper's seven.
        dtype: Precision, `float32` or `float64`; None: float64 if a parameter of the network has it, and float32
            otherwise, also for half precision. Synflow always has float64.
        chunk_size: At most this number of images is evaluated at a time, for batches that do not fit in memory;
            None: all. Scores are the same up to rounding.
        batches: Further pairs of images and labels, for predictors that look at several batches.

    Returns:
        A score per predictor, by its name.

    Raises:
        InvalidInput: Unknown predictor or precision, images, labels and logits that do not fit together, or
            chunks for a network that is not known to act on each image alone, as one with batch norms, or
            fewer batches than a predictor looks at.
    """
    with ONE_AT_A_TIME:
        own = "float64" if any(p.dtype == torch.float64 for p in network.parameters()) else "float32"
        precision = check_dtype(dtype or own)
        return examine(
            AutogradEngine(network), images, labels, resolve(predictors), precision, chunk_size, batches
        )


def check_dtype(dtype: str) -> torch.dtype:
    """The precision of that name, if there is one."""
    if dtype not in DTYPES:
        raise InvalidInput(f"dtype {dtype!r} is not known; choose one of {', '.join(DTYPES)}.")
    return DTYPES[dtype]


# Held during an examination: it exchanges the network's tensors and sets global random generators.
ONE_AT_A_TIME = threading.RLock()


def examine(
    engine: Engine,
    images: Tensor,
    labels: Tensor,
    predictors: tuple[Predictor, ...],
    dtype: torch.dtype,
    chunk_size: int | None = None,
    batches: Sequence[Batch] = (),
) -> dict[str, Score]:
    """Score a network by several predictors, which share its passes: a score for each, by name."""
    needs = Evidence(*(kind for predictor in predictors for kind in predictor.needs))
    examined = Probe(engine, images, labels, needs, dtype, chunk_size, batches)
    remedy = partial(_remedy, engine, len(images), chunk_size)
    with ONE_AT_A_TIME:
        return {predictor.name: _score(predictor, examined, remedy) for predictor in predictors}


def _score(predictor: Predictor, examined: Probe, remedy: Callable[[], str]) -> Score:
    examined.declare(predictor.needs)
    start = time.perf_counter()
    value: float | None = None
    status: Status
    try:
        # A caller's inference mode would leave no graph to differentiate, mixed precision another precision.
        mixed = torch.autocast(examined.device.type, enabled=False)
        with torch.inference_mode(False), torch.no_grad(), mixed, full_precision(examined.device):
            value = float(predictor.compute(examined))
        finite = math.isfinite(value)
        status, reason = ("ok", "") if finite else ("nonfinite", f"the formula gave {value}")
    except NotSeparable as error:
        raise InvalidInput(f"{predictor.name} on {error}") from None
    except (InvalidInput, UndeclaredEvidence):
        raise
    except Degenerate as error:
        status, reason = "degenerate", _line(error)
    except Exception as error:
        # Whatever a network or a predictor raises is that network's result; the run goes on.
        status, reason = ("out_of_memory" if _is_out_of_memory(error) else "error"), _line(error)
    if status == "out_of_memory" and predictor.needs - Evidence.SYNAPTIC_FLOW:
        reason = reason.rstrip(".") + remedy()
    return Score(value if status == "ok" else None, status, reason, time.perf_counter() - start)


def _is_out_of_memory(error: Exception) -> bool:
    """By type. torch has none of its own for the CPU: there its allocator raises a plain `RuntimeError`."""
    of_the_cpu = type(error) is RuntimeError and "DefaultCPUAllocator" in str(error)
    return of_the_cpu or isinstance(error, torch.OutOfMemoryError | MemoryError)


def _remedy(engine: Engine, images: int, chunk_size: int | None) -> str:
    """What would take less memory, as the end of a sentence; empty if nothing would."""
    fewer = min(images, chunk_size or images) // 2
    if fewer == 0:
        return ""
    if coupling := engine.batch_coupling:
        return f"; {coupling}, so use a smaller batch, such as {images // 2} images"
    return f"; use chunk_size, such as {fewer}"


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0] or type(error).__name__


@contextmanager
def one_thread() -> Iterator[None]:
    """One torch thread: results of several would depend on their number, and processes share the cores already."""
    with ONE_AT_A_TIME:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def load_module(path: str, device: str = "cpu") -> nn.Module:
    """The network at an import path `package.module:attribute`: a module, or a function that returns one.

    The working directory can be imported from, as in `python -m`.

    Raises:
        InvalidInput: There is no such thing, importing or calling it fails, or it is no network.
    """
    found = import_object(f"module {path}", path)
    if callable(found) and not isinstance(found, nn.Module):
        try:
            found = found()
        except Exception as error:  # somebody else's code runs here; whatever it raises is its answer
            reason = (str(error).splitlines() or [""])[0]
            raise InvalidInput(f"module {path} fails ({type(error).__name__}: {reason}); correct it.") from None
    if not isinstance(found, nn.Module):
        raise InvalidInput(f"module {path} is a {type(found).__name__}, not a torch module; name a network.")
    return found.to(device)
