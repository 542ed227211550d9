"""Full precision and repeatable kernels on CUDA devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """Inside, float32 on a CUDA device is float32, and the same kernels run each time; on the CPU nothing changes.

    By default cuDNN multiplies in TF32, with 10 bits of mantissa instead of 23, and may choose another kernel from
    one call to the next. Both would show in scores. The caller's settings come back afterwards.
    """
    if device.type != "cuda":
        yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.backends.cudnn.flags(
            enabled=torch.backends.cudnn.enabled, benchmark=False, deterministic=True, allow_tf32=False
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(before)
