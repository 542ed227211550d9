"""Which passes evidence takes, in plain sentences, before any of them runs.

What `subject`, `planned_pass`, `planned_flow`, `batch_pass` and `synaptic_flow` do, told by the same rules: a test
counts their passes and compares. More evidence never takes a pass away, so what a predictor adds to others is the
difference of two descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from netlore.scoring.evidence import OF_THE_BATCH, Evidence
from netlore.scoring.planned.sweep import SUPPORTED, suits
from netlore.scoring.predictor import Predictor
from netlore.space.plan import Plan

Kind = Literal["plan", "other plan", "module"]
"""What a network is known as: a plan that `PlannedPass` examines, one that it cannot examine, or only a module."""

_EVERY = ~Evidence(0)


class _Step(NamedTuple):
    """Something that is done if any of some evidence is needed, and any of some other beside it."""

    sentence: str
    evidence: Evidence
    beside: Evidence = _EVERY


# Evidence is named one by one: what stands in no step is described by nothing, which a test finds.
_LOSS_OF_PLAN = Evidence.LOSS_GRADIENT | Evidence.CURVATURE | Evidence.CHANNEL_SALIENCY
_SWEPT = _LOSS_OF_PLAN | Evidence.LIMIT_HESSIAN_WEIGHT | Evidence.INPUT_JACOBIAN

_OF_PLAN = (
    _Step("one forward pass over the batch", _SWEPT | Evidence.ACTIVATION_KERNEL),
    _Step("activation codes within the forward pass", Evidence.ACTIVATION_KERNEL),
    _Step(
        "one backward pass (a network that would keep more for it than its share of the memory runs as many "
        "residual blocks forward again instead as it takes)",
        _SWEPT,
    ),
    _Step("the gradient of the loss through the backward pass", _LOSS_OF_PLAN),
    _Step("weight gradients within the backward pass", Evidence.LOSS_GRADIENT | Evidence.CURVATURE),
    _Step("tangents along the weights through both passes", Evidence.CURVATURE),
    _Step("channel saliency within the backward pass", Evidence.CHANNEL_SALIENCY),
    _Step(
        "one more gradient through the backward pass (for grasp without epsilon), and its weight gradients",
        Evidence.LIMIT_HESSIAN_WEIGHT,
    ),
    _Step("the gradient of the sum of logits through the backward pass", Evidence.INPUT_JACOBIAN),
    _Step(
        "one forward pass in float64 of an image of ones and its derivative along the weights",
        Evidence.SYNAPTIC_FLOW,
    ),
)

_HESSIAN = Evidence.HESSIAN_GRADIENT | Evidence.CURVATURE
_LOSS = Evidence.LOSS_GRADIENT | Evidence.PARAMETER_GRADIENT | Evidence.CHANNEL_SALIENCY | _HESSIAN
_OTHERS = Evidence.LIMIT_HESSIAN_WEIGHT | Evidence.INPUT_JACOBIAN | Evidence.IMAGE_GRADIENT_SQUARES
_WEIGHTS = Evidence.LOSS_GRADIENT | _HESSIAN | Evidence.LIMIT_HESSIAN_WEIGHT | Evidence.IMAGE_GRADIENT_SQUARES

_OF_MODULE = (
    _Step("one forward pass over the batch", _LOSS | _OTHERS | Evidence.ACTIVATION_KERNEL),
    _Step("activation codes within the forward pass", Evidence.ACTIVATION_KERNEL),
    _Step("autograd's graph of the forward pass", _LOSS | _OTHERS),
    _Step("one backward pass (gradient of the loss)", _LOSS),
    _Step("weight gradients within the backward pass of the loss", _LOSS, beside=_WEIGHTS),
    _Step(
        "gradients of all trainable parameters within the backward pass of the loss", Evidence.PARAMETER_GRADIENT
    ),
    _Step("channel saliency within the backward pass of the loss", Evidence.CHANNEL_SALIENCY),
    _Step("autograd's graph of the backward pass of the loss", _HESSIAN),
    _Step("one backward pass through both graphs (Hessian products)", _HESSIAN),
    _Step("one backward pass (gradient for grasp without epsilon)", Evidence.LIMIT_HESSIAN_WEIGHT),
    _Step("one backward pass (gradient of the sum of logits)", Evidence.INPUT_JACOBIAN),
    _Step("one backward pass for each image (gradient of its own loss)", Evidence.IMAGE_GRADIENT_SQUARES),
    _Step("one forward pass in float64 of an image of ones", Evidence.SYNAPTIC_FLOW),
    _Step("one backward pass in float64 from that image's logits", Evidence.SYNAPTIC_FLOW),
)


def kind_of(plan: Plan) -> Kind:
    """What the network of a plan is known as."""
    return "plan" if suits(plan) else "other plan"


def passes_of(needs: Evidence, kind: Kind, chunked: bool = False) -> tuple[str, ...]:
    """What is done for a network to settle all of that evidence, a sentence each.

    Args:
        needs: The evidence.
        kind: What the network is known as.
        chunked: Whether the batch is evaluated in chunks, which modules are alone in.
    """
    if kind == "module":
        return _of_module(needs, chunked)
    planned = needs & Evidence.SYNAPTIC_FLOW
    if kind == "plan" and not chunked:
        planned |= needs & SUPPORTED
    rest = _of_module(needs & ~planned, chunked)
    built = ("the network is built as a module",) if rest else ()
    return (*_described(planned, _OF_PLAN), *built, *(f"with the module: {sentence}" for sentence in rest))


def passes_added(needs: Evidence, earlier: Evidence, kind: Kind, chunked: bool = False) -> tuple[str, ...]:
    """What of it is not done anyway for earlier evidence."""
    known = passes_of(earlier, kind, chunked)
    return tuple(sentence for sentence in passes_of(earlier | needs, kind, chunked) if sentence not in known)


def passes_by_predictor(
    predictors: Sequence[Predictor], networks: Mapping[Kind, int], chunked: bool = False
) -> dict[str, tuple[str, ...]]:
    """What each predictor adds to those before it.

    Args:
        predictors: In the order asked for.
        networks: How many networks of which kind there are. What is done for some of them only is said so.
        chunked: Whether the batch is evaluated in chunks.
    """
    found: dict[str, tuple[str, ...]] = {}
    earlier = Evidence(0)
    for predictor in predictors:
        added = {kind: passes_added(predictor.needs, earlier, kind, chunked) for kind in networks}
        found[predictor.name] = _together(added, networks)
        earlier |= predictor.needs
    return found


def _described(needs: Evidence, steps: tuple[_Step, ...]) -> tuple[str, ...]:
    return tuple(step.sentence for step in steps if needs & step.evidence and needs & step.beside)


def _of_module(needs: Evidence, chunked: bool) -> tuple[str, ...]:
    """By passes of a module; chunk by chunk, Hessian products take a second turn, since g is a sum over chunks."""
    batch = needs & OF_THE_BATCH
    if not (chunked and batch):
        return _described(needs, _OF_MODULE)
    first = batch & ~_HESSIAN | (Evidence.LOSS_GRADIENT if batch & _HESSIAN else Evidence(0))
    again = _described(Evidence.HESSIAN_GRADIENT if batch & _HESSIAN else Evidence(0), _OF_MODULE)
    return (
        "a comparison of up to four images, together and one by one",
        *(f"for each chunk: {_of_chunk(sentence)}" for sentence in _described(first, _OF_MODULE)),
        *(f"for each chunk again: {_of_chunk(sentence)}" for sentence in again),
        *_described(needs & ~batch, _OF_MODULE),
    )


def _of_chunk(sentence: str) -> str:
    return sentence.replace("the batch", "its images")


def _together(by_kind: Mapping[Kind, tuple[str, ...]], networks: Mapping[Kind, int]) -> tuple[str, ...]:
    """Sentences of several kinds, each once; one that is not of all kinds with the number of its networks."""
    total = sum(networks.values())
    found: dict[str, None] = {}
    for sentence in dict.fromkeys(sentence for sentences in by_kind.values() for sentence in sentences):
        count = sum(networks[kind] for kind, sentences in by_kind.items() if sentence in sentences)
        found[sentence if count == total else f"for {count} of {total} networks: {sentence}"] = None
    return tuple(found)
