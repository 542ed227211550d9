"""What predictors cost: measured once on a machine, kept, and forgotten where a definition changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from netlore.cli.listings import listed
from netlore.experiments import costs
from netlore.experiments.config import BenchConfiguration
from netlore.experiments.estimate import Benchmark, Speed
from netlore.scoring.predictor import PREDICTORS

MILLISECONDS = {"all": 10.0, "snip": 30.0, "logdet": 5.0}


@pytest.fixture(autouse=True)
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Benchmarks as they were asked for; they take no time, and say that the seven together took 10 ms."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    asked: list[tuple[str, ...]] = []

    def bench_run(configuration: BenchConfiguration) -> Benchmark:
        asked.append(configuration.predictors)
        (name,) = configuration.predictors
        return Benchmark(configuration, 1, 1, 1, {}, Speed(1.0, MILLISECONDS.get(name, 1.0)), (), 0.0)

    monkeypatch.setattr(costs, "bench_run", bench_run)
    return asked


def test_costs_are_in_units_of_the_seven_and_kept(measured: list[tuple[str, ...]], tmp_path: Path) -> None:
    assert costs.known_costs() == {}
    assert all(row.get("cost") is None for row in listed("predictors"))
    found = costs.measured_costs()
    assert measured == [(name,) for name in ("all", *PREDICTORS)]
    assert (found["snip"], found["logdet"], found["jacov"]) == (3.0, 0.5, 0.1)
    assert costs.known_costs() == found and set(found) == set(PREDICTORS)
    assert {row["name"]: row.get("cost") for row in listed("predictors")}["snip"] == 3.0


def test_an_interruption_keeps_what_is_found_and_the_next_goes_on(
    measured: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names, whole = list(PREDICTORS), costs.bench_run

    def interrupted(configuration: BenchConfiguration) -> Benchmark:
        if configuration.predictors == (names[3],):
            raise KeyboardInterrupt
        return whole(configuration)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(costs, "bench_run", interrupted)
        costs.measured_costs()
    assert list(costs.known_costs()) == names[:3]
    measured.clear()
    assert set(costs.measured_costs()) == set(names)
    assert measured == [(name,) for name in ("all", *names[3:])]


def test_other_definitions_and_other_machines_have_costs_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs.measured_costs()
    snip = PREDICTORS.get("snip")
    monkeypatch.setitem(PREDICTORS._objects, "snip", replace(snip, version=99))
    assert "snip" not in costs.known_costs() and "logdet" in costs.known_costs()
    monkeypatch.setattr(costs, "hardware", lambda device: {"machine": "another"})
    assert costs.known_costs() == {}
    costs.measured_costs()
    assert len(json.loads((tmp_path / "netlore" / "costs.json").read_text())) == 2


def test_a_damaged_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "netlore").mkdir()
    for text in ("{", "[]", '{"here": 3}', '{"here": {"snip": "slow"}}'):
        (tmp_path / "netlore" / "costs.json").write_text(text)
        assert costs.known_costs() == {}
