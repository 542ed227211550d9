"""timm's families at small sizes."""

from __future__ import annotations

from typing import Any

import timm
from timm.models.convmixer import ConvMixer
from timm.models.mlp_mixer import MlpMixer
from torch import nn

from tests.zoo.cases import Case, images


def _made(name: str, **options: Any) -> nn.Module:
    found: nn.Module = timm.create_model(name, num_classes=4, **options)
    return found


def _case(name: str, size: int = 32, tolerance: float = 1e-9, **options: Any) -> Case:
    return Case(f"timm {name}", lambda: _made(name, **options), images(size), tolerance=tolerance)


def _whole(kind: Any, **options: Any) -> Case:
    return Case(f"timm {kind.__name__}", lambda: kind(num_classes=4, **options), images(32))


_THIN: dict[str, Any] = {"embed_dim": 16, "depth": 1}

CASES = (
    _case("test_resnet"),
    _case("test_byobnet"),
    _case("test_efficientnet"),
    _case("test_efficientnet_gn"),
    _case("test_convnext"),
    _case("test_mambaout"),
    _case("test_nfnet"),
    _case("test_vit", img_size=32),
    _case("test_vit_relpos", img_size=32),
    _case("mobilenetv3_small_050", tolerance=1e-5),
    _case("lcnet_035", tolerance=1e-5),
    _case("starnet_s050"),
    _case("mobilenetv4_conv_small_035"),
    _whole(MlpMixer, img_size=32, patch_size=8, num_blocks=1, embed_dim=16),
    _whole(ConvMixer, dim=16, depth=1, patch_size=4),
    _case("swin_tiny_patch4_window7_224", img_size=32, window_size=4, embed_dim=8, depths=(2,), num_heads=(2,)),
    _case("swinv2_cr_tiny_224", img_size=32, window_size=4, embed_dim=8, depths=(2,), num_heads=(2,)),
    _case("xcit_nano_12_p16_224", img_size=32, num_heads=2, **_THIN),
    _case("deit_tiny_distilled_patch16_224", img_size=32, num_heads=2, **_THIN),
    _case("cait_xxs24_224", img_size=32, num_heads=2, **_THIN),
    _case("resnetv2_50", layers=(1,), channels=(16,), stem_chs=8),
    _case("convit_tiny", img_size=32, num_heads=2, **_THIN),
)
