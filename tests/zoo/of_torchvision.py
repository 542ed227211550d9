"""torchvision's families at small sizes."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.efficientnet import EfficientNet, MBConvConfig
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
from torchvision.models.segmentation import FCN
from torchvision.models.segmentation.fcn import FCNHead

from tests.zoo.cases import Case, classes, images


def _mobilenet_v3() -> nn.Module:
    block = partial(InvertedResidualConfig, dilation=1, width_mult=1.0)
    settings = [block(8, 3, 16, 8, True, "RE", 2), block(8, 5, 16, 8, False, "HS", 1)]
    return MobileNetV3(settings, last_channel=16, num_classes=4, dropout=0.0)


def _efficientnet() -> nn.Module:
    return EfficientNet([MBConvConfig(4, 3, 2, 8, 8, 1, 1.0, 1.0)], dropout=0.0, num_classes=4, last_channel=16)


def _vision_transformer(zeros: bool) -> nn.Module:
    network = models.VisionTransformer(12, 6, 2, 2, 8, 16, num_classes=4)
    if not zeros:
        nn.init.normal_(network.heads[0].weight)
    return network


def _swin(**options: Any) -> nn.Module:
    return models.SwinTransformer([2, 2], 8, [2, 2], [1, 2], [2, 2], num_classes=4, **options)


def _regnet() -> nn.Module:
    from torchvision.models.regnet import BlockParams, RegNet

    return RegNet(BlockParams([1, 1], [8, 8], [4, 4], [1.0, 1.0], [2, 2], 0.25), num_classes=4, stem_width=8)


def _fcn() -> nn.Module:
    body = nn.Sequential()
    body.add_module("conv", nn.Conv2d(3, 8, 3, padding=1))
    body.add_module("relu", nn.ReLU())

    class Body(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = body

        def forward(self, x: Any) -> dict[str, Any]:
            found = self.body(x)
            return {"out": found, "aux": found}

    network = FCN(Body(), FCNHead(8, 4), FCNHead(8, 4))
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return network


def _without_layers(network: Any, features: int) -> nn.Module:
    network.layer3 = network.layer4 = nn.Identity()
    network.fc = nn.Linear(features, 4)
    return network


CASES = (
    Case(
        "torchvision ResNet",
        lambda: _without_layers(models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1]), 128),
        images(16),
    ),
    Case(
        "torchvision ResNeXt",
        lambda: _without_layers(
            models.ResNet(models.resnet.Bottleneck, [1, 1, 1, 1], groups=8, width_per_group=1), 512
        ),
        images(16),
    ),
    Case("torchvision DenseNet", lambda: models.DenseNet(4, (2, 2), 8, num_classes=4), images(32)),
    Case("torchvision SqueezeNet", lambda: models.SqueezeNet("1_1", 4, dropout=0.0), images(32)),
    Case("torchvision ShuffleNetV2", lambda: models.ShuffleNetV2([1, 1, 1], [8, 8, 16, 16, 32], 4), images(32)),
    Case("torchvision MobileNetV2", lambda: models.MobileNetV2(4, 0.1, [[2, 8, 2, 2]], dropout=0.0), images(16)),
    Case("torchvision MobileNetV3", _mobilenet_v3, images(16), tolerance=1e-5),
    Case("torchvision EfficientNet", _efficientnet, images(16)),
    Case("torchvision RegNet", _regnet, images(32)),
    Case(
        "torchvision ConvNeXt",
        lambda: models.ConvNeXt([CNBlockConfig(8, 8, 1), CNBlockConfig(8, None, 1)], num_classes=4),
        images(16),
    ),
    Case("torchvision VisionTransformer, as it starts", lambda: _vision_transformer(True)),
    Case("torchvision VisionTransformer", lambda: _vision_transformer(False)),
    Case("torchvision SwinTransformer", _swin, images(16)),
    Case(
        "torchvision FCN (segmentation)",
        _fcn,
        images(8),
        classes(4, 8, 8),
        read=lambda r: [(1.0, r["out"]), (0.5, r["aux"])],
    ),
)
