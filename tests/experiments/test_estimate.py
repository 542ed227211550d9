from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

from netlore.cli.tables_of_time import show_forecast
from netlore.data import Task
from netlore.errors import DifferentConfiguration, InvalidInput
from netlore.executors import InProcess
from netlore.experiments import estimate as forecasting
from netlore.experiments.config import ModulesConfiguration, ScoreConfiguration
from netlore.experiments.estimate import Forecast, forecast_modules, forecast_scores, quartiles, reading_seconds
from netlore.experiments.record import identity
from netlore.experiments.score import prepared, score_run
from netlore.scoring.cost import Timed
from netlore.scoring.draws import Job, numbered
from netlore.scoring.missing import cost
from netlore.scoring.predictor import resolve
from netlore.scoring.scorer import score_networks
from netlore.storage.score_store import Store

TINY = ScoreConfiguration(
    data="noise", batch_size=4, networks=9, flops=(1e6, 5e6), predictors=("synflow", "logdet", "snip")
)


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def keep(folder: Path, count: int) -> None:
    """A run that was interrupted when a number of its networks were scored."""
    architectures, settings, _ = prepared(TINY)
    with Store(folder, identity("score", TINY, settings.task)) as store:
        score_networks(numbered(architectures)[:count], settings, InProcess(), store)


# What is counted


def test_nothing_is_written_not_even_the_folder(tmp_path: Path) -> None:
    found = forecast_scores(TINY, tmp_path / "some" / "run")
    assert not list(tmp_path.iterdir())
    assert (found.networks, found.missing, found.measured_on) == (9, 9, 3)
    assert found.seconds is not None and found.seconds > 0
    assert list(found.passes) == ["synflow", "logdet", "snip"]
    assert found.passes["logdet"] == (
        "one forward pass over the batch",
        "activation codes within the forward pass",
    )


def test_what_the_folder_holds_is_not_counted_and_no_file_in_it_changes(tmp_path: Path) -> None:
    keep(tmp_path, 7)
    before = files(tmp_path)
    found = forecast_scores(TINY, tmp_path)
    assert (found.networks, found.missing, found.measured_on) == (9, 2, 2)
    assert files(tmp_path) == before and "scores.sqlite-wal" not in before


def test_of_a_finished_run_nothing_is_left_and_nothing_is_measured(tmp_path: Path) -> None:
    score_run(TINY, tmp_path)
    reported: list[tuple[int, int]] = []
    found = forecast_scores(TINY, tmp_path, progress=lambda *t: reported.append(t))
    assert (found.missing, found.seconds, found.measured_on, reported) == (0, 0.0, 0, [])


def test_a_folder_that_a_run_is_writing_to_can_be_asked_about(tmp_path: Path) -> None:
    keep(tmp_path, 4)
    with Store(tmp_path, identity("score", TINY, prepared(TINY)[1].task)):
        assert forecast_scores(TINY, tmp_path).missing == 5


def test_named_architectures_are_counted_as_often_as_they_are_named(tmp_path: Path) -> None:
    small = json.dumps({"family": "resnet", "values": {"d1": 1, "d2": 1, "d3": 1, "w1": 2, "w2": 2, "w3": 2}})
    found = forecast_scores(TINY.model_copy(update={"architectures": (small, small)}), tmp_path / "run")
    assert (found.networks, found.missing, found.measured_on) == (2, 2, 2)


# What is measured


class Clock:
    """Stands for the executor that times: a network takes as many seconds as it has activations."""

    def __init__(self, task: Task, slow: int = 0) -> None:
        self.task, self.slow = task, slow
        self.costs: list[int] = []

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Timed]]:
        for index, job in enumerate(jobs):
            self.costs.append(cost(job.network.architecture, self.task))
            late = self.slow if index == 0 else 0
            yield index, Timed(self.costs[-1] + late, 1, [])


