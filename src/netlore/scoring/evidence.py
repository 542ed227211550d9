"""Evidence: what a predictor may ask for about an untrained network. Every kind is written down here, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from torch import Tensor

from netlore.arguments import validated
from netlore.scoring.conditions import AS_GIVEN, NOTHING, Conditions
from netlore.scoring.own_pass import OwnPass
from netlore.space.depth import Depth

T = TypeVar("T")


class WeightedLayer(Protocol):
    """What evidence is keyed by: a convolution or linear layer, a module or one of a plan, or another weight.

    Layers have torch's attributes, such as `weight`, `kernel_size` and `in_channels`, or `in_features`. The
    weights of projections in attention and recurrent layers, and slices, have `weight`, `in_features` and
    `out_features` alone. Distinguish convolutions from linear layers by `weight.ndim`, not by their type.
    """

    @property
    def weight(self) -> Tensor:
        """What it multiplies with."""


ByLayer = dict[WeightedLayer, Tensor]
Join = Literal["mean", "sum", "rows"] | None


class Evidence:
    """Kinds of evidence, a set: `|` unites, `&` and `-` leave some out, `in` asks whether all of others are there.

    `L` is the mean cross-entropy of the batch, in training mode (batch statistics). Layers are the network's
    convolutions, linear layers and projections in attention and recurrent layers; a weight that several share has
    one key, the first of them. The gradient of one that takes no part is zero. The kinds below share the fewest
    passes over the network; `evidence` adds one with a pass of its own, and functions in `kinds` make some.
    """

    LOSS_GRADIENT: ClassVar[Kind[ByLayer]]
    PARAMETER_GRADIENT: ClassVar[Kind[dict[str, Tensor]]]
    HESSIAN_GRADIENT: ClassVar[Kind[ByLayer]]
    CURVATURE: ClassVar[Kind[Tensor]]
    LIMIT_HESSIAN_WEIGHT: ClassVar[Kind[ByLayer]]
    CHANNEL_SALIENCY: ClassVar[Kind[dict[WeightedLayer, list[Tensor]]]]
    IMAGE_GRADIENT_SQUARES: ClassVar[Kind[ByLayer]]
    INPUT_JACOBIAN: ClassVar[Kind[Tensor]]
    ACTIVATION_KERNEL: ClassVar[Kind[Tensor]]
    SYNAPTIC_FLOW: ClassVar[Kind[Tensor]]
    COMPLEXITY: ClassVar[Kind[dict[str, int]]]
    DEPTH: ClassVar[Kind[Depth]]
    TARGETS: ClassVar[Kind[Tensor]]

    def __init__(self, *kinds: Kind[Any]) -> None:
        self._kinds = dict.fromkeys(kinds)

    def __iter__(self) -> Iterator[Kind[Any]]:
        return iter(self._kinds)

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __contains__(self, others: Evidence) -> bool:
        return set(self).issuperset(others)

    def __or__(self, other: Evidence) -> Evidence:
        return Evidence(*self, *other)

    def __and__(self, other: Evidence) -> Evidence:
        return Evidence(*(kind for kind in self if kind in other))

    def __sub__(self, other: Evidence) -> Evidence:
        return Evidence(*(kind for kind in self if kind not in other))

    def __repr__(self) -> str:
        return f"<Evidence {' | '.join(kind.name for kind in self) or 'none'}>"


@dataclass(frozen=True, eq=False, repr=False)
class Kind(Evidence, Generic[T]):
    """One kind of evidence: what it is, what computes it, and how that of chunks of the batch is joined.

    Attributes:
        name: Its name.
        summary: What it is.
        module: What a module's passes do for it, in words that `cost` explains.
        plan: The same of a plan's passes; empty if those cannot give it.
        join: How that of chunks makes up that of the batch: mean weighted by images, sum, or all rows.
        run: The pass of its own.
        batches: How many batches that pass looks at.
        passes: What it takes, in words.
        conditions: Under which conditions the network is looked at.
    """

    name: str
    summary: str
    module: str = ""
    plan: str = ""
    join: Join = None
    run: Callable[[OwnPass], T] | None = None
    batches: int = 1
    passes: str = ""
    conditions: Conditions = AS_GIVEN

    def __iter__(self) -> Iterator[Kind[Any]]:
        yield self

    @property
    def definition(self) -> tuple[object, ...]:
        """What it depends on, for fingerprints."""
        return self.name, self.batches, self.run


@validated
def evidence(
    name: str, *, batches: int = 1, conditions: Conditions = AS_GIVEN
) -> Callable[[Callable[[OwnPass], T]], Kind[T]]:
    """Make a kind of evidence of a function: a pass of its own over the network.

    Name the result in a predictor's `needs` and read it as `probe[result]`. The pass runs once for all predictors
    that need it; what it returns is shared, so do not change it in place.

    Args:
        name: Its name in messages.
        batches: How many batches the pass looks at.
        conditions: Under which conditions it looks at the network, for those who read the scores.
    """

    def make(run: Callable[[OwnPass], T]) -> Kind[T]:
        return Kind(
            name, (run.__doc__ or name).strip().splitlines()[0], run=run, batches=batches, conditions=conditions
        )

    return make


def module_steps(needs: Evidence) -> set[str]:
    """What passes of a module do for that evidence."""
    return {step for kind in needs for step in kind.module.split()}


def plan_steps(needs: Evidence) -> set[str]:
    """What passes of a plan do for that evidence."""
    return {step for kind in needs for step in kind.plan.split()}


_OF_THE_SIZE = Conditions("the size of the batch's images", "of any values", "evaluation")

Evidence.LOSS_GRADIENT = Kind(
    "LOSS_GRADIENT",
    "dL/dW of every convolution and linear layer; L is the mean cross-entropy.",
    module="forward graph loss weights",
    plan="forward backward loss weights",
    join="mean",
)
Evidence.PARAMETER_GRADIENT = Kind(
    "PARAMETER_GRADIENT",
    "dL/dp of every trainable parameter, by its name in the network; zero where it took no part.",
    module="forward graph loss parameters",
    join="mean",
)
Evidence.HESSIAN_GRADIENT = Kind(
    "HESSIAN_GRADIENT",
    "H g per layer, where H and g are second and first derivatives of L over all layers' weights.",
    module="forward graph loss weights forward_along hessian",
    join="mean",
)
Evidence.CURVATURE = Kind(
    "CURVATURE",
    "W^T H g, a scalar, over the weights of all convolutions and linear layers; H and g as above.",
    module="forward graph loss weights tangents",
    plan="forward backward loss weights tangents",
    join="mean",
)
Evidence.LIMIT_HESSIAN_WEIGHT = Kind(
    "LIMIT_HESSIAN_WEIGHT",
    "H W per layer in the limit of batch norm's epsilon to 0: d<z, ds>/dW with ds = p (z - b - <p, z - b>) / N "
    "held constant; z are the logits, b the classifier's bias, p the softmax.",
    module="forward graph weights limit",
    plan="forward backward limit",
    join="mean",
)
Evidence.CHANNEL_SALIENCY = Kind(
    "CHANNEL_SALIENCY",
    "Per layer and call of it, the sum over positions of a * dL/da, shape (N, C); a is the layer's output.",
    # With weights: so the graph is the same alone and in company, also where a network marks its inputs itself.
    module="forward graph loss weights saliency",
    plan="forward backward loss saliency",
    join="rows",
)
Evidence.IMAGE_GRADIENT_SQUARES = Kind(
    "IMAGE_GRADIENT_SQUARES",
    "Per layer, the sum over images of (dL_n/dW)^2; L_n is the cross-entropy of image n. N backward passes.",
    module="forward graph weights images",
    join="sum",
)
Evidence.INPUT_JACOBIAN = Kind(
    "INPUT_JACOBIAN",
    "Gradient of the sum of all logits with respect to the images, shape (N, D).",
    module="forward graph jacobian",
    plan="forward backward jacobian",
    join="rows",
)
Evidence.ACTIVATION_KERNEL = Kind(
    "ACTIVATION_KERNEL",
    "For each pair of images the number of ReLUs in the same state, float64 (N, N); `relu_count` is all of them.",
    module="forward codes",
    plan="forward codes",
    join="rows",
)
Evidence.SYNAPTIC_FLOW = Kind(
    "SYNAPTIC_FLOW",
    "ln sum |W dR/dW| over all layers of the network of absolute values, a float64 scalar; see synflow.",
    module="flow flow_back",
    plan="flow",
    conditions=Conditions("one image of ones", "absolute values", "without normalisations, in float64"),
)
Evidence.COMPLEXITY = Kind(
    "COMPLEXITY",
    "FLOPs, parameters and activations by name, as `netlore.complexity` counts them, for one image of the batch's "
    "size; of a module that does not run on one image the parameters alone.",
    module="count",
    plan="count",
    conditions=_OF_THE_SIZE,
)
Evidence.DEPTH = Kind(
    "DEPTH",
    "Weighted layers: how many lie on the longest way from input to output, and all of them.",
    module="ways",
    plan="ways",
    conditions=_OF_THE_SIZE,
)
Evidence.TARGETS = Kind(
    "TARGETS", "The targets of the batch, usually classes of the images, shape (N,).", conditions=NOTHING
)

KINDS: tuple[Kind[Any], ...] = tuple(kind for kind in vars(Evidence).values() if isinstance(kind, Kind))
"""The kinds above."""

OF_THE_BATCH = Evidence(*(kind for kind in KINDS if "forward" in kind.module))
"""Evidence of the passes over the batch."""
