"""Probe: one network, one batch, examined lazily in the fewest passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from typing import Any, Generic, TypeVar, cast, overload

import torch
from torch import Tensor

from netlore.errors import Degenerate, InvalidInput, UndeclaredEvidence
from netlore.scoring.chunks import check_chunk_size, refusal
from netlore.scoring.engine import Engine, Passes
from netlore.scoring.evidence import OF_THE_BATCH, Evidence, Kind, OwnPass
from netlore.scoring.passes.derivatives import caught, found_or_raised
from netlore.scoring.passes.layers import seeded

T = TypeVar("T")
Batch = tuple[Tensor, Tensor]

_WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)


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
        engine: Computes evidence about the network, which gives logits (N, classes) of images.
        images: The batch, shape (N, ...), on any device; it is moved to the network's.
        labels: Classes of the images, shape (N,).
        needs: The union of what will be read.
        dtype: Precision of every pass but synaptic flow, which is always float64.
        chunk_size: At most this number of images is evaluated at a time; None: all.
        batches: Further batches, for evidence that looks at several.

    Raises:
        InvalidInput: Images and labels do not fit together, a chunk is empty, or evidence needs more batches.
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

    def __init__(
        self,
        engine: Engine,
        images: Tensor,
        labels: Tensor,
        needs: Evidence,
        dtype: torch.dtype = torch.float32,
        chunk_size: int | None = None,
        batches: Sequence[Batch] = (),
    ) -> None:
        self._batches = ((images, labels), *batches)
        for batch in self._batches:
            _check_batch(*batch)
        check_chunk_size(chunk_size)
        for kind in needs:
            if kind.batches > len(self._batches):
                raise InvalidInput(
                    f"evidence {kind.name!r} looks at {kind.batches} batches, but there is {len(self._batches)}; "
                    f"give further ones as `batches`, or a task that can draw them."
                )
        self._engine = engine
        self._needs = self._declared = needs
        self._dtype = dtype
        # What is no smaller than the batch makes no chunks.
        self._chunk_size = chunk_size if chunk_size is not None and chunk_size < len(images) else None
        self._own: dict[Kind[Any], Any] = {}

    def declare(self, needs: Evidence) -> None:
        """Let the next reader read `needs` and nothing else; they must be part of what the probe was made for."""
        self._declared = needs

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
        else:
            found = self._flow if kind is Evidence.SYNAPTIC_FLOW else self._passes[kind][kind]
        return cast(T, found)

    @cached_property
    def _flow(self) -> Tensor:
        return self._engine.log_synaptic_flow(tuple(self._batches[0][0].shape[1:]))

    @cached_property
    def _passes(self) -> Passes:
        images, labels = self._batches[0]
        images = images.detach().to(self.device, self._dtype)
        labels = labels.to(torch.int64, copy=True)
        return self._engine.batch_passes(images, labels, self._needs & OF_THE_BATCH, self._chunk_size)

    def _run(self, kind: Kind[Any]) -> Any:
        """A pass of its own, made on the first call; an error is repeated, not the pass."""
        assert kind.run is not None
        if self._chunk_size is not None:
            raise refusal(len(self._batches[0][0]), self._chunk_size, f"{kind.name} has a pass of its own")
        if kind not in self._own:
            to = partial(torch.Tensor.to, device=self.device, copy=True)
            batches = tuple(
                (to(images.detach(), dtype=self._dtype), to(labels, dtype=torch.int64))
                for images, labels in self._batches[: kind.batches]
            )
            own = OwnPass(batches, partial(self._engine.fresh_network, self._dtype))
            with seeded({self.device}), torch.enable_grad():
                self._own[kind] = caught(partial(kind.run, own))
        return found_or_raised(self._own[kind])


def _check_batch(images: Tensor, labels: Tensor) -> None:
    if images.ndim == 0 or len(images) == 0 or labels.shape != images.shape[:1]:
        raise InvalidInput(
            f"images of shape {tuple(images.shape)} and labels of shape {tuple(labels.shape)} do not fit; "
            f"give one label for each of one or more images."
        )
    if labels.dtype not in _WHOLE:
        raise InvalidInput(f"labels of type {labels.dtype} are no classes; give whole numbers, 0 or more.")


def sum_over_layers(terms: Iterable[Tensor]) -> Tensor:
    """The sum of all entries of all terms, accumulated in float64.

    Raises:
        Degenerate: There is no term.
    """
    sums = [term.sum(dtype=torch.float64) for term in terms]
    if not sums:
        raise Degenerate("the network has no convolution, linear layer or trainable parameter to add up over")
    return torch.stack(sums).sum()
