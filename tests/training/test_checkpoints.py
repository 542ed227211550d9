"""A checkpoint that somebody changed is refused in one line, and nothing that it holds is run."""

from __future__ import annotations

import copy
import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from netlore.errors import InvalidInput
from netlore.training.checkpoints import CHECKPOINT, read_checkpoint, weights_of
from netlore.training.trainer import train
from tests.training.small import Stop, small_architecture, small_data, small_recipe, stopping


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("trained")
    with stopping(1), pytest.raises(Stop):
        train(small_architecture(), small_data(), small_recipe(epochs=2), folder)
    found: dict[str, Any] = torch.load(folder / CHECKPOINT, weights_only=True)
    return found


class Evil:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (str(self._mark),)


def test_a_checkpoint_is_read_as_it_was_written(content: dict[str, Any], tmp_path: Path) -> None:
    torch.save(content, tmp_path / CHECKPOINT)
    found = read_checkpoint(tmp_path / CHECKPOINT)
    assert found.facts == content["netlore"]["facts"] and len(found.epochs) == 1
    assert found.weights.keys() == {name.removeprefix("network.") for name in content["state_dict"]}
    assert weights_of(tmp_path / CHECKPOINT).keys() == found.weights.keys()


@pytest.mark.parametrize("whole", [True, False])
def test_what_it_holds_is_not_run_and_nobody_is_advised_to_run_it(
    content: dict[str, Any], tmp_path: Path, whole: bool
) -> None:
    evil = Evil(tmp_path / "mark")
    torch.save(evil if whole else content | {"callbacks": evil}, tmp_path / CHECKPOINT)
    with pytest.raises(InvalidInput) as caught:
        read_checkpoint(tmp_path / CHECKPOINT)
    assert str(caught.value) == (
        f"{tmp_path / CHECKPOINT} is not a readable checkpoint (it holds more than numbers, texts and tensors, "
        "and none of that is run); remove it to start again."
    )
    assert caught.value.__cause__ is None and not (tmp_path / "mark").exists()


PLACES: tuple[tuple[str, ...], ...] = (
    (),
    ("netlore",),
    ("netlore", "facts"),
    ("netlore", "epochs"),
    ("state_dict",),
    ("state_dict", "network.0.weight"),
)


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_a_value_of_another_kind_is_one_line(
    content: dict[str, Any], tmp_path: Path, place: tuple[str, ...]
) -> None:
    for other in (None, 3, "x", [], [[]], [None], {}, {"a": 1}, {1: 2}, torch.zeros(3), torch.zeros(())):
        changed: Any = copy.deepcopy(content)
        inner: Any = changed
        for key in place[:-1]:
            inner = inner[key]
        if place:
            inner[place[-1]] = other
        torch.save(changed if place else other, tmp_path / CHECKPOINT)
        try:
            read_checkpoint(tmp_path / CHECKPOINT)
        except InvalidInput as error:
            assert "is not a readable checkpoint (" in str(error) and "\n" not in str(error)
        else:
            assert place[1:] or (place == ("state_dict",) and isinstance(other, dict | list | torch.Tensor)), (
                "it may be so"
            )


def strange() -> dict[str, torch.Tensor]:
    return {
        "'network.0.weight' is no plain tensor)": torch.eye(3).to_sparse(),
        "'network.0.weight' is no plain tensor": torch.zeros(3, dtype=torch.complex64),
        "has the shape (1000000000, 1000), more than the file holds": torch.zeros(1).expand(10**9, 1_000),
    }


@pytest.mark.filterwarnings("ignore:Validating sparse tensor")
@pytest.mark.parametrize("message", strange())
def test_tensors_of_another_kind_are_refused(content: dict[str, Any], tmp_path: Path, message: str) -> None:
    state = content["state_dict"] | {"network.0.weight": strange()[message]}
    torch.save(content | {"state_dict": state}, tmp_path / CHECKPOINT)
    with pytest.raises(InvalidInput) as caught:
        read_checkpoint(tmp_path / CHECKPOINT)
    assert message in str(caught.value)


def test_what_is_packed_is_not_unpacked(content: dict[str, Any], tmp_path: Path) -> None:
    torch.save({**content, "more": torch.zeros(10**6)}, stream := io.BytesIO())
    with (
        zipfile.ZipFile(stream) as plain,
        zipfile.ZipFile(tmp_path / CHECKPOINT, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    with pytest.raises(InvalidInput, match="its parts are compressed"):
        read_checkpoint(tmp_path / CHECKPOINT)


def test_a_pipe_and_an_old_pickle_are_no_checkpoints(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(pickle.dumps({"netlore": {}}))
    with pytest.raises(InvalidInput, match="File is not a zip file"):
        read_checkpoint(tmp_path / CHECKPOINT)
    (tmp_path / CHECKPOINT).unlink()
    os.mkfifo(tmp_path / CHECKPOINT)
    with pytest.raises(InvalidInput, match="it is a pipe"):
        read_checkpoint(tmp_path / CHECKPOINT)


@pytest.mark.filterwarnings("ignore::UserWarning")  # of Lightning, of whatever it finds
@pytest.mark.parametrize("part", ["loops", "optimizer_states", "lr_schedulers", "state_dict"])
def test_going_on_from_a_changed_checkpoint_is_one_line(
    content: dict[str, Any], tmp_path: Path, part: str
) -> None:
    for other in ({}, {"a": {}}, [{}]) if part != "state_dict" else ({},):
        torch.save(content | {part: other}, tmp_path / CHECKPOINT)
        try:
            train(small_architecture(), small_data(), small_recipe(epochs=2), tmp_path)
        except InvalidInput as error:
            assert "cannot be gone on from" in str(error) and "\n" not in str(error)
