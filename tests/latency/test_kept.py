from __future__ import annotations

import json
from pathlib import Path

import pytest

import netlore as nl
from netlore.latency import kept
from netlore.latency.kept import machine, measured
from netlore.latency.timing import Setting

ASKED = Setting("torch", resolution=8)
DRAWN = nl.sample(nl.anynet(flops=(0, 2e6), resolution=8), 3)


def rounds_of(folder: Path) -> list[int]:
    (file,) = folder.glob("*.json")
    return [len(one) for one in json.loads(file.read_text())["milliseconds"].values()]


def test_rounds_that_are_kept_are_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = measured(DRAWN, ASKED, 2, tmp_path)
    assert rounds_of(tmp_path) == [2, 2, 2] and first.shape == (3,) and (first > 0).all()
    monkeypatch.setattr(kept, "in_turns", lambda runs, threads, rounds: iter(()))
    assert measured(DRAWN, ASKED, 2, tmp_path).tolist() == first.tolist()


def test_an_interruption_costs_a_round(tmp_path: Path):
    def stopping(label: str, done: int, total: int, unit: str = "networks") -> None:
        if (label, done) == ("measured", 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured(DRAWN, ASKED, 3, tmp_path, stopping)
    assert rounds_of(tmp_path) == [1, 1, 1]
    reported: list[tuple[object, ...]] = []
    measured(DRAWN, ASKED, 3, tmp_path, lambda *at: reported.append(at))
    assert rounds_of(tmp_path) == [3, 3, 3] and reported[-1] == ("measured", 2, 2, "rounds")


def test_measurements_are_of_the_machine_the_runtime_its_threads_and_the_images():
    about = machine(ASKED)
    assert about["clock"] == "processor" and "onnxruntime" not in about["versions"]
    assert about["processor"] and about["resolution"] == 8
    assert machine(Setting("torch", threads=2, resolution=8))["clock"] == "wall"


def test_what_a_damaged_file_held_is_measured_again(tmp_path: Path):
    measured(DRAWN[:1], ASKED, 1, tmp_path)
    (file,) = tmp_path.glob("*.json")
    file.write_text("{")
    assert measured(DRAWN[:1], ASKED, 1, tmp_path).shape == (1,) and rounds_of(tmp_path) == [1]
