"""A study as TOML: what its sizes mean, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from netlore.errors import InvalidInput, UnknownName
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration
from netlore.experiments.study.config import planned, read_study
from tests.experiments.study.plans import plan

PAPER = Path(__file__).parents[3] / "studies" / "paper.toml"

STUDY = """
title = "Two predictors"
data = ["noise", "digits"]
predictors = ["synflow", "logdet"]
seed = 7

[sizes.small]
sample = 5
networks = 4
batch_size = 2

[sizes.small.refine.synflow]
networks = 6
replicates = 3

[sizes.bare]
data = ["digits"]
predictors = ["jacov"]
"""


def test_a_size_names_every_part_in_order(tmp_path: Path) -> None:
    found = plan(tmp_path, STUDY)
    assert (found.title, found.size) == ("Two predictors", "small")
    assert [part.name for part in found.parts] == [
        "sample-noise",
        "synflow-noise",
        "logdet-noise",
        "synflow-digits",
        "logdet-digits",
    ]
    sample, synflow, logdet = (part.configuration for part in found.parts[:3])
    assert isinstance(sample, ScoreConfiguration)
    assert (sample.networks, sample.predictors, sample.seed, sample.batch_size) == (5, ("synflow", "logdet"), 7, 2)
    assert isinstance(synflow, RefineConfiguration)
    assert isinstance(logdet, RefineConfiguration)
    assert (synflow.networks, logdet.networks) == (6, 4)
    assert [part.replicates for part in found.parts] == [1, 3, 1, 3, 1]
    assert found.parts[1].networks == 18


def test_a_size_may_choose_its_own_data_and_predictors(tmp_path: Path) -> None:
    found = plan(tmp_path, STUDY, "bare")
    assert [part.name for part in found.parts] == ["jacov-digits"]
    assert (found.parts[0].configuration.networks, found.parts[0].configuration.batch_size) == (500, 64)


def test_a_study_may_begin_all_refinements_with_the_same_networks(tmp_path: Path) -> None:
    for text, common in ((STUDY, False), (STUDY.replace("seed = 7", "seed = 7\ncommon_draws = true"), True)):
        refined = [part.configuration for part in plan(tmp_path, text).parts if part.command == "refine"]
        assert len(refined) == 4 and all(one.common_draws is common for one in refined)  # type: ignore[union-attr]


def test_the_paper_has_its_own_sizes() -> None:
    found = planned(read_study(PAPER), "paper")
    assert len(found.parts) == 1 + 7 * 2
    sample = found.parts[0].configuration
    assert isinstance(sample, ScoreConfiguration)
    # As `netlore score` calls the paper's seven, so that either command goes on with the other's folder.
    assert sample.predictors == ("all",)
    assert sample.networks == 5000
    assert {part.configuration.networks for part in found.parts[1:]} == {500}
    assert {part.configuration.flops for part in found.parts} == {(10e6, 50e6)}


@pytest.mark.parametrize("size", ["paper", "laptop", "smoke"])
def test_every_size_of_the_paper_has_all_predictors_on_both_data_sets(size: str) -> None:
    names = {part.name for part in planned(read_study(PAPER), size).parts}
    assert {"sample-cifar10", "jacov-cifar10", "jacov-cifar100"} <= names
    assert len(names) == 15


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (STUDY.replace("seed = 7", "sed = 7"), "sed = 7 is not allowed"),
        (STUDY.replace("sample = 5", "sample = -5"), r"sizes\.small\.sample = -5 is not allowed"),
        (STUDY.replace("synflow]", "snip]"), r"sizes\.small\.refine\.snip is about no predictor"),
        (STUDY.replace('"noise", "digits"', '"noise", "noise"'), "has one name twice"),
        (STUDY.replace('"synflow", "logdet"', '"synflow", "synflow"'), "names none or one twice"),
        ("title = ", "is not TOML"),
        ('title = "a"', "sizes"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        plan(tmp_path, text)


def test_an_unknown_size_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"small.*bare|bare.*small"):
        plan(tmp_path, STUDY, "huge")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_study(tmp_path / "none.toml")


def test_a_table_limits_any_measure_by_name(tmp_path: Path) -> None:
    found = plan(tmp_path, STUDY.replace("[sizes.small]", "[budget]\nlayers = [5, 30]\n\n[sizes.small]", 1))
    assert [part.configuration.budget for part in found.parts] == [{"layers": (5, 30)}] * 5


OWN_SPACE = """
space = "tests.networks.own_spaces:make_space"
flops = [0, 1e9]
data = ["noise"]
predictors = ["synflow"]

[space_options]
widths = "large"

[sizes.small]
"""


def test_a_space_has_options_of_its_own(tmp_path: Path) -> None:
    (part,) = plan(tmp_path, OWN_SPACE).parts
    asked, task = part.configuration, part.configuration.make_task()
    assert asked.make_space(task).grids == {"width": (8, 16, 32), "act": ("relu", "silu")}
    assert asked.model_dump()["space_options"] == {"widths": "large"}
    part_of = plan(tmp_path, OWN_SPACE.replace("[space_options]", "[restrict]\nwidth = [16, 32]\n[space_options]"))
    assert part_of.parts[0].configuration.make_space(task).grids == {"width": (16, 32), "act": ("relu", "silu")}
    with pytest.raises(InvalidInput, match="unexpected keyword argument 'depths'"):
        asked.model_copy(update={"space_options": {"depths": 1}}).make_space(task)


REGIMES = """
data = ["noise"]
predictors = ["synflow", "logdet"]

[regimes.small]
flops = [10e6, 50e6]

[regimes.few-parameters]
params = [1e4, inf]
budget = { layers = [5, 30] }

[sizes.small]
sample = 5
methods = ["paper", "memory"]
"""


def test_every_regime_has_a_sample_and_refinements_of_its_own(tmp_path: Path) -> None:
    found = plan(tmp_path, REGIMES)
    which = ("synflow-noise", "synflow-noise-memory", "logdet-noise", "logdet-noise-memory")
    names = [f"{name}-{regime}" for name in ("sample-noise", *which) for regime in ("small", "few-parameters")]
    assert list(found.names) == names
    assert {part.regime for part in found.parts} == {"small", "few-parameters"}
    limits = [part.configuration.limits for part in found.parts]
    assert limits == [{"flops": (10e6, 50e6)}, {"params": (1e4, math.inf), "layers": (5, 30)}] * 5


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            REGIMES.replace("data =", "params = [0, 1e6]\ndata =", 1),
            "params is a limit of the study, whose regimes",
        ),
        (REGIMES + "[regimes.none]\n", r"regimes\.none has no limit"),
        (REGIMES + "[regimes.again]\nflops = [10e6, 50e6]\n", r"regimes\.small and regimes\.again are the same"),
        (REGIMES + '[regimes."a/b"]\nflops = [0, 1]\n', r"a/b"),
    ],
)
def test_regimes_that_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        plan(tmp_path, text)
