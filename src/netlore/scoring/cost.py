"""What scoring takes: passes in plain sentences, before any of them runs; and the time, by the clock.

Which passes evidence takes is written down with the evidence; a test counts passes and compares. More evidence
never takes a pass away, so what a predictor adds to others is the difference of two descriptions.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from netlore.executors import Workers, opened
from netlore.executors.limits import kept
from netlore.scoring.chunks import sweeps
from netlore.scoring.draws import Job
from netlore.scoring.evidence import OF_THE_BATCH, Evidence, module_steps, plan_steps
from netlore.scoring.planned.sweep import is_supported
from netlore.scoring.planned.synaptic_flow import is_linear
from netlore.scoring.predictor import Predictor
from netlore.scoring.scorer import ScoringSetup
from netlore.scoring.settings import Settings
from netlore.space.plan import Plan
from netlore.storage.score_table import Score

NetworkKind = Literal["plan", "other plan", "module"]
"""How a network is examined: as a plan, as a plan for synaptic flow alone, or as a module."""

# In words, in their order.
_MODULE_STEPS = {
    "forward": "one forward pass over the batch",
    "codes": "activation codes within the forward pass",
    "graph": "autograd's graph of the forward pass",
    "loss": "one backward pass (gradient of the loss)",
    "weights": "weight gradients within the backward pass of the loss",
    "parameters": "gradients of all trainable parameters within the backward pass of the loss",
    "saliency": "channel saliency within the backward pass of the loss",
    "tangents": "tangents along the weights through the forward pass and the backward pass of the loss",
    "forward_along": "one forward pass over the batch with tangents along the gradient",
    "hessian": "one backward pass (gradient of the loss) with tangents along the gradient (Hessian products)",
    "limit": "one backward pass (gradient for grasp without epsilon)",
    "jacobian": "one backward pass (gradient of the sum of logits)",
    "images": "one backward pass for each image (gradient of its own loss)",
    "flow": "one forward pass in float64 of an image of ones",
    "flow_back": "one backward pass in float64 from that image's logits",
    "count": "one forward pass over one image, whose operations are counted (none of a network known as a plan)",
    "ways": "one forward pass over one image, whose layers are counted (none of a network known as a plan)",
}
_OF_PRODUCTS = {"graph", "forward_along", "hessian"}
_PLAN_STEPS = {
    "forward": "one forward pass over the batch",
    "codes": "activation codes within the forward pass",
    "backward": "one backward pass (a network that would keep more for it than its share of the memory runs as "
    "many residual blocks forward again instead as it takes)",
    "loss": "the gradient of the loss through the backward pass",
    "weights": "weight gradients within the backward pass",
    "tangents": "tangents along the weights through both passes",
    "saliency": "channel saliency within the backward pass",
    "limit": "one more gradient through the backward pass (for grasp without epsilon), and its weight gradients",
    "jacobian": "the gradient of the sum of logits through the backward pass",
    "flow": "one forward pass in float64 of an image of ones and its derivative along the weights",
    "count": "complexity by arithmetic on the plan",
    "ways": "depth by arithmetic on the plan",
}


def kind_of(plan: Plan) -> NetworkKind:
    """What the network of a plan is known as."""
    if is_supported(plan):
        return "plan"
    return "other plan" if is_linear(plan) else "module"


def passes_of(needs: Evidence, kind: NetworkKind, chunked: bool = False) -> tuple[str, ...]:
    """What is done for a network to settle all of that evidence, a sentence each; only modules come in chunks."""
    by_plan = {"module": Evidence(), "other plan": needs - OF_THE_BATCH, "plan": needs}[kind]
    if chunked:
        by_plan = by_plan - OF_THE_BATCH
    planned = Evidence(*(one for one in by_plan if one.plan))
    rest, steps = _of_module(needs - planned, chunked), plan_steps(planned)
    if kind == "module":
        return rest
    return (
        *(sentence for step, sentence in _PLAN_STEPS.items() if step in steps),
        *(("the network is built as a module",) if rest else ()),
        *(f"with the module: {sentence}" for sentence in rest),
    )


def passes_added(needs: Evidence, earlier: Evidence, kind: NetworkKind, chunked: bool = False) -> tuple[str, ...]:
    """The steps that earlier evidence does not need anyway."""
    known = passes_of(earlier, kind, chunked)
    return tuple(sentence for sentence in passes_of(earlier | needs, kind, chunked) if sentence not in known)


def passes_by_predictor(
    predictors: Sequence[Predictor], networks: Mapping[NetworkKind, int], chunked: bool = False
) -> dict[str, tuple[str, ...]]:
    """What each predictor adds to those before it. What is done for some kinds of networks only is said so."""
    found: dict[str, tuple[str, ...]] = {}
    earlier = Evidence()
    for predictor in predictors:
        added = {kind: passes_added(predictor.needs, earlier, kind, chunked) for kind in networks}
        found[predictor.name] = _together(added, networks)
        earlier |= predictor.needs
    return found


def _of_module(needs: Evidence, chunked: bool) -> tuple[str, ...]:
    """By passes of a module."""
    batch = needs & OF_THE_BATCH if chunked else Evidence()
    turns = zip(("for each chunk: ", "for each chunk again: "), sweeps(batch), strict=True)
    # In the second turn there is nothing to do but for the products.
    of_chunks = (
        turn + sentence for again, (turn, found) in enumerate(turns) for sentence in _sentences(found, bool(again))
    )
    return (
        *(sentence.replace("the batch", "its images") for sentence in of_chunks),
        *_sentences(needs - batch),
        *(
            f"a pass of its own for {kind.name}"
            + (f", over {kind.batches} batches" if kind.batches > 1 else "")
            + (f": {kind.passes}" if kind.passes else "")
            for kind in needs
            if kind.run is not None
        ),
    )


def _sentences(needs: Evidence, again: bool = False) -> tuple[str, ...]:
    steps = module_steps(needs) & (_OF_PRODUCTS if again else set(_MODULE_STEPS))
    if "loss" not in steps:
        steps.discard("weights")
    return tuple(sentence for step, sentence in _MODULE_STEPS.items() if step in steps)


def _together(
    by_kind: Mapping[NetworkKind, tuple[str, ...]], networks: Mapping[NetworkKind, int]
) -> tuple[str, ...]:
    """Sentences of several kinds, each once; one that is not of all kinds with the number of its networks."""
    total = sum(networks.values())
    found: dict[str, None] = {}
    for sentence in dict.fromkeys(sentence for sentences in by_kind.values() for sentence in sentences):
        count = sum(networks[kind] for kind, sentences in by_kind.items() if sentence in sentences)
        found[sentence if count == total else f"for {count} of {total} networks: {sentence}"] = None
    return tuple(found)


@dataclass(frozen=True)
class Timed:
    """A job's scores, one per predictor, the seconds from the architecture to them, and the process's number."""

    seconds: float
    process: int
    scores: list[Score]


@dataclass(frozen=True)
class _TimedSetup:
    """Picklable: prepares a process for scoring by the clock."""

    settings: Settings

    def __call__(self) -> Callable[[Job], Timed]:
        score = ScoringSetup(replace(self.settings, predictors=self.settings.examining))()

        def work(job: Job) -> Timed:
            start = time.perf_counter()
            scores = score(job)
            return Timed(time.perf_counter() - start, os.getpid(), scores)

        return work


TimedRun = Callable[[Sequence[Job]], Iterator[tuple[int, Timed]]]
"""From jobs to pairs of an index and what came of it, as `Executor.run`."""


@contextmanager
def timed_run(settings: Settings, workers: Workers) -> Iterator[TimedRun]:
    """What scores networks under these settings, and says how long each took."""
    with opened(workers) as running:
        yield lambda jobs: ((index, kept(timed)) for index, timed in running.run(_TimedSetup(settings), jobs))
