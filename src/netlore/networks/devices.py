"""Devices that torch can use here, and the software that results can depend on."""

from __future__ import annotations

import os
import platform
import re
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import torch

from netlore import __version__
from netlore.errors import InvalidInput


def check_device(device: str) -> None:
    """Refuse a device that torch cannot use."""
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InvalidInput(f"device {device!r} cannot be used ({first}); choose cpu.") from None


def hardware(device: str) -> dict[str, str]:
    """What computes: the machine, the instructions that torch uses there, and the device."""
    on = torch.device(device)
    return {
        "machine": f"{platform.system()} {platform.machine()}",
        "capability": torch.backends.cpu.get_cpu_capability(),
        "device": torch.cuda.get_device_name(on) if on.type == "cuda" else device,
    }


def processor() -> str:
    """The processor's model, as the system calls it, and how many of its threads this machine has."""
    name = platform.processor() or platform.machine()
    with suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        name = found[1].strip() if found else name
    return f"{name}, {os.cpu_count()} threads"


def names_of_devices() -> list[str]:
    """All devices: the processor, and GPUs with what they are."""
    names = [torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count())]
    return ["cpu", *(f"cuda:{place} ({name})" for place, name in enumerate(names))]


def threads() -> int:
    """How many torch uses at once in this process."""
    return torch.get_num_threads()


def versions(*more: str) -> dict[str, str]:
    """Software that results can depend on."""
    packages = {package: version(package) for package in ("torch", "numpy", *more)}
    return {"netlore": __version__, **packages, "python": platform.python_version()}
