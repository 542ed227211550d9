from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

import netlore as nl
from netlore.cli.tables_of_time import show_benchmark
from netlore.errors import InvalidInput
from netlore.experiments.config import BenchConfiguration, ScoreConfiguration
from netlore.experiments.estimate import Benchmark, Speed, bench_run, wake
from netlore.scoring.cost import Timed
from netlore.scoring.draws import Job, Network
from netlore.scoring.predictor import PREDICTORS
from netlore.storage.documents import checked
from tests.refinement.cases import fickle

TINY = BenchConfiguration(
    data="noise", batch_size=4, networks=3, flops=(1e6, 5e6), predictors=("synflow", "logdet")
)


@pytest.fixture(scope="module")
def found() -> Benchmark:
    return bench_run(TINY)


def test_each_predictor_is_measured_alone_and_all_together(found: Benchmark) -> None:
    assert list(found.alone) == ["synflow", "logdet"] and found.networks == 3 and found.failures == ()
    for speed in (*found.alone.values(), found.together):
        # In one process and in this order: a median network cannot take longer than all of them.
        assert 0 < speed.median_milliseconds < 3 * 1000 / speed.networks_per_second


def test_progress_is_reported_for_each_way_without_its_warm_up() -> None:
    reported: list[tuple[str, int, int]] = []
    bench_run(TINY, progress=lambda *t: reported.append(t))
    ways = ("synflow", "logdet", "all together")
    assert reported == [(way, done, 3) for way in ways for done in range(4)]


def test_one_predictor_is_all_of_them() -> None:
    reported: list[str] = []
    one = bench_run(
        TINY.model_copy(update={"predictors": ("synflow",)}), progress=lambda way, *_: reported.append(way)
    )
    assert one.together == one.alone["synflow"] and set(reported) == {"synflow"}


def test_a_budget_that_nothing_meets_is_refused() -> None:
    with pytest.raises(InvalidInput, match="acceptance rate 0"):
        bench_run(TINY.model_copy(update={"flops": (1, 2)}))


def test_the_document_is_plain_json(found: Benchmark) -> None:
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["networks"] == 3 and document["failed"] == 0 and document["seconds"] > 0
    assert document["cores_used"] == document["workers"] == 1 <= document["cores"]
    assert {"machine", "capability", "device", "data", "batch_size", "dtype"} <= set(document)
    assert {"netlore", "torch", "python"} <= set(document["versions"])
    assert document["versions"]["netlore"] == nl.__version__
    for speed in (*document["predictors"].values(), document["all_together"]):
        assert set(speed) == {"networks_per_second", "median_milliseconds"}


def test_the_table_ends_with_all_together(found: Benchmark, capsys: pytest.CaptureFixture[str]) -> None:
    show_benchmark(found)
    lines = capsys.readouterr().out.splitlines()
    assert f"netlore {nl.__version__}" in lines[0] and "1 of " in lines[0]
    assert lines[1].startswith("3 networks, 4 images of noise, float32 on cpu, 1 worker")
    rows = [line for line in lines if line.startswith("│")]
    assert [row.split("│")[1].strip() for row in rows] == ["synflow", "logdet", "all together"]


def test_missing_scores_are_counted_once_and_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(PREDICTORS._objects, "fickle", fickle)
    failing = bench_run(TINY.model_copy(update={"predictors": ("synflow", "fickle"), "networks": 12}))
    assert 0 < len(failing.failures) <= 12 and {row.predictor for row in failing.failures} == {"fickle"}
    assert failing.document()["failed"] == len(failing.failures)
    show_benchmark(failing)
    assert "missing:" in capsys.readouterr().out


def test_every_worker_is_awake_before_the_clock_starts() -> None:
    rounds = 0

    def run(jobs: Sequence[Job]) -> Iterator[tuple[int, Timed]]:
        """At first one process does everything; from the third round on each does a job."""
        nonlocal rounds
        rounds += 1
        for index, _ in enumerate(jobs):
            yield index, Timed(0.1, index if rounds > 2 else 0, [])

    wake(run, Job(Network(nl.named("baseline/resnet-20"), 0), ("snip",)), workers=3)
    assert rounds == 3


def test_cores_used_are_those_that_there_are() -> None:
    speed = Speed(1.0, 1.0)
    assert Benchmark(TINY, 8, 2, 3, {}, speed, (), 1.0).surroundings()["cores_used"] == 2
    assert Benchmark(TINY, 1, 2, 3, {}, speed, (), 1.0).surroundings()["cores_used"] == 1


def test_the_configuration_has_the_defaults_of_the_paper_s_space() -> None:
    made = checked(BenchConfiguration, {})
    assert made.networks == 20 and made.predictors == ("all",) and made.space == "anynet"
    assert made.model_dump(exclude={"networks"}) == ScoreConfiguration().model_dump(exclude={"networks"})
    with pytest.raises(InvalidInput, match="networks = 0 is not allowed"):
        checked(BenchConfiguration, {"networks": 0})
    with pytest.raises(InvalidInput, match="speed = 9 is not allowed: no such key"):
        checked(BenchConfiguration, {"speed": 9})
