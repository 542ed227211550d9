"""What checkpoints hold in addition to Lightning's own, and refusing those that belong to something else.

Reading them needs torch alone, and runs nothing that they hold.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ValidationError

from netlore.errors import InvalidInput
from netlore.reading import opened_file
from netlore.training.evaluation import Evaluation
from netlore.training.recipe import Recipe
from netlore.training.records import EpochRecord

CHECKPOINT = "last.ckpt"
"""The checkpoint's name in a training's folder."""
FACTS = "netlore"
"""The key under which a checkpoint says what it belongs to, and what was recorded."""
KEPT = "kept"
"""The key under which a checkpoint has the weights of the network that is validated and exported, if these are not
those that learn, but those of the average, or of the best epoch."""
_PREFIX = "network."
_USUAL = {name: one.default for name, one in Recipe.model_fields.items() if not one.is_required()}


class _Recorded(BaseModel):
    """What stands under that key."""

    facts: dict[str, Any]
    epochs: tuple[EpochRecord, ...]
    evaluation: Evaluation | None = None


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint of this package.

    Attributes:
        facts: What it belongs to.
        epochs: What was recorded.
        evaluation: Confusion and mistakes of the network that is kept; None in those of earlier versions.
        weights: That network's parameters and buffers, by the names that `netlore.build` gives them.
    """

    facts: Mapping[str, Any]
    epochs: tuple[EpochRecord, ...]
    evaluation: Evaluation | None
    weights: Mapping[str, torch.Tensor]


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint of this package; what cannot be read, holds other things, or others wrote, is refused."""
    try:
        content, size = _loaded(path)
        recorded = _Recorded.model_validate(_entry(content, FACTS))
        state = _weights(_entry(content, "state_dict"), size, _PREFIX)
        weights = _weights(_entry(content, KEPT), size, "") if KEPT in content else state
        if weights.keys() != state.keys():
            raise ValueError(f"its {KEPT} weights are not those of the network")
        return Checkpoint(recorded.facts, recorded.epochs, recorded.evaluation, weights)
    except pickle.UnpicklingError:
        # Torch's own words say how to run what it holds.
        reason = "it holds more than numbers, texts and tensors, and none of that is run"
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = f"its {'.'.join(map(str, first['loc'])) or 'record'} is not allowed: {first['msg'].lower()}"
    except (OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError, EOFError,
            zipfile.BadZipFile, RecursionError, MemoryError) as error:  # fmt: skip
        reason = (str(error).splitlines() or [type(error).__name__])[0]
    raise InvalidInput(f"{path} is not a readable checkpoint ({reason[:200]}); remove it to start again.")


def _loaded(path: Path) -> tuple[Any, int]:
    """What the file holds, and its size."""
    with opened_file(path) as file:
        with zipfile.ZipFile(file) as parts:
            if any(part.compress_type != zipfile.ZIP_STORED for part in parts.infolist()):
                raise ValueError("its parts are compressed, and might be of any size")
        size = file.seek(0, 2)
        file.seek(0)
        return torch.load(file, map_location="cpu", weights_only=True), size


def _entry(content: Any, name: str) -> Any:
    if not isinstance(content, Mapping) or not isinstance(content.get(name), Mapping):
        raise ValueError(f"it has no {name}")
    return content[name]


def _weights(state: Mapping[Any, Any], size: int, prefix: str) -> dict[str, torch.Tensor]:
    found = {}
    for name, value in state.items():
        plain = isinstance(value, torch.Tensor) and value.layout is torch.strided and value.device.type == "cpu"
        if not (isinstance(name, str) and plain) or value.is_complex() or value.is_quantized:
            raise ValueError(f"{name!r:.100} is no plain tensor")
        # A tensor may claim any shape over one number.
        if value.numel() * value.element_size() > size:
            raise ValueError(f"{name:.100} has the shape {tuple(value.shape)}, more than the file holds")
        if name.startswith(prefix):
            found[name.removeprefix(prefix)] = value
    return found


def recorded(path: Path, facts: dict[str, Any]) -> Checkpoint:
    """A training's checkpoint; that of another training is refused."""
    there = read_checkpoint(path)
    for name, value in facts.items():
        have = there.facts.get(name)
        if name == "recipe" and isinstance(have, Mapping):  # earlier versions had fewer keys
            have = {**_USUAL, **have}
        if have != value:
            raise InvalidInput(
                f"{path} belongs to another training: its {name} is {have!s:.200}, here it is {value!s:.200}; "
                "choose another output folder, or remove it to start again."
            )
    return there


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    """The network's parameters and buffers in a checkpoint, by the names that `netlore.build` gives them."""
    return dict(read_checkpoint(path).weights)
