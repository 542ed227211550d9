"""Gradient descent as a recipe describes it: optimizer, schedule, average of weights and number format."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler, MultiStepLR, OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from netlore.training.recipe import Recipe


def optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.SGD:
    """Stochastic gradient descent on every parameter."""
    return torch.optim.SGD(
        network.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )


def schedule(descent: torch.optim.SGD, recipe: Recipe, steps: int) -> tuple[LRScheduler, str]:
    """The recipe's schedule, and what moves it on: an `epoch`, or a `step`, of which an epoch has `steps`."""
    if recipe.schedule == "steps":
        milestones = [round(share * recipe.epochs) for share in recipe.milestones]
        return MultiStepLR(descent, milestones, recipe.decay), "epoch"
    # A hair less: torch divides by zero where the rise ends on the very first step.
    rising, total = recipe.warm_up * (1 - 1e-9), recipe.epochs * steps
    return OneCycleLR(descent, recipe.learning_rate, total, pct_start=rising, cycle_momentum=False), "step"


def averaged(network: nn.Module, decay: float) -> AveragedModel:
    """A copy of a network that follows its weights and its batch norms' statistics, as the recipe's `ema` says.

    Statistics are averaged as weights are. They are not computed for the averaged weights, which would take a
    further pass over the training images; after the first steps the averages hardly differ from each other.
    """
    average = AveragedModel(network, multi_avg_fn=partial(_followed, decay), use_buffers=True)
    # Else several processes would wait for gradients of the copy.
    return average.requires_grad_(requires_grad=False)


def _followed(decay: float, mean: tuple[Tensor, ...], now: tuple[Tensor, ...], steps: Tensor) -> None:
    """Move averages of some steps by a further one; at top level, since other processes are sent this function."""
    done = int(steps)
    move = get_ema_multi_avg_fn(min(decay, (1 + done) / (10 + done)))  # type: ignore[no-untyped-call]
    move(mean, now, steps)


def resolved_precision(recipe: Recipe, device: str) -> str:
    """`float32` or `bf16`: what the recipe says, or for `auto` bf16 where the hardware multiplies in it."""
    if recipe.precision != "auto":
        return recipe.precision
    where = torch.device(device)
    if where.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(where) >= (8, 0) else "float32"
    # torch computes in bfloat16 on every processor, but slower than in float32 without these instructions.
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    known = where.type == "cpu" and any(getattr(torch.cpu, name, lambda: False)() for name in asked)
    return "bf16" if known else "float32"
