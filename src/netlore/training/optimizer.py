"""Gradient descent as a recipe describes it."""

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
    """The schedule `one-cycle`, to be moved on after every one of so many steps an epoch."""
    return torch.optim.lr_scheduler.OneCycleLR(
        descent,
        recipe.learning_rate,
        total_steps=recipe.epochs * steps,
        # A hair less: torch divides by zero where the rise ends on the very first step.
        pct_start=recipe.warm_up * (1 - 1e-9),
        cycle_momentum=False,
    )
