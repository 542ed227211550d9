"""From odd pictures to a network that runs: every step, whatever interrupts it."""

from __future__ import annotations

import html
import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from benchmarks.odd_images import write_odd_images

from netlore.data import split
from netlore.design import DesignRun, forecast_design, run_design
from netlore.errors import DifferentConfiguration
from netlore.report.command_lines import design_command
from netlore.report.design.collect import _too_slow
from netlore.report.page.page import Report
from netlore.space.complexity import complexity
from netlore.storage.device_tables import read_device_table
from tests.design.cases import small
from tests.tables_in_use import no_table_in_use

__all__ = ["no_table_in_use"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd") / "pictures"
    write_odd_images(folder, 20, bad=0, noise=20.0)
    return folder


@pytest.fixture(scope="module")
def whole(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[DesignRun, list[str], Path]:
    """A design that nothing interrupted, what it showed, and its folder."""
    folder, labels = tmp_path_factory.mktemp("design") / "whole", []

    def shown(label: str, *_: Any, **__: Any) -> None:
        if label not in labels[-1:]:
            labels.append(label)

    return run_design(small(pictures), folder, progress=shown), labels, folder


Whole = tuple[DesignRun, list[str], Path]


def test_the_file_computes_what_the_record_says(whole: Whole, pictures: Path) -> None:
    run, _, folder = whole
    session = onnxruntime.InferenceSession(str(folder / "network.onnx"))
    data = split(str(pictures), resize=32)
    pixels = data.validation.images.read(np.arange(len(data.validation)))
    images = ((pixels / 255 - data.training.mean) / data.training.std).astype(np.float32).transpose(0, 3, 1, 2)
    predicted = session.run(["logits"], {"images": images})[0].argmax(axis=1)
    assert 100 * np.mean(predicted != data.validation.labels) == pytest.approx(run.data.record.error)


def test_the_document_says_what_was_found(whole: Whole) -> None:
    run, labels, folder = whole
    found = json.loads((folder / "design.json").read_text())
    assert found == json.loads(json.dumps(run.document()))
    wanted = {"architecture", "error", "params", "flops", "latency_ms", "onnx", "seconds"}
    assert wanted <= found.keys() and found["architecture"]["family"] == "resnet"
    assert found["params"] <= 20_000 and found["flops"] <= 4e6 and found["latency_ms"] > 0
    assert all(Path(path).is_file() for path in found["files"])
    scoring = ["scoring, round 1", "scoring, round 2"]
    finalists = [f"finalist-{number}" for number in range(1, len(run.data.finalists) + 1)]
    assert len(finalists) > 1
    assert labels == [*scoring, "picking", *finalists, "training", "latency of the network", "page"]


def test_the_page_has_the_front_the_network_and_what_it_errs_about(whole: Whole) -> None:
    run, _, folder = whole
    page = (folder / "design.html").read_text()
    titles = ("Score against cost", "The network", "Principles along the front", "How training goes")
    titles += ("takes for what", "What it is wrong about", "Errors by class", "The network&#39;s layers")
    for title in (*titles, "the picked network"):
        assert title in page, title
    assert "netlore pick" in page and "netlore export" in page and design_command(run.design.asked) in page
    wrong = run.data.wrong
    assert len(run.data.mistakes) == len(wrong) > 0
    data = split(run.design.asked.data, resize=32).validation
    assert [int(data.labels[one.image]) for one in wrong] == [one.label for one in wrong]
    places = np.asarray([one.image for one in wrong])
    np.testing.assert_array_equal(run.data.mistakes, data.images.read(places))


def test_the_finalist_with_the_lowest_error_is_trained(whole: Whole, pictures: Path) -> None:
    run, _, folder = whole
    tried = run.data.finalists
    costs = [complexity(one.configuration.make_architecture(), 4, 32, measures=("longest_path",)) for one in tried]
    depths = [one.others["longest_path"] for one in costs]
    assert depths == sorted(set(depths)) and tried[-1].configuration.make_architecture() == run.data.picked
    errors = {one.configuration.make_architecture(): one.records[0].error for one in tried}
    assert errors[run.data.architecture] == min(errors.values())
    data = split(str(pictures), resize=32)
    for one in tried:
        assert one.facts.training_images + one.facts.validation_images == len(data.training)
        # A fifth of each of four classes of 18.
        assert one.facts.validation_images == 4 * 4 and len(one.records[0].epochs) == 1
    assert run.data.trained.facts.training_images == len(data.training)
    page = (folder / "design.html").read_text()
    assert f"netlore train {shlex.quote(run.data.architecture.to_json())}" in html.unescape(page)
    assert "held_out=0.2" in page and "had the lowest error and was trained" in page


def test_one_finalist_is_what_the_predictor_picks(
    pictures: Path, whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netlore.design.write_design", lambda found, *_: Report(found, (), (), ()))
    run = run_design(small(pictures, finalists=1), tmp_path / "run")
    assert run.data.architecture == run.data.picked == whole[0].data.picked and not run.data.finalists
    assert not any("finalist" in text for text in run.data.choices)


@pytest.mark.parametrize("step", ["scoring, round 2", "picking", "finalist-2", "training", "page"])
def test_whatever_is_interrupted_goes_on_to_the_same_end(
    step: str, whole: Whole, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _, _ = whole
    if step != "page":  # which takes longer than all else here
        monkeypatch.setattr("netlore.design.write_design", lambda found, *_: Report(found, (), (), ()))

    def interrupting(label: str, done: int, total: int, *_: Any, **__: Any) -> None:
        if label == step and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_design(small(pictures), tmp_path / "run", progress=interrupting)
    again = run_design(small(pictures), tmp_path / "run")
    first, second = run.document(), again.document()
    for name in ("architecture", "error", "balanced_error", "params", "flops", "choices"):
        assert first[name] == second[name], name
    assert (tmp_path / "run/network.onnx").read_bytes() == run.data.onnx.read_bytes()


@pytest.mark.parametrize("step", ["scoring, round 2", "finalist-3", "training"])
def test_a_command_that_is_killed_goes_on(
    step: str, whole: Whole, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _, _ = whole
    words = shlex.split(design_command(run.design.asked))[1:]
    command = [sys.executable, "-m", "netlore", *words, "--out", str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any(line.startswith(f"{step}: ") for line in process.stderr), "it did not get there"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    monkeypatch.setattr("netlore.design.write_design", lambda found, *_: Report(found, (), (), ()))
    again = run_design(small(pictures), tmp_path / "run")
    assert again.document()["error"] == run.document()["error"]
    assert (tmp_path / "run/network.onnx").read_bytes() == run.data.onnx.read_bytes()


def test_what_is_done_is_not_done_again(whole: Whole, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _, folder = whole

    def raising(*_: Any, **__: Any) -> None:
        raise AssertionError("this was scored or learned before")

    monkeypatch.setattr("netlore.scoring.scorer.examine", raising)
    monkeypatch.setattr("netlore.training.loop.Training.training_step", raising)
    again = run_design(small(pictures), folder)
    assert again.document()["architecture"] == run.document()["architecture"]
    assert all(one.finished and one.seconds == 0 for one in forecast_design(small(pictures), folder))


def test_a_folder_of_another_design_is_refused_and_kept(whole: Whole, pictures: Path) -> None:
    _, _, folder = whole
    before = (folder / "design.json").read_bytes()
    with pytest.raises(DifferentConfiguration, match="params"):
        run_design(small(pictures, params=(0.0, 10_000.0)), folder)
    with pytest.raises(DifferentConfiguration, match="epochs"):
        run_design(small(pictures, epochs=1), folder)
    assert (folder / "design.json").read_bytes() == before


def test_the_time_here_says_nothing_of_another_device(pictures: Path, whole: Whole) -> None:
    run, _, folder = whole
    table = folder.parent / "phone.json"
    table.write_text(json.dumps({"format": "netlore device table", "steps": {"linear": {"count": 1e-6}}}))
    here, phone = (small(pictures, latency=(0.0, 1e-5), device_tables=one) for one in ((), (str(table),)))
    assert here.needs_table and not phone.needs_table
    assert len([*_too_slow(here, run.data.latency)]) == 1 and not [*_too_slow(phone, run.data.latency)]


def test_a_limit_of_latency_makes_a_table_once(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("NETWORKS", 20), ("HELD_OUT", 2), ("ROUNDS", 2)):
        monkeypatch.setattr(f"netlore.design.{name}", value)
    chosen = small(pictures, latency=(0.0, 1000.0), runtime="torch", round_limit=1)
    labels: list[str] = []

    def shown(label: str, *_: Any, **__: Any) -> None:
        labels.append(label)
        if label == "scoring, round 1":
            raise KeyboardInterrupt

    assert len(forecast_design(chosen, tmp_path / "run")) == 8 and not (tmp_path / "run").exists()
    with pytest.raises(KeyboardInterrupt):
        run_design(chosen, tmp_path / "run", progress=shown)
    assert {"latency, built", "latency, measured"} < set(labels)
    table = (tmp_path / "run/latency.json").read_bytes()
    run = run_design(chosen, tmp_path / "run", progress=lambda label, *_, **__: labels.append(label))
    assert labels[labels.index("scoring, round 1") :].count("latency, measured") == 0
    assert (tmp_path / "run/latency.json").read_bytes() == table
    assert run.data.limits["latency"] == (0, 1000) and 0 < run.data.measures["latency"] <= 1000
    assert read_device_table(tmp_path / "run/latency.json").device["runtime"] == "torch"
    assert any("of 2 others it predicts" in text for text in run.data.choices)
    assert "netlore latency --table" in (tmp_path / "run/design.html").read_text()
