from __future__ import annotations

import math
import shlex
from dataclasses import replace

import numpy as np
import pytest

from netlore import cli
from netlore.experiments import refine as refining
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.refine import RefineRun
from netlore.refinement.baselines import POPULATION, TOURNAMENT
from netlore.refinement.elite_refinement import EliteSettings
from netlore.report.refinement_view import command_line, refinement_story, report_story
from tests.experiments.conftest import TINY


class Asked(Exception):  # noqa: N818 - carries a configuration out of a command
    """What a command line asks for."""


@pytest.mark.parametrize(
    "configuration",
    [
        RefineConfiguration(),
        TINY,
        RefineConfiguration(flops=None, params=(12_345.5, math.inf), activations=(0, 1_234_567)),
        RefineConfiguration(
            data="a folder/with spaces", space="anynet-printed", seed=3, dtype="float64", data_seed=2
        ),
        RefineConfiguration(method="memory", networks=60),
        RefineConfiguration(method="evolution", networks=50, round_limit=60),
        RefineConfiguration(bootstrap="monte-carlo", batch_size=128, device="cuda"),
    ],
)
def test_the_command_of_a_report_asks_for_the_same_again(configuration, monkeypatch) -> None:
    def asked(*arguments: object) -> None:
        raise Asked(arguments[0], arguments[2])

    monkeypatch.setattr(refining, "refine_run", asked)
    monkeypatch.setattr(cli, "keep_freed_memory", lambda: None)
    program, *words = shlex.split(command_line(configuration, replicates=2))
    assert program == "netlore"
    with pytest.raises(Asked) as caught:
        cli.main(words)
    assert caught.value.args == (configuration, 2)


def test_a_story_tells_what_the_refinements_found(finished: RefineRun) -> None:
    story = report_story(TINY, finished.refinements, finished.repeats)
    assert len(story.refinements) == 2 and story.repeats is not None
    for told, one in zip(story.refinements, finished.refinements, strict=True):
        assert (told.predictor, told.data, told.seed, told.networks) == ("synflow", "noise", one.seed, 6)
        assert told.principles == one.principles and told.cardinalities == tuple(one.cardinalities)
        assert told.networks_scored == one.networks_scored and told.budget == "1M to 5M FLOPs"
        assert told.scale == "ln S" and told.grids == one.space.grids
        first = np.log(one.rounds[0].frame["synflow"])
        assert told.rounds[0].scores == pytest.approx(first)
        low, median, high = told.rounds[0].intervals["d1"]
        assert (low, high) == one.rounds[0].intervals["d1"] and low <= median <= high
        # The best networks of all rounds, best first, each once.
        values = [value for _, _, value in told.best]
        top = max(max(np.log(found.frame["synflow"])) for found in one.rounds)
        assert values == sorted(values, reverse=True) and values[0] == pytest.approx(top)
        assert len({name for name, _, _ in told.best}) == len(told.best) == 5


def test_one_refinement_repeats_nothing(finished: RefineRun) -> None:
    assert report_story(TINY, finished.refinements[:1], {}).repeats is None


def test_words_for_methods_state_their_numbers() -> None:
    usual = EliteSettings(12, 3, surrogate_share=0.5, neighbour_share=0.25, patience=5, min_gain_se=2.0)
    assert EliteSettings() == usual, "or reports say something else than is done"
    assert (POPULATION, TOURNAMENT) == (100, 25), "or reports say something else than is done"


def test_a_refinement_with_memory_is_told_as_one(finished: RefineRun) -> None:
    memory = TINY.model_copy(update={"method": "memory"})
    one = replace(finished.refinements[0], stopped_because="plateau")
    told = refinement_story(memory, one, 1)
    assert told.method == "memory" and "--method memory" in told.command
    assert told.stopped_because.startswith(
        "For five rounds the mean worth of the twelve best architectures did not"
    )
    short = replace(one, rounds=(replace(one.rounds[0], exhausted=True), *one.rounds[1:]))
    words = refinement_story(memory, short, 1).stopped_because
    assert words.endswith(" hardly moved; in 1 round there were fewer networks to score than asked for.")
    paper = refinement_story(TINY, finished.refinements[0], 1)
    assert paper.method == "paper" and "--method" not in paper.command


@pytest.mark.parametrize(
    ("method", "reason", "words"),
    [
        ("paper", "round limit", "The limit of rounds was reached."),
        ("memory", "round limit", "The limit of rounds was reached."),
        ("random", "round limit", "As many rounds were asked for."),
        ("evolution", "round limit", "As many rounds were asked for."),
        ("memory", "exhausted", "There was nothing more to score."),
        ("random", "unfinished", "It was interrupted; the same command goes on with it."),
    ],
)
def test_why_it_ended_is_true_of_the_method(finished: RefineRun, method: str, reason: str, words: str) -> None:
    configuration = TINY.model_copy(update={"method": method})
    rounds = tuple(replace(one, exhausted=False) for one in finished.refinements[0].rounds)
    one = replace(finished.refinements[0], rounds=rounds, stopped_because=reason)
    assert refinement_story(configuration, one, 1).stopped_because == words
