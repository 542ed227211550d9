"""A measure of complexity: how many layers of a network have weights."""

from netlore.space.complexity import measure
from netlore.space.plan import Chain, Layer, Plan, Repeat, Size, Sum


@measure("weighted_layers", label="Weighted layers", unit="weighted layers", additive=True)
def weighted_layers(plan: Plan, resolution: int) -> Size:
    """Convolutions and linear layers; 22 in ResNet-20, of which two are projections."""
    match plan:
        case Layer(kind=kind):
            return int(kind in ("convolution", "linear"))
        case Chain(parts):
            return sum((weighted_layers.compute(part, resolution) for part in parts), start=0)
        case Sum(branch, shortcut):
            return weighted_layers.compute(branch, resolution) + weighted_layers.compute(shortcut, resolution)
        case Repeat(part, times):
            return weighted_layers.compute(part, resolution) * times
