"""A zoo of small networks, each with a trait that a fast implementation is likely to get wrong.

Every entry is `(name, builder, shape of one image, classes)`. A builder returns the same network each time and
leaves the global random state alone. The initialisation is deliberately unfriendly: biases, means and variances of
the normalisations are not 0 and 1, and some normalisation weights and buffers are negative. All predictors are
finite on every entry for batches of 2 to 12 images from `batch` (checked for seeds 0 to 49).

`BY_HAND` is a network with a batch of two images for which every predictor is worked out in the comments. It is
kept out of the zoo since its two inputs and three units are too few for codes and correlations of other batches.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

Entry = tuple[str, Callable[[], nn.Module], tuple[int, ...], int]


def batch(shape: tuple[int, ...], classes: int, n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Returns n float32 images (float64 holds them exactly) and their labels, the same for the same arguments."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn((n, *shape), generator=generator, dtype=torch.float32)
    labels = torch.randint(classes, (n,), generator=generator)
    return images, labels


def _initialise(network: nn.Module, seed: int) -> nn.Module:
    """Fills all parameters and buffers with numbers from a generator of its own."""
    generator = torch.Generator().manual_seed(seed)

    def normal(tensor: Tensor, deviation: float) -> None:
        tensor.copy_(deviation * torch.randn(tensor.shape, generator=generator))

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                normal(module.weight, math.sqrt(2.0 / module.weight[0].numel()))
                if module.bias is not None:
                    normal(module.bias, 0.3)
            elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                assert module.running_mean is not None and module.running_var is not None
                module.weight.copy_(0.5 + torch.rand(module.weight.shape, generator=generator))
                module.weight[0] *= -1.0
                normal(module.bias, 0.3)
                normal(module.running_mean, 0.5)
                module.running_var.copy_(0.5 + torch.rand(module.running_var.shape, generator=generator))
    return network


def _builder(kind: Callable[[], nn.Module], seed: int) -> Callable[[], nn.Module]:
    """Returns a function that builds the network, always the same, with the global random state put back."""

    def build() -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            network = kind()
        return _initialise(network, seed)

    return build


class ResidualOutOfOrder(nn.Module):
    """A residual block with a projection, its layers registered in an order that is not the one they run in."""

    def __init__(self) -> None:
        super().__init__()
        self.classifier = nn.Linear(8, 3)
        self.second = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(8)
        self.projection = nn.Conv2d(5, 8, 1, stride=2, bias=False)
        self.projection_norm = nn.BatchNorm2d(8)
        self.first = nn.Conv2d(5, 8, 3, stride=2, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(8)
        self.last_relu = nn.ReLU()
        self.first_relu = nn.ReLU()
        self.stem = nn.Conv2d(3, 5, 3, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(5)
        self.stem_relu = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        """Stem, one block with the shortcut run first, global average, classifier."""
        stem = self.stem_relu(self.stem_norm(self.stem(images)))
        shortcut = self.projection_norm(self.projection(stem))
        features = self.first_relu(self.first_norm(self.first(stem)))
        features = self.last_relu(shortcut + self.second_norm(self.second(features)))
        logits: Tensor = self.classifier(features.mean(dim=(2, 3)))
        return logits


class Bottleneck(nn.Module):
    """An inverted bottleneck: 1x1, grouped 3x3, 1x1, an identity or projected shortcut."""

    def __init__(self, width_in: int, width: int, inner: int, groups: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width_in, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, inner, 3, stride=stride, padding=1, groups=groups, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or width_in != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(width_in, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width)
            )
        self.relu = nn.ReLU()

    def forward(self, features: Tensor) -> Tensor:
        """Body plus shortcut, then ReLU."""
        result: Tensor = self.relu(self.body(features) + self.shortcut(features))
        return result


def _bottlenecks() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        Bottleneck(6, 4, 8, groups=4, stride=1),
        Bottleneck(4, 4, 8, groups=8, stride=1),
        Bottleneck(4, 6, 6, groups=1, stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 5),
    )


def _grouped_and_depthwise() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(4, 8, 3, padding=1, groups=2, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=8, bias=True),
        nn.ReLU(),
        nn.Conv2d(16, 6, 1, groups=2, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 4, bias=False),
    )


def _biases_everywhere() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Conv2d(6, 4, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(4 * 3 * 3, 10),
        nn.ReLU(),
        nn.Linear(10, 4),
    )


def _inplace_relu_without_norm() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1, bias=False),
        nn.ReLU(inplace=True),
        nn.Conv2d(6, 6, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(6 * 6 * 6, 20),
        nn.ReLU(inplace=True),
        nn.Linear(20, 3),
    )


class InplaceAddition(nn.Module):
    """Adds the shortcut in place, once right to the output of a convolution, once to that of a normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.bare = nn.Conv2d(6, 6, 3, padding=1)
        self.normed = nn.Conv2d(6, 6, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.classifier = nn.Linear(6, 4)

    def forward(self, images: Tensor) -> Tensor:
        """Two residual additions in place, each followed by a ReLU in place."""
        shortcut = self.relu(self.stem(images))
        out = self.bare(shortcut)
        out += shortcut
        shortcut = self.relu(out)
        out = self.norm(self.normed(shortcut))
        out += shortcut
        logits: Tensor = self.classifier(self.relu(out).mean(dim=(2, 3)))
        return logits


class SharedConvolution(nn.Module):
    """Runs one convolution three times, at two resolutions, and one ReLU module throughout."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 5, 3, padding=1)
        self.shared = nn.Conv2d(5, 5, 3, padding=1)
        self.norm = nn.BatchNorm2d(5)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.classifier = nn.Linear(5, 3)

    def forward(self, images: Tensor) -> Tensor:
        """Stem, the shared convolution with and without normalisation, pooling, the shared convolution again."""
        features = self.relu(self.stem(images))
        features = self.relu(self.norm(self.shared(features)))
        features = self.pool(self.relu(self.shared(features)))
        features = self.relu(self.shared(features))
        logits: Tensor = self.classifier(features.mean(dim=(2, 3)))
        return logits


def _mlp() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(2 * 4 * 4, 24),
        nn.ReLU(),
        nn.Linear(24, 16),
        nn.ReLU(),
        nn.Linear(16, 5),
    )


def _mlp_with_norm() -> nn.Module:
    return nn.Sequential(
        nn.Linear(20, 24, bias=False),
        nn.BatchNorm1d(24),
        nn.ReLU(),
        nn.Linear(24, 12),
        nn.BatchNorm1d(12),
        nn.ReLU(),
        nn.Linear(12, 3),
    )


class UnusedLayers(nn.Module):
    """Registers a convolution, a linear layer and a ReLU that never run, in between those that do."""

    def __init__(self) -> None:
        super().__init__()
        self.never_convolution = nn.Conv2d(3, 6, 3)
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.never_relu = nn.ReLU()
        self.never_linear = nn.Linear(6, 6)
        self.relu = nn.ReLU()
        self.classifier = nn.Linear(6, 4)

    def forward(self, images: Tensor) -> Tensor:
        """Stem, global average, classifier."""
        logits: Tensor = self.classifier(self.relu(self.norm(self.stem(images))).mean(dim=(2, 3)))
        return logits


def _dropout_of_zero() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Dropout2d(0.0),
        nn.Conv2d(6, 6, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.0),
        nn.Linear(6 * 3 * 3, 3),
    )


def _kernels_and_strides() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, stride=2, padding=2, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.Conv2d(6, 8, 1, stride=2, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=2, dilation=2),
        nn.ReLU(),
        nn.Conv2d(8, 6, (1, 3), stride=(1, 2), padding=(0, 1), bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 4),
    )


def _convolution_as_classifier() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(8, 4, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def _frozen_norm() -> nn.Module:
    frozen = nn.BatchNorm2d(6)
    for parameter in frozen.parameters():
        parameter.requires_grad_(False)
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        frozen,
        nn.ReLU(),
        nn.Conv2d(6, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 3),
    )


class SignedBuffer(nn.Module):
    """Multiplies its features by a buffer and a parameter that have negative entries and belong to no layer."""

    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.register_buffer("scale", torch.tensor([1.5, -0.75, 0.5, -1.25, 1.0, -2.0]).reshape(1, 6, 1, 1))
        self.gain = nn.Parameter(torch.tensor([-0.5, 1.25, 0.75, -1.5, 2.0, 0.25]).reshape(1, 6, 1, 1))
        self.relu = nn.ReLU()
        self.second = nn.Conv2d(6, 6, 3, padding=1)
        self.classifier = nn.Linear(6, 3)

    def forward(self, images: Tensor) -> Tensor:
        """The buffer scales the first convolution's features, the parameter the second's."""
        features = self.relu(self.norm(self.first(images)) * self.scale)
        features = self.relu(self.second(features) * self.gain)
        logits: Tensor = self.classifier(features.mean(dim=(2, 3)))
        return logits


class Tiny(nn.Module):
    """A residual block with few enough weights to write down the whole Hessian."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU()
        self.grouped = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.classifier = nn.Linear(4, 2)

    def forward(self, images: Tensor) -> Tensor:
        """Stem, one residual grouped convolution, global average, classifier."""
        features = self.relu(self.stem_norm(self.stem(images)))
        features = self.relu(features + self.grouped(features))
        logits: Tensor = self.classifier(features.mean(dim=(2, 3)))
        return logits


ZOO: list[Entry] = [
    ("residual_out_of_order", _builder(ResidualOutOfOrder, 1), (3, 8, 8), 3),
    ("bottlenecks", _builder(_bottlenecks, 2), (3, 8, 8), 5),
    ("grouped_and_depthwise", _builder(_grouped_and_depthwise, 3), (4, 8, 8), 4),
    ("biases_everywhere", _builder(_biases_everywhere, 4), (3, 8, 8), 4),
    ("inplace_relu_without_norm", _builder(_inplace_relu_without_norm, 5), (3, 6, 6), 3),
    ("inplace_addition", _builder(InplaceAddition, 6), (3, 6, 6), 4),
    ("shared_convolution", _builder(SharedConvolution, 7), (3, 8, 8), 3),
    ("mlp", _builder(_mlp, 8), (2, 4, 4), 5),
    ("mlp_with_norm", _builder(_mlp_with_norm, 9), (20,), 3),
    ("unused_layers", _builder(UnusedLayers, 10), (3, 6, 6), 4),
    ("dropout_of_zero", _builder(_dropout_of_zero, 11), (3, 6, 6), 3),
    ("kernels_and_strides", _builder(_kernels_and_strides, 12), (1, 13, 11), 4),
    ("convolution_as_classifier", _builder(_convolution_as_classifier, 13), (3, 6, 6), 4),
    ("frozen_norm", _builder(_frozen_norm, 14), (3, 6, 6), 3),
    ("signed_buffer", _builder(SignedBuffer, 15), (3, 6, 6), 3),
    ("tiny", _builder(Tiny, 16), (1, 5, 5), 2),
]


def by_hand() -> nn.Module:
    """Returns Linear(2, 3), ReLU, Linear(3, 2), no biases, with whole numbers for weights."""
    with torch.random.fork_rng(devices=[]):
        first, second = nn.Linear(2, 3, bias=False), nn.Linear(3, 2, bias=False)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[2.0, 1.0], [-1.0, 3.0], [1.0, 2.0]]))
        second.weight.copy_(torch.tensor([[1.0, 2.0, -1.0], [0.0, 1.0, 1.0]]))
    return nn.Sequential(first, nn.ReLU(), second)


