"""What checkpoints hold in addition to Lightning's own, and refusing those that belong to something else.

Reading them needs torch alone.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from netlore.arguments import validated
from netlore.errors import InvalidInput
from netlore.training.records import EpochRecord

CHECKPOINT = "last.ckpt"
"""The checkpoint's name in a training's folder."""
FACTS = "netlore"
"""The key under which a checkpoint says what it belongs to, and what was recorded."""


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint of this package; what cannot be read, or others wrote, is refused."""
    try:
        checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        known = isinstance(checkpoint[FACTS]["facts"], dict)
    except (OSError, RuntimeError, ValueError, LookupError, TypeError, EOFError, pickle.UnpicklingError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InvalidInput(f"{path} is not a readable checkpoint ({reason}); remove it to start again.") from None
    if not known:
        raise InvalidInput(f"{path} is not a checkpoint of netlore; remove it to start again.")
    return checkpoint


def recorded_epochs(path: Path, facts: dict[str, Any]) -> tuple[EpochRecord, ...]:
    """The epochs that a training's checkpoint records; that of another training is refused."""
    there = read_checkpoint(path)[FACTS]
    for name, value in facts.items():
        have = there["facts"].get(name)
        if have != value:
            raise InvalidInput(
                f"{path} belongs to another training: its {name} is {have}, here it is {value}; choose another "
                "output folder, or remove it to start again."
            )
    return tuple(EpochRecord(**values) for values in there["epochs"])


@validated
def weights_of(path: Path) -> dict[str, torch.Tensor]:
    """The network's parameters and buffers in a checkpoint, by the names that `netlore.build` gives them."""
    state = read_checkpoint(path)["state_dict"]
    prefix = "network."
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
