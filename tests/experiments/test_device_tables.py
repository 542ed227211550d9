from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import netlore as nl
from netlore.errors import DifferentConfiguration, InvalidInput, UnknownName
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration
from netlore.experiments.device_tables import device_table
from netlore.experiments.export import archive_run, stored_table
from netlore.experiments.record import recorded
from netlore.experiments.refine import refine_run, stored_run
from netlore.experiments.score import score_run
from netlore.report.collect import find
from netlore.report.data import StudyData
from netlore.report.explorer.payload import payload
from netlore.report.tables.refinement import tables
from netlore.space.device_table import IN_USE, forget
from netlore.validation.benchmark import BENCHMARKS

PUBLISHED = "nas-bench-201/cifar10-pixel3-latency"


@pytest.fixture(autouse=True)
def nothing_in_use() -> Iterator[None]:
    """No table is in use after a test."""
    yield
    for name in [*IN_USE]:
        forget(name)


def write_table(path: Path, each: float = 0.01) -> Path:
    """A table in which every convolution takes the same."""
    steps = {name: {"count": each} for name in ("convolution", "convolution 1x1", "convolution, group width 1")}
    steps |= {f"convolution, group width {width}": {"count": each} for width in (2, 4, 8, 16, 32)}
    path.write_text(json.dumps({"format": "netlore device table", "device": {"runtime": "none"}, "steps": steps}))
    return path


def rows_of(study: StudyData, name: str) -> list[dict[str, object]]:
    """The rows of a report's table."""
    return next(one.frame for one in tables(study) if one.name == name).to_dict(orient="records")


def asked(table: Path | str, **more: object) -> ScoreConfiguration:
    return ScoreConfiguration(
        data="noise", batch_size=8, networks=4, predictors=("synflow",), device_tables=(str(table),), **more
    )


def test_a_sample_keeps_to_the_budget_and_has_the_column_and_keeps_a_copy(tmp_path: Path):
    table = write_table(tmp_path / "table.json")
    run = score_run(asked(table, budget={"latency": (0.2, 0.5)}), tmp_path / "run")
    wide = run.table.wide
    convolutions = 100 * wide["latency"]
    assert wide["latency"].between(0.2, 0.5).all() and np.allclose(convolutions, convolutions.round())
    table.unlink()
    forget("latency")
    assert (tmp_path / "run" / "device-table-latency.json").is_file()
    assert sorted(stored_table(tmp_path / "run").wide["latency"]) == sorted(wide["latency"])
    kept = json.loads((tmp_path / "run" / "run.json").read_text())["configuration"]
    assert kept["device_tables"] == ["device-table-latency.json"]


def test_a_table_alone_gives_a_column(tmp_path: Path):
    run = score_run(asked(write_table(tmp_path / "table.json")), tmp_path / "run")
    assert run.table.wide["latency"].gt(0).all()


def test_a_run_goes_on_with_the_same_table_wherever_it_lies_and_is_refused_with_another(tmp_path: Path):
    table, run = write_table(tmp_path / "table.json"), tmp_path / "run"
    score_run(asked(table), run)
    moved = Path(shutil.copy(table, tmp_path / "moved.json"))
    reported: list[tuple[int, int]] = []
    score_run(asked(moved), run, progress=lambda *at: reported.append(at))
    assert reported == [(4, 4)]
    score_run(asked(run / "device-table-latency.json"), run)
    forget("latency")
    with pytest.raises(DifferentConfiguration, match=r"device_tables is .* there and .* here"):
        score_run(asked(write_table(moved, 0.02)), run)
    forget("latency")
    plain = asked(moved).model_copy(update={"device_tables": ()})
    with pytest.raises(DifferentConfiguration, match="device_tables"):
        score_run(plain, run)


def test_a_refinement_estimates_it_and_reports_show_it_from_the_folder_alone(tmp_path: Path):
    table, run = write_table(tmp_path / "table.json"), tmp_path / "run"
    how = {"data": "noise", "batch_size": 8, "networks": 6, "round_limit": 2, "flops": (1e6, 5e6)}
    configuration = RefineConfiguration(**how, device_tables=(str(table),), budget={"latency": (0.1, 0.4)})
    found = refine_run(configuration, run).refinements[0]
    low, _, high = found.rounds[0].estimates["latency"]
    assert 0.1 <= low <= high <= 0.4
    assert (
        found.counts_within_budget[0].exact and 0 < found.counts_within_budget[0].value < found.space.cardinality
    )
    table.unlink()
    forget("latency")
    assert stored_run(run).refinements[0].rounds[0].estimates["latency"] == (low, _, high)
    study = find([run], "a title")
    assert study.refinements[0].budget == "1M to 5M FLOPs, 0.1 to 0.4 ms of latency"
    assert {"Latency in ms"} <= {str(row["Complexity"]) for row in rows_of(study, "complexity")}
    assert all(0.1 <= row["Latency in ms"] <= 0.4 for row in rows_of(study, "table2-complexity")[-1:])
    assert "Latency in ms" in [axis["title"] for axis in payload(study)["groups"][0]["axes"]]


def test_an_archive_has_the_table(tmp_path: Path):
    score_run(asked(write_table(tmp_path / "table.json")), tmp_path / "run")
    archive_run(tmp_path / "run", tmp_path / "away")
    forget("latency")
    assert recorded(tmp_path / "away").configuration.device_tables == (
        str(tmp_path / "away" / "device-table-latency.json"),
    )
    assert stored_table(tmp_path / "away").wide["latency"].gt(0).all()


def test_published_latencies_of_cells_are_tables(tmp_path: Path):
    nl.use_device_table(PUBLISHED)
    space = nl.nats_topology(budget={"latency": (0, 5)})
    table = BENCHMARKS.get("nas-bench-201").hardware()
    column = table["cifar10-pixel3-latency"].astype(np.float64)
    assert space.cardinality_within_budget == int((column.round(6) <= 5).sum())
    one = nl.sample(space, 1)[0]
    known = column[table["architecture"] == one.string].iloc[0]
    assert nl.complexity(one, 10, measures=("latency",)).others["latency"] == pytest.approx(known, abs=1e-6)
    energy = nl.use_device_table("nas-bench-201/cifar10-edgegpu-energy")
    assert (energy.measure, energy.unit, energy.as_measure().label) == ("energy", "mJ", "Energy in mJ")


def test_a_run_of_cells_names_a_published_table(tmp_path: Path):
    configuration = asked(PUBLISHED, space="nats-topology", flops=None, budget={"latency": (0, 4)})
    wide: pd.DataFrame = score_run(configuration, tmp_path / "run").table.wide
    assert wide["latency"].le(4).all()
    assert not [*(tmp_path / "run").glob("device-table-*")]
    assert recorded(tmp_path / "run").configuration.device_tables == (PUBLISHED,)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("nowhere.json", InvalidInput, "there is no table of a device at nowhere.json; give a file that"),
        ("nas-bench-201/cifar10-pixel3", UnknownName, "table of nas-bench-201 .* choose one of .*pixel3-latency"),
        ("nas-bench-201/cifar10-eyeriss-arithmetic-intensity", UnknownName, "choose one of"),
        ("transnas-bench-101-micro/x-latency", UnknownName, "table of transnas-bench-101-micro"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(given: str, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        device_table(given)
