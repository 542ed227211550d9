"""Which number format a recipe's `auto` stands for on this machine."""

from __future__ import annotations

import torch

from netlore.training.recipe import Recipe


def resolved_precision(recipe: Recipe, device: str) -> str:
    """`float32` or `bf16`: what the recipe says, or for `auto` bf16 where the hardware multiplies in it."""
    if recipe.precision != "auto":
        return recipe.precision
    return "bf16" if _multiplies_in_bf16(torch.device(device)) else "float32"


def _multiplies_in_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    # torch computes in bfloat16 on every processor, but slower than in float32 without these instructions.
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return device.type == "cpu" and any(getattr(torch.cpu, name, lambda: False)() for name in asked)
