"""How much memory the passes over a plan take."""

from __future__ import annotations

import torch
from torch import Tensor

from netlore.executors.allocator import share_of_memory
from netlore.scoring.evidence import Evidence, plan_steps
from netlore.scoring.planned.units.signals import Buffer
from netlore.space.complexity import complexity_of_plan
from netlore.space.outline import flattened, lines_of, resolution_after, width_after
from netlore.space.plan import Plan, Sum

TEMPORARIES = 5
"""How many tensors of the size of the largest layer's output come and go at once."""

KEPT_OF_SHARE = 0.4
"""Part of a process's share of memory that one sweep may keep; the rest is for weights, libraries and gaps."""


def kept_bytes() -> int:
    """The bytes that a sweep may keep, temporaries included; one that would keep more recomputes.

    It runs as many residual blocks forward again as that takes. The values are the same to the last bit, so
    this may depend on the machine; running all of them again takes about a fifth more time.
    """
    return int(KEPT_OF_SHARE * share_of_memory())


def largest_output(plan: Plan, images: Tensor, dtype: torch.dtype) -> int:
    """Bytes of the output of the layer with the largest one, for all images."""
    largest = max(int(line.complexity.activations) for line in lines_of(plan, images.shape[-1]))
    return len(images) * largest * dtype.itemsize


def excess(plan: Plan, images: Tensor, needs: Evidence) -> int:
    """Bytes that a sweep which keeps all it needs would keep beyond `kept_bytes()`; 0 or less if there are none.

    What it keeps is about each convolution's output and, for the curvature, a tangent.
    """
    if "backward" not in plan_steps(needs):
        return 0
    activations = int(complexity_of_plan(plan, images.shape[-1]).activations)
    kept = len(images) * activations * images.element_size() * _copies(needs)
    return kept + TEMPORARIES * largest_output(plan, images, images.dtype) - kept_bytes()


def sum_buffer(plan: Plan, images: Tensor, needs: Evidence) -> Buffer:
    """Memory for the outputs of all residual sums."""
    return Buffer(_copies(needs) * len(images) * _sum_outputs(plan, images.shape[-1]), images)


def _copies(needs: Evidence) -> int:
    return 2 if "tangents" in plan_steps(needs) else 1


def _sum_outputs(plan: Plan, resolution: int) -> int:
    """Outputs of all residual sums in series, for one image."""
    total = 0
    for part in flattened([plan]):
        resolution = resolution_after(part, resolution)
        total += width_after(part) * resolution**2 if isinstance(part, Sum) else 0
    return total
