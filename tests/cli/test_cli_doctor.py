"""netlore doctor: what it finds, and a self-test that notices a wrong score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netlore.experiments import doctor
from netlore.experiments.doctor import ARCHITECTURES, TOLERANCE, Finding, findings, self_test
from tests.cli.running import Run

Stored = dict[str, dict[str, float]]


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stored:
    """The stored scores; the self-test reads what the test makes of them."""
    values: Stored = json.loads(doctor.SELF_TEST.read_text(encoding="utf-8"))
    path = tmp_path / "self_test.json"
    monkeypatch.setattr(doctor, "SELF_TEST", path)
    path.write_text(json.dumps(values))
    return values


def test_scores_here_are_the_stored_ones() -> None:
    found = self_test()
    assert found.passed and found.scores == 7 * len(ARCHITECTURES) and found.difference < TOLERANCE


def test_a_wrong_and_a_missing_score_are_noticed(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    here: dict[str, dict[str, float | None]] = {name: {**values} for name, values in stored.items()}
    monkeypatch.setattr(doctor, "computed", lambda: here)
    assert self_test().difference == 0
    exact = stored["snip"]["baseline/resnet-20"]
    here["snip"]["baseline/resnet-20"] = exact * 1.003
    found = self_test()
    assert not found.passed and found.difference == pytest.approx(0.003)
    assert found.where == "snip of baseline/resnet-20"
    here["jacov"]["paper/cifar10/jacov"] = None
    assert self_test().difference == float("inf") and self_test().where == "jacov of paper/cifar10/jacov"


def by_name(folder: Path) -> dict[str, Finding]:
    return {one.what: one for one in findings(folder)}


def test_what_is_installed_and_there(tmp_path: Path) -> None:
    found = by_name(tmp_path / "not" / "yet" / "made")
    for name in ("netlore", "torch", "python", "processor", "memory", "devices", "disk of runs"):
        assert found[name].found
    assert found["devices"].found.startswith("cpu") and found["disk of runs"].found.endswith(" GB free")
    assert {"extra train", "extra onnx", "extra optuna", "extra ray"} <= found.keys() and "extra dev" not in found


def test_what_is_missing_comes_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda name: None if name.startswith("onnx") else "1.0")
    monkeypatch.setattr(doctor, "available_memory", lambda: 0.6e9)
    monkeypatch.setattr(doctor.os, "sched_getaffinity", lambda process: {*range(8)}, raising=False)
    found = by_name(tmp_path)
    assert found["extra onnx"].advice == "for what needs it: pip install 'netlore[onnx]'"
    assert found["extra optuna"].advice == ""
    assert found["memory"].advice == "memory suffices for 1 of them; give no more --workers"
    monkeypatch.setattr(doctor, "_TIGHT", 1e30)
    assert "make room" in by_name(tmp_path)["disk of runs"].advice
    monkeypatch.setattr(doctor.os, "access", lambda place, mode: False)
    assert f"{tmp_path} may not be written to" in by_name(tmp_path)["disk of runs"].advice


def test_the_command_says_what_is_wrong_and_fails(
    run: Run, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    here: dict[str, dict[str, float | None]] = {name: {**values} for name, values in stored.items()}
    monkeypatch.setattr(doctor, "computed", lambda: here)
    code, out, err = run("doctor")
    assert code == 0 and err == "" and "netlore" in out and out.rstrip().endswith("passed.")
    here["grasp"]["baseline/resnet-20"] = 1.0
    code, out, _ = run("doctor")
    assert code == 1 and "grasp of baseline/resnet-20" in out and "FAILED, the limit is 0.002" in out
    code, out, _ = run("doctor", "--json")
    assert code == 1 and json.loads(out)["self_test"]["passed"] is False
    here["grasp"]["baseline/resnet-20"] = None
    code, out, _ = run("doctor", "--json")
    assert code == 1 and json.loads(out)["self_test"]["difference"] is None
