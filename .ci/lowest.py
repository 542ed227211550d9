"""Prints the lowest versions that pyproject.toml allows, as constraints for pip: of all dependencies but torch and
torchvision, which `make lowest` takes from .venv (their lowest are gigabytes)."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
for line in project["dependencies"]:
    name, lowest = re.fullmatch(r"([\w-]+)>=([\d.]+)", line).groups()
    if name not in ("torch", "torchvision"):
        print(f"{name}=={lowest}")
