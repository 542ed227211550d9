"""A design space of one's own in thirty lines: small MobileNets, with a category among their hyperparameters.

    netlore refine --space own_space:make_space --flops 2e6 20e6 --networks 50 --out runs/mobile

is run in this folder. `score`, `report`, `pick`, `train` and `export` work on such a space as on any other.
"""

from torch import nn

import netlore as nl

ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU, "hardswish": nn.Hardswish}


def convolution(w_in: int, w_out: int, kernel: int, stride: int, groups: int, act: str | None) -> nn.Sequential:
    layers = [
        nn.Conv2d(w_in, w_out, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(w_out),
    ]
    return nn.Sequential(*layers, *([ACTIVATIONS[act]()] if act else []))


class Block(nn.Module):
    def __init__(self, w_in: int, w_out: int, kernel: int, stride: int, expansion: int, act: str) -> None:
        super().__init__()
        inner, self.residual = expansion * w_in, stride == 1 and w_in == w_out
        self.body = nn.Sequential(
            convolution(w_in, inner, 1, 1, 1, act),
            convolution(inner, inner, kernel, stride, inner, act),
            convolution(inner, w_out, 1, 1, 1, None),
        )

    def forward(self, x):
        return x + self.body(x) if self.residual else self.body(x)


def network(
    d1: int, d2: int, w1: int, w2: int, kernel: int, expansion: int, act: str, num_classes: int, channels: int
) -> nn.Module:
    blocks, width = [convolution(channels, w1, 3, 1, 1, act)], w1
    for depth, w_out in ((d1, w1), (d2, w2)):
        for i in range(depth):
            blocks.append(Block(width, w_out, kernel, 2 if i == 0 else 1, expansion, act))
            width = w_out
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, num_classes)]
    return nn.Sequential(*blocks, *head)


def make_space(**options) -> nl.DesignSpace:
    return nl.module_space(
        network,
        [
            nl.log_uniform("d1", 1, 4),
            nl.log_uniform("d2", 1, 4),
            # Widths never fall from stage to stage.
            nl.product({"w1": (8, 16, 24, 32), "w2": (16, 24, 32, 48, 64)}, where=lambda w1, w2: w1 <= w2),
            nl.choice("kernel", (3, 5)),
            nl.choice("expansion", (1, 2, 4)),
            nl.choice("act", tuple(ACTIVATIONS)),
        ],
        **options,
    )


if __name__ == "__main__":
    space = make_space(resolution=32)
    print(f"{space.cardinality:,} architectures; one of them: {nl.sample(space, 1)[0]}")
    table = nl.score(nl.sample(space, 3), ["synflow", "logdet"], nl.task("digits", batch_size=16))
    print(table.wide)
