"""Gradient descent as a recipe describes it: optimizer, schedule and number format."""

from __future__ import annotations

import torch
from torch import nn

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


def by_steps(descent: torch.optim.SGD, recipe: Recipe) -> torch.optim.lr_scheduler.LRScheduler:
    """The schedule `steps`, to be moved on after every epoch."""
    milestones = [round(share * recipe.epochs) for share in recipe.milestones]
    return torch.optim.lr_scheduler.MultiStepLR(descent, milestones, recipe.decay)


def in_one_cycle(descent: torch.optim.SGD, recipe: Recipe, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
    """The schedule `one-cycle`, to be moved on after every one of the `steps` of an epoch."""
    return torch.optim.lr_scheduler.OneCycleLR(
        descent,
        recipe.learning_rate,
        total_steps=recipe.epochs * steps,
        # A hair less: torch divides by zero where the rise ends on the very first step.
        pct_start=recipe.warm_up * (1 - 1e-9),
        cycle_momentum=False,
    )


def resolved_precision(recipe: Recipe, device: str) -> str:
    """`float32` or `bf16`: what the recipe says, or for `auto` bf16 where the hardware multiplies in it."""
    if recipe.precision != "auto":
        return recipe.precision
    return "bf16" if _multiplies_in_bf16(torch.device(device)) else "float32"


def _multiplies_in_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # torch computes in bfloat16 on every processor, but slower than in float32 without these instructions.
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return device.type == "cpu" and any(getattr(torch.cpu, name, lambda: False)() for name in asked)
