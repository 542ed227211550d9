"""Devices that torch can use here."""

from __future__ import annotations

import torch

from netlore.errors import InvalidInput


def check_device(device: str) -> None:
    """Refuse a device that torch cannot use."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InvalidInput(f"device {device!r} cannot be used ({first}); choose cpu.") from None