BY_HAND: Entry = ("by_hand", by_hand, (2,), 2)


def by_hand_batch() -> tuple[Tensor, Tensor]:
    """Returns the two images (1, 0) and (0, 1), of class 0 and 1."""
    return torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1])


# The numbers, image A = (1, 0) of class 0 and image B = (0, 1) of class 1; V and W are the two weights.
#   before the ReLU     A (2, -1, 1)        B (1, 3, 2)         so the codes are 101 and 111
#   after it            A (2, 0, 1)         B (1, 3, 2)
#   logits              A (1, 1)            B (5, 5)            so every probability is 1/2
#   d mean loss/dlogits A (-1/4, 1/4)       B (1/4, -1/4)
#   d/d before ReLU     A (-1/4, 0, 1/2)    B (1/4, 1/4, -1/2)
#   gradient of V       [[-1/4, 1/4], [0, 1/4], [1/2, -1/2]]    squares 11/16
#   gradient of W       [[-1/4, 3/4, 1/4], [1/4, -3/4, -1/4]]   squares 22/16
# grad_norm             sqrt(11)/4 + sqrt(22)/4;  of everything at once sqrt(33)/4
# snip                  V 1/2 + 0 + 1/2 + 1/4 + 3/4 + 1 = 3;  W 1/4 + 3/2 + 1/4 + 0 + 3/4 + 1/4 = 3
# H g, along V' = gradient of V and W' = gradient of W, in 32nds:
#   logits move by      A (-1, 3/4)         B (15/4, -11/4)
#   V                   columns A (-3, 0, 10), B (22, 38, -48)
#   W                   (16, 80, 37) and (-16, -80, -37)
#   theta * H g         V -6, 0, 10, 22, 114, -96: sum 44;  W 16, 160, -37, 0, -80, -37: sum 22
# grasp                 -(44 + 22)/32 = -33/16;  grasp_l1  (248 + 330)/32 = 289/16
# grasp_limit           the two logits of an image are equal, so p z - p <p, z> is nothing: 0
# synflow               |V| (1, 1) = (3, 4, 3);  |W| (3, 4, 3) = (14, 7);  21 through each of the two layers
# fisher, a dL/da       V: A (-1/2, 0, 1/2), B (1/4, 3/4, -1): 0.5 * mean of squares (5, 9, 20)/64, times fan-in 2
#                       W: A (-1/4, 1/4), B (5/4, -5/4): (26, 26)/64, times fan-in 3
#                       17/16 + 39/16 = 7/2
# fisher_parameter      gradients of the own losses are twice the parts of the above:
#                       A: V 1 + 1, W 1 + 1/4 + 1/4;  B: V 1/4 + 9/4 + 4, W 1/4 + 9 + 1 + 9/4 + 1;  7/2 + 20
# jacov                 rows A (2, 1), B (2, 1) + 3 (-1, 3) = (-1, 10): correlation -1, eigenvalues 0 and 2
# logdet                K = [[3, 2], [2, 3]], determinant 5
BY_HAND_VALUES: dict[str, float] = {
    "grad_norm": (math.sqrt(11) + math.sqrt(22)) / 4,
    "grad_norm_l2": math.sqrt(33) / 4,
    "snip": 6.0,
    "grasp": -33 / 16,
    "grasp_l1": 289 / 16,
    "grasp_limit": 0.0,
    "synflow": 42.0,
    "log_synflow": math.log(42.0),
    "fisher": 3.5,
    "fisher_parameter": 23.5,
    "jacov": -(math.log(1e-5) + 1e5 + math.log(2 + 1e-5) + 1 / (2 + 1e-5)),
    "logdet": math.log(5.0),
}
