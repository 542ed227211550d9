"""A design space: small ResNets of one width, more of them than can be listed."""

from netlore.space.budget import Budget, Range
from netlore.space.design_space import DesignSpace
from netlore.space.distribution import choice, uniform


def small_resnets(
    num_classes: int = 10,
    resolution: int = 32,
    flops: Range | None = None,
    params: Range | None = None,
    activations: Range | None = None,
) -> DesignSpace:
    """Depths 1 to 110 and widths 2 or 4 in each stage: 10,648,000 architectures."""
    depths = tuple(uniform(f"d{i}", 1, 110) for i in (1, 2, 3))
    widths = tuple(choice(f"w{i}", (2, 4)) for i in (1, 2, 3))
    budget = Budget(flops, params, activations)
    return DesignSpace("resnet", (*depths, *widths), num_classes, resolution, budget=budget)
