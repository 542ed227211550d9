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

from netlore.arguments import validated
from netlore.errors import Degenerate, InvalidInput, NotSeparable, Saturated, UndeclaredEvidence
from netlore.scoring.combination import combinations_of, with_members
from netlore.scoring.engine import AutogradEngine, Engine
from netlore.scoring.evidence import Evidence
from netlore.scoring.inputs import Inputs
from netlore.scoring.objective import Loss, Objective, Output
from netlore.scoring.passes.hessian import first_line
from netlore.scoring.passes.isolation import is_out_of_memory, undisturbed
from netlore.scoring.predictor import Predictor, resolve
from netlore.scoring.probe import Batch, Probe
from netlore.storage.score_table import Score, Status

Predictors = str | Predictor | Sequence[str | Predictor]

_NOT_FINITE = "the network's outputs for the batch are not all finite"

DTYPES = {"float32": torch.float32, "float64": torch.float64}


@validated
def probe(
    network: nn.Module,
    images: Inputs,
    labels: Tensor,
    predictors: Predictors = "all",
    dtype: str | None = None,
    chunk_size: int | None = None,
    batches: Sequence[Batch] = (),
    *,
    loss: Loss = "cross_entropy",
    output: Output = None,
) -> dict[str, Score]:
    """Score any module on a batch; the module is left bit for bit as it was, also after an error.

    One network is examined at a time: of several threads each waits for its turn.

    Args:
        network: Any module, on any device; usually from images to logits (N, classes).
        images: The batch as the network takes it: a tensor with N rows, as of normalised images (N, C, H, W), a
            sequence of such tensors, or a mapping of them by the names of its arguments.
        labels: N targets of the loss; usually classes of the images, whole numbers, shape (N,).
        predictors: Names, predictors, or "all" for the paper's seven.
        dtype: Precision, `float32` or `float64`; None: float64 if a parameter of the network has it, and float32
            otherwise, also for half precision. Synflow always has float64.
        chunk_size: At most this number of images is evaluated at a time, for batches that do not fit in memory;
            None: all. Scores are the same up to rounding.
        batches: Further pairs of images and labels, for predictors that look at several batches.
        loss: `cross_entropy`, of dense labels as well; `mse`; `binary_cross_entropy` of logits; or a function of
            outputs and labels that returns their mean over images.
        output: Of a network that returns several things, the name of the output that counts, or a function that
            takes it; None: `logits` or `out`, with the losses of auxiliary heads as in training, else the first.

    Returns:
        A score per predictor, by its name.

    Raises:
        InvalidInput: Unknown predictor, precision or loss, images, labels and outputs that do not fit together, a
            loss that is no mean over images, chunks for a network that is not known to act on each image alone, as
            one with batch norms, or fewer batches than a predictor looks at.
    """
    with ONE_AT_A_TIME:
        engine = AutogradEngine(network)
        precision = check_dtype(dtype) if dtype is not None else own_dtype(engine.network)
        found = resolve(predictors)
        return examine(engine, images, labels, found, precision, chunk_size, batches, Objective(loss, output))


def check_dtype(dtype: str) -> torch.dtype:
    """The precision of that name, if there is one."""
    if dtype not in DTYPES:
        raise InvalidInput(f"dtype {dtype!r} is not known; choose one of {', '.join(DTYPES)}.")
    return DTYPES[dtype]


def own_dtype(network: nn.Module) -> torch.dtype:
    """The precision in which a network is examined if none is asked for."""
    return torch.float64 if any(one.dtype == torch.float64 for one in network.parameters()) else torch.float32


# Held during an examination: it exchanges the network's tensors and sets global random generators.
ONE_AT_A_TIME = threading.RLock()


def examine(
    engine: Engine,
    inputs: Inputs,
    targets: Tensor,
    predictors: tuple[Predictor, ...],
    dtype: torch.dtype,
    chunk_size: int | None = None,
    batches: Sequence[Batch] = (),
    objective: Objective | None = None,
) -> dict[str, Score]:
    """Score a network by several predictors, which share its passes: a score for each, by name."""
    combinations = combinations_of(predictors)
    needs = Evidence(*(kind for predictor in predictors for kind in predictor.needs))
    examined = Probe(engine, inputs, targets, needs, dtype, chunk_size, batches, objective)
    remedy = partial(_remedy, engine, len(targets), chunk_size)
    with ONE_AT_A_TIME:
        # Synaptic flow first, so that its gradients are gone before the passes over the batch keep theirs.
        inside_out = sorted(with_members(predictors), key=lambda one: not one.needs & Evidence.SYNAPTIC_FLOW)
        scores = {predictor.name: _score(predictor, examined, remedy) for predictor in inside_out}
        scores |= {one.name: one.score(scores) for one in combinations}
        return {predictor.name: scores[predictor.name] for predictor in predictors}


def _score(predictor: Predictor, examined: Probe, remedy: Callable[[], str]) -> Score:
    examined.declare(predictor.needs)
    start = time.perf_counter()
    value: float | None = None
    status: Status
    try:
        with undisturbed(examined.device, examined.dtype):
            value = float(predictor.compute(examined))
        if not math.isfinite(value):
            finite = examined.is_finite(predictor.needs)
            status, reason = "nonfinite", f"the formula gave {value}" if finite else _NOT_FINITE
        elif not examined.is_finite(predictor.needs):
            status, reason = "nonfinite", _NOT_FINITE
        else:
            status, reason = "ok", "; ".join(examined.notes(predictor.needs))
    except NotSeparable as error:
        raise InvalidInput(f"{predictor.name} on {error}") from None
    except (InvalidInput, UndeclaredEvidence):
        raise
    except Degenerate as error:
        status, reason = "degenerate", first_line(error)
    except Saturated as error:
        status, reason = "saturated", first_line(error)
    except (Exception, SystemExit) as error:
        # Whatever a network or a predictor raises is that network's result; the run goes on.
        status, reason = (
            ("out_of_memory", first_line(error)) if is_out_of_memory(error) else ("error", _said(error))
        )
    if status == "out_of_memory" and predictor.needs - Evidence.SYNAPTIC_FLOW:
        reason = reason.rstrip(".") + remedy()
    return Score(value if status == "ok" else None, status, reason, time.perf_counter() - start)


def _said(error: BaseException) -> str:
    """An error as a reason: its type, which may say more than the message, and the message."""
    name, line = type(error).__name__, first_line(error)
    return line if type(error) is RuntimeError or line == name else f"{name}: {line}"


def _remedy(engine: Engine, images: int, chunk_size: int | None) -> str:
    """What would take less memory, as the end of a sentence; empty if nothing would."""
    fewer = min(images, chunk_size or images) // 2
    if fewer == 0:
        return ""
    if coupling := engine.batch_coupling:
        return f"; {coupling}, so use a smaller batch, such as {images // 2} images"
    return f"; use chunk_size, such as {fewer}"


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
