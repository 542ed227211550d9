"""A measure of complexity: how many layers of a network have weights."""

from netlore.space.complexity import measure
from netlore.space.plan import Plan, Size
from netlore.space.totals import added_up


@measure("weighted_layers", label="Weighted layers", unit="weighted layers", additive=True)
def weighted_layers(plan: Plan, resolution: int) -> Size:
    """Convolutions and linear layers; 22 in ResNet-20, of which two are projections."""
    return added_up(plan, resolution, lambda layer, *_: int(layer.kind in ("convolution", "linear")))
