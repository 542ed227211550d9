"""Layer: one operation of a plan, what it counts for, and what it does to the positions that it sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netlore.errors import InvalidInput

Size = int | NDArray[np.int64]
Kind = Literal[
    "convolution",
    "batch_norm",
    "relu",
    "global_pool",
    "linear",
    "relu6",
    "silu",
    "sigmoid",
    "gelu",
    "avg_pool",
    "max_pool",
    "squeeze",
    "zero",
    "shift",
    "tokens",
    "layer_norm",
    "attention",
    "token_pool",
]
KINDS = get_args(Kind)
ACTIVATIONS = ("relu", "relu6", "silu", "sigmoid", "gelu")


@dataclass(frozen=True, eq=False)
class Extent:
    """The positions of a signal: a square of that side, and `extra` ones before it (a class token)."""

    side: Size
    extra: int = 0

    @property
    def positions(self) -> Size:
        """How many they are."""
        return self.side**2 + self.extra


@dataclass(frozen=True, eq=False)
class Layer:
    """One operation.

    | kind | from, to | what it computes |
    |---|---|---|
    | `convolution` | image, image | `kernel`, `stride`, `padding`, `groups`, `bias` |
    | `batch_norm` | image, image | with weight and bias |
    | `relu`, `relu6`, `silu`, `sigmoid`, `gelu` | any, same | entry by entry |
    | `avg_pool`, `max_pool` | image, image | `kernel`, `stride`, `padding`; a mean leaves out what is padded |
    | `squeeze` | image, image | the mean of all positions, 1x1 |
    | `zero` | image, image | zeros, at every `stride`-th position |
    | `shift` | image, image | moved by one position up and left; zeros follow |
    | `global_pool` | image, vector | the mean of all positions |
    | `linear` | vector or tokens, same | with a bias unless `bias` is false |
    | `tokens` | image, tokens | its positions in rows behind a class token, plus an embedding of places that is
      learned for `kernel` x `kernel` positions and interpolated for others |
    | `layer_norm` | tokens, tokens | with weight and bias |
    | `attention` | tokens, tokens | of queries, keys and values, one behind the other (`w_in` = 3 `w_out`), in
      `groups` heads of w_out / groups channels: softmax(q k' / sqrt(w_out / groups)) v |
    | `token_pool` | tokens, vector | the mean of all positions, the class token left out |

    An image has shape (N, C, H, W), tokens (N, T, C), a vector (N, C). Every size, kernels and strides among them,
    may be an integer array.

    Attributes:
        kind: What it computes.
        w_in: Input channels.
        w_out: Output channels.
        kernel: Side of a convolution's or a pool's square window, in positions.
        stride: Its stride, in positions.
        groups: Groups of a convolution, which divide `w_in` and `w_out`; heads of attention.
        padding: Positions that are added on each side; None: `kernel // 2`, so that odd kernels keep the side and
            even ones with stride 1 add one.
        bias: Whether a convolution or linear layer has a bias; None: a linear layer has, a convolution has none.

    Raises:
        InvalidInput: No such kind, or sizes that do not fit. Arrays are not looked at.
    """

    kind: Kind
    w_in: Size
    w_out: Size
    kernel: Size = 1
    stride: Size = 1
    groups: Size = 1
    padding: Size | None = None
    bias: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(f"a plan has no layer of the kind {self.kind!r}; choose one of {', '.join(KINDS)}.")
        if type(self.w_in) is int and type(self.w_out) is int:
            self._check()

    def _check(self) -> None:
        about = f"a layer of the kind {self.kind} with"
        for name in ("w_in", "w_out", "kernel", "stride", "groups"):
            size = getattr(self, name)
            if type(size) is int and size < 1:
                raise InvalidInput(f"{about} {name} = {size} is none; choose 1 or more.")
        if type(self.padding) is int and self.padding < 0:
            raise InvalidInput(f"{about} padding = {self.padding} is none; choose 0 or more.")
        ends, groups = (self.w_in, self.w_out), self.groups
        if type(groups) is int and groups > 1 and any(int(width) % groups for width in ends):
            raise InvalidInput(
                f"{about} {groups} groups cannot have {self.w_in} channels in and {self.w_out} out; choose "
                "multiples of the groups."
            )
        if self.kind == "attention" and self.w_in != 3 * self.w_out:
            raise InvalidInput(
                f"{about} {self.w_out} channels out has {self.w_in} in; give queries, keys and values, "
                f"{3 * self.w_out}."
            )
        if self.kind not in ("convolution", "linear", "attention", "zero") and self.w_in != self.w_out:
            raise InvalidInput(f"{about} {self.w_in} channels in cannot have {self.w_out} out; choose the same.")

    @property
    def has_bias(self) -> bool:
        """Whether it has a bias of its own, as convolutions and linear layers can."""
        return self.kind == "linear" if self.bias is None else self.bias

    @property
    def pads(self) -> Size:
        """Positions that are added on each side."""
        return self.kernel // 2 if self.padding is None else self.padding

    def extent_after(self, extent: Extent) -> Extent:
        """The positions of its output."""
        match self.kind:
            case "convolution" | "avg_pool" | "max_pool":
                return Extent((extent.side + 2 * self.pads - self.kernel) // self.stride + 1)
            case "zero":
                return Extent((extent.side - 1) // self.stride + 1)
            case "global_pool" | "squeeze" | "token_pool":
                return Extent(1)
            case "tokens":
                return Extent(extent.side, extra=1)
            case _:
                return extent

    def resolution_after(self, resolution: int) -> int:
        """Side of its output for square input of that side."""
        return int(self.extent_after(Extent(resolution)).side)

    @property
    def params(self) -> Size:
        """Numbers that are learned."""
        match self.kind:
            case "convolution":
                weights = self.kernel**2 * self.w_in * self.w_out // self.groups
            case "linear":
                weights = self.w_in * self.w_out
            case "batch_norm" | "layer_norm":
                return 2 * self.w_out
            case "tokens":
                return (self.kernel**2 + 2) * self.w_out  # places, the class token's place, the class token
            case _:
                return 0
        return weights + self.w_out if self.has_bias else weights

    def flops(self, after: Extent) -> Size:
        """Multiply-adds, biases counted, for an output of that extent."""
        if self.kind in ("convolution", "linear"):
            return self.params * after.positions
        return 2 * self.w_out * after.positions**2 if self.kind == "attention" else 0

    def activations(self, after: Extent) -> Size:
        """Outputs of convolutions, linear layers and attention's products, for an output of that extent."""
        if self.kind in ("convolution", "linear"):
            return self.w_out * after.positions
        if self.kind == "attention":
            return self.groups * after.positions**2 + self.w_out * after.positions
        return 0
