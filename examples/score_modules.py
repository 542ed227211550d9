"""Score torch modules of several sources side by side, each with several draws of initial weights."""

from functools import partial

from torchvision.models import mobilenet_v3_small, squeezenet1_1

import netlore as nl

MODULES = {
    "mobilenet": partial(mobilenet_v3_small, num_classes=10),
    "half as wide": partial(mobilenet_v3_small, num_classes=10, width_mult=0.5),
    "squeezenet": partial(squeezenet1_1, num_classes=10),
}


def main() -> None:
    """Print a row per network: its size, and how far draws of one network differ."""
    task = nl.task("cifar10", batch_size=16)
    table = nl.score_modules(MODULES, ("snip", "jacov"), task, draws=2)
    print(table.wide[["module", "draw", "flops", "params", "snip", "jacov"]].to_string(index=False))


if __name__ == "__main__":
    main()