@pytest.mark.parametrize(("workers", "cores", "at_once"), [(1, 8, 1), (2, 8, 2), (5, 2, 2), (20, 40, 9)])
def test_the_time_is_scaled_by_cost_and_shared_by_workers_that_have_a_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, cores: int, at_once: int
) -> None:
    architectures, settings, _ = prepared(TINY)
    clock = Clock(settings.task, slow=10**9)
    monkeypatch.setattr(forecasting, "timed_run", lambda settings, workers: nullcontext(clock.run))
    monkeypatch.setattr(forecasting, "usable_cores", lambda: cores)
    reported: list[tuple[int, int]] = []
    found = forecast_scores(TINY, tmp_path / "run", workers, lambda *t: reported.append(t))
    everything = sum(cost(one, settings.task) for one in architectures)
    assert found.seconds == pytest.approx(everything / at_once)
    # The largest comes first, as a warm-up that does not count.
    assert clock.costs[0] == clock.costs[-1] and clock.costs[1:] == sorted(clock.costs[1:])
    assert reported == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize(
    ("count", "places"), [(0, []), (1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (4, [1, 2, 3]), (9, [2, 4, 6])]
)
def test_those_at_the_quartiles_of_the_cost_stand_for_all(count: int, places: list[int]) -> None:
    architectures, settings, _ = prepared(TINY)
    networks = numbered(architectures)[:count]
    by_cost = sorted(networks, key=lambda network: cost(network.architecture, settings.task))
    assert quartiles(networks, settings.task) == [by_cost[place] for place in places]


# What is refused


def test_a_folder_of_another_configuration_is_refused(tmp_path: Path) -> None:
    keep(tmp_path, 1)
    with pytest.raises(DifferentConfiguration, match="networks is 9 there and 5 here"):
        forecast_scores(TINY.model_copy(update={"networks": 5}), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predictors": ("snap",)}, "predictor 'snap' is not known"),
        ({"architectures": ("nothing",)}, "architecture 'nothing' is not known"),
        ({"flops": (1, 2)}, "acceptance rate 0"),
        ({"device": "abacus"}, "device 'abacus' cannot be used"),
        ({"data": "no"}, "data set 'no'"),
        ({"chunk_size": 2}, "cannot be evaluated in chunks of 2"),
    ],
)
def test_what_the_run_would_refuse_is_refused(tmp_path: Path, changes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        forecast_scores(TINY.model_copy(update=changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    for out in ("notes.txt", "notes.txt/run"):
        with pytest.raises(
            InvalidInput, match=r"notes\.txt is no folder that can be written to\); choose another"
        ):
            forecast_scores(TINY, tmp_path / out)


def test_no_workers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="workers = 0 is not positive; choose 1 or more"):
        forecast_scores(TINY, tmp_path, workers=0)


# Modules

MODULE = """
from torch import nn

plain = nn.Sequential(nn.Conv2d(3, 4, 3, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 8 * 8, 10))
normed = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten())
empty = nn.Flatten()
"""


def of(path: str, **settings: object) -> ModulesConfiguration:
    """One draw of that module."""
    asked = {**TINY.model_dump(), "modules": (path,), "networks": 1, **settings}
    return ModulesConfiguration.model_validate(asked)


def test_a_module_is_one_network_whose_time_is_not_estimated(own_module: Callable[[str], str]) -> None:
    name = own_module(MODULE)
    found = forecast_modules(of(f"{name}:plain"))
    assert (found.networks, found.missing, found.seconds, found.measured_on) == (1, 1, None, 0)
    assert found.passes["synflow"][-1] == "one backward pass in float64 from that image's logits"
    chunked = forecast_modules(of(f"{name}:plain", **{"chunk_size": 2}))
    assert chunked.passes["logdet"][0] == "for each chunk: one forward pass over its images"


def test_a_module_that_would_be_refused_is_refused(own_module: Callable[[str], str]) -> None:
    name = own_module(MODULE)
    with pytest.raises(InvalidInput, match="the network has no parameters"):
        forecast_modules(of(f"{name}:empty"))
    with pytest.raises(InvalidInput, match="logdet on a batch of 4 cannot be evaluated in chunks of 2"):
        forecast_modules(of(f"{name}:normed", **{"chunk_size": 2}))
    with pytest.raises(InvalidInput, match="device 'abacus' cannot be used"):
        forecast_modules(of(f"{name}:plain", **{"device": "abacus"}))


# In words


@pytest.mark.parametrize(
    ("networks", "missing", "seconds", "workers", "sentence"),
    [
        (100, 100, 130, 2, "About 2 min 10 s for 100 networks on 2 workers (measured on 3 of them)."),
        (100, 60, 30, 1, "About 30 s for the 60 of 100 networks that the folder lacks on 1 worker (measured on 3"),
        (100, 100, 30, 4, "on 4 workers that share 2 cores (measured"),
        (100, 0, 0.0, 1, "Nothing is left to score of 100 networks: the folder holds it all."),
        (1, 1, None, 1, "It is one network; how long it takes shows when it is scored."),
    ],
)
def test_the_forecast_is_one_sentence(
    capsys: pytest.CaptureFixture[str], networks: int, missing: int, seconds, workers: int, sentence: str
) -> None:
    show_forecast(Forecast({}, networks, missing, seconds, 3, workers, 2))
    assert sentence in capsys.readouterr().out


def test_the_document_is_plain_json(tmp_path: Path) -> None:
    document = json.loads(json.dumps(forecast_scores(TINY, tmp_path / "run").document(), allow_nan=False))
    assert list(document) == ["passes", "networks", "missing", "seconds", "measured_on"]
    assert list(document["passes"]) == [predictor.name for predictor in resolve(TINY.predictors)]


def test_reading_is_estimated_by_the_sizes_of_files(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "scores.sqlite").write_bytes(b"x" * 2_000_000)
    (tmp_path / "part" / "archive.parquet").write_bytes(b"x" * 900_000)
    (tmp_path / "report.html").write_bytes(b"x" * 2_000_000)
    assert reading_seconds([tmp_path, tmp_path / "nowhere"]) == pytest.approx(1 + 2)
