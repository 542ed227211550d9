"""Probe: one network, one batch, examined lazily in the fewest passes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Generic, TypeVar, cast, overload

import torch
from torch import Tensor, nn

from netlore.errors import Degenerate, InvalidInput, UndeclaredEvidence
from netlore.networks.seeding import seeded
from netlore.scoring.chunks import check_chunk_size, refusal
from netlore.scoring.engine import Engine, Passes
from netlore.scoring.evidence import OF_THE_BATCH, Evidence, Kind
from netlore.scoring.inputs import Inputs, batch_size, check_batch, mapped
from netlore.scoring.objective import USUAL, Objective
from netlore.scoring.own_pass import OwnPass
from netlore.scoring.passes.derivatives import caught, found_or_raised

T = TypeVar("T")
Batch = tuple[Inputs, Tensor]
"""Inputs, and targets with a row for each of them."""

_OF_ONE_IMAGE = Evidence.SYNAPTIC_FLOW | Evidence.COMPLEXITY | Evidence.DEPTH


class _Read(Generic[T]):
    """A property of a probe that reads one kind of evidence."""

    def __init__(self, kind: Kind[T]) -> None:
        self._kind = kind
        self.__doc__ = kind.summary

    @overload
    def __get__(self, probe: None, owner: type[Probe]) -> _Read[T]: ...
    @overload
    def __get__(self, probe: Probe, owner: type[Probe]) -> T: ...
    def __get__(self, probe: Probe | None, owner: type[Probe]) -> _Read[T] | T:
        return self if probe is None else probe[self._kind]


class Probe:
    """What one network shows of itself on one batch, before any training.

    `probe[kind]` is evidence of that kind; the built-in kinds are properties as well. A forward pass is shared by
    everything that needs one, and nothing is kept or computed that no declared evidence needs. Whatever is read is
    computed once. The network, its buffers, gradients, modes and the global random generators are left bit for bit
    as they were, also after an error.

    Args:
        engine: Computes evidence about the network.
        inputs: The batch, a tensor (N, ...), or several in a sequence or mapping, on any device; they are moved to
            the network's.
        targets: As the objective wants them, usually classes of the images, shape (N,).
        needs: The union of what will be read.
        dtype: Precision of every pass but synaptic flow, which is always float64.
        chunk_size: At most this number of images is evaluated at a time; None: all.
        batches: Further batches, for evidence that looks at several.
        objective: The loss, and the output that it looks at.

    Raises:
        InvalidInput: Inputs and targets do not fit together, a chunk is empty, or evidence needs more batches.
    """

    loss_gradient = _Read(Evidence.LOSS_GRADIENT)
    parameter_gradient = _Read(Evidence.PARAMETER_GRADIENT)
    hessian_gradient = _Read(Evidence.HESSIAN_GRADIENT)
    curvature = _Read(Evidence.CURVATURE)
    limit_hessian_weight = _Read(Evidence.LIMIT_HESSIAN_WEIGHT)
    channel_saliency = _Read(Evidence.CHANNEL_SALIENCY)
    image_gradient_squares = _Read(Evidence.IMAGE_GRADIENT_SQUARES)
    input_jacobian = _Read(Evidence.INPUT_JACOBIAN)
    activation_kernel = _Read(Evidence.ACTIVATION_KERNEL)
    log_synaptic_flow = _Read(Evidence.SYNAPTIC_FLOW)
    complexity = _Read(Evidence.COMPLEXITY)
    depth = _Read(Evidence.DEPTH)
    targets = _Read(Evidence.TARGETS)

    def __init__(
        self,
        engine: Engine,
        inputs: Inputs,
        targets: Tensor,
        needs: Evidence,
        dtype: torch.dtype = torch.float32,
        chunk_size: int | None = None,
        batches: Sequence[Batch] = (),
        objective: Objective | None = None,
    ) -> None:
        self._batches = ((inputs, targets), *batches)
        for batch in self._batches:
            check_batch(*batch)
        check_chunk_size(chunk_size)
        for kind in needs:
            if kind.batches > len(self._batches):
                raise InvalidInput(
                    f"evidence {kind.name!r} looks at {kind.batches} batches, but there is {len(self._batches)}; "
                    f"give further ones as `batches`, or a task that can draw them."
                )
        self._engine = engine
        self._needs = self._declared = needs
        self._remarks: list[str] = []
        self.dtype = dtype
        self._objective = objective or USUAL
        # What is no smaller than the batch makes no chunks.
        self._chunk_size = chunk_size if chunk_size is not None and chunk_size < len(targets) else None
        self._own: dict[Kind[Any], tuple[Any, OwnPass]] = {}
        self._once: dict[Kind[Any], tuple[Any, str] | Exception] = {}

    def declare(self, needs: Evidence) -> None:
        """Let the next reader read `needs` and nothing else; they must be part of what the probe was made for."""
        self._declared = needs
        self._remarks = []

    def remark(self, text: str) -> None:
        """Say what is to be known of the score that is being made; it stands in its record."""
        self._remarks.append(text)

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return self._engine.device

    @property
    def relu_count(self) -> int:
        """Number of ReLU outputs of one image, in all of which it agrees with itself."""
        return int(self.activation_kernel[0, 0])

    def __getitem__(self, kind: Kind[T]) -> T:
        """Evidence of a kind, which must have been declared."""
        if kind not in self._declared:
            wanted = kind.name if kind.run is not None else f"Evidence.{kind.name}"
            raise UndeclaredEvidence(
                f"{kind.name} was read but not declared; add {wanted} to the predictor's `needs`."
            )
        if kind.run is not None:
            found = self._run(kind)
        elif kind is Evidence.TARGETS:
            found = self._batches[0][1]
        elif kind in OF_THE_BATCH:
            found = self._passes[kind][kind]
        else:
            found = self._of_one_image(kind)[0]
        return cast(T, found)

    def is_finite(self, kinds: Evidence) -> bool:
        """Whether the outputs of the network were, by which evidence of those kinds was found."""
        passes = {id(one): one for one in (self._passes[kind] for kind in kinds & OF_THE_BATCH)}
        own = (one for kind in kinds if kind in self._own for one in self._own[kind][1].finite)
        return all(bool(one.is_finite) for one in passes.values()) and all(map(bool, own))

    def notes(self, kinds: Evidence) -> tuple[str, ...]:
        """What is to be known of evidence that was read: what it leaves out, or how else it was computed."""
        found = [self._engine.note]
        found += (self._passes[kind].note(kind) for kind in kinds & OF_THE_BATCH)
        found += (self._of_one_image(kind)[1] for kind in kinds & _OF_ONE_IMAGE)
        found += (note for kind in kinds if kind in self._own for note in self._own[kind][1].notes)
        found += self._remarks
        return tuple(dict.fromkeys(filter(None, found)))

    def _of_one_image(self, kind: Kind[Any]) -> tuple[Any, str]:
        """Evidence that one image is enough for, and what to know of it; an error is repeated, not the pass."""
        if kind not in self._once:
            self._once[kind] = caught(partial(self._looked_at_once, kind))
        found: tuple[Any, str] = found_or_raised(self._once[kind])
        return found

    def _looked_at_once(self, kind: Kind[Any]) -> tuple[Any, str]:
        inputs = self._batches[0][0]
        if kind is Evidence.SYNAPTIC_FLOW:
            flow, note = self._engine.log_synaptic_flow(inputs, self._objective)
            if flow == -math.inf:
                raise Degenerate(
                    "nothing flows: every weight that is looked at is zero or without effect on the outputs"
                )
            return flow, note
        count = batch_size(inputs)
        rows = mapped(inputs, lambda one: one[:1] if one.ndim and len(one) == count else one)
        image = mapped(rows, self._own_copy)
        if kind is Evidence.COMPLEXITY:
            return self._engine.complexity(image, self.dtype), ""
        return self._engine.depth(image, self.dtype, self._objective)

    @cached_property
    def _passes(self) -> Passes:
        inputs, targets = self._batches[0]
        return self._engine.batch_passes(
            mapped(inputs, torch.Tensor.detach),
            targets.detach().clone(),
            self._needs & OF_THE_BATCH,
            self.dtype,
            self._objective,
            self._chunk_size,
        )

    def _run(self, kind: Kind[Any]) -> Any:
        """A pass of its own, made on the first call; an error is repeated, not the pass."""
        assert kind.run is not None
        if self._chunk_size is not None:
            raise refusal(len(self._batches[0][1]), self._chunk_size, f"{kind.name} has a pass of its own")
        if kind not in self._own:
            batches = tuple(
                (mapped(inputs, self._own_copy), self._own_copy(targets))
                for inputs, targets in self._batches[: kind.batches]
            )
            own = OwnPass(batches, partial(self._engine.fresh_network, self.dtype), self._objective)
            with seeded({self.device}), torch.enable_grad():
                found = caught(partial(kind.run, own))
            # Its tensors and the network that it could copy need not be kept.
            self._own[kind] = found, replace(own, batches=(), fresh_network=nn.Module)
        return found_or_raised(self._own[kind][0])

    def _own_copy(self, tensor: Tensor) -> Tensor:
        """A copy on the network's device, of real numbers in the precision of the passes; flags stay flags."""
        whole = tensor.dtype if tensor.dtype == torch.bool else torch.int64
        dtype = self.dtype if tensor.is_floating_point() else whole
        return tensor.detach().to(self.device, dtype, copy=True)


def sum_over_layers(terms: Iterable[Tensor], signed: bool = False) -> Tensor:
    """The sum of all entries of all terms, accumulated in float64; of `signed` ones it may be zero.

    Raises:
        Degenerate: There is no term, or every one is zero.
    """
    sums = [term.sum(dtype=torch.float64) for term in terms]
    if not sums:
        raise Degenerate(
            "there is nothing to add up over: no linear map in the network, or no trainable parameter"
        )
    if not signed and not torch.stack(sums).any():
        raise Degenerate(
            "every term is zero: every weight that is looked at is zero or without effect on the loss"
        )
    return torch.stack(sums).sum()
