"""Sizes of a study with several methods: how long each refines, in which folder, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.study.config import StudyPlan, planned, read_study
from tests.experiments.study.plans import plan

REPEATABILITY = Path(__file__).parents[3] / "studies" / "repeatability.toml"

STUDY = """
data = ["noise", "digits"]
predictors = ["synflow", "jacov"]

[sizes.small]
methods = ["memory", "paper", "evolution"]
replicates = 2

[sizes.small.method.evolution]
networks = 7
round_limit = 60

[sizes.small.refine.jacov]
methods = ["paper", "evolution"]
replicates = 5
round_limit = 20

[sizes.small.refine.jacov.method.evolution]
round_limit = 9
"""


def amounts(found: StudyPlan) -> dict[str, tuple[str, int, int, int]]:
    """Method, networks a round, replicates and limit of rounds of every part, by its name."""
    rows = {}
    for part in found.parts:
        one = part.configuration
        assert isinstance(one, RefineConfiguration)
        rows[part.name] = (one.method, one.networks, part.replicates, one.round_limit)
    return rows


def test_each_method_has_a_folder_and_of_its_numbers_the_most_special_count(tmp_path: Path) -> None:
    found = amounts(plan(tmp_path, STUDY))
    assert list(found) == [
        f"{predictor}-{data}{end}"
        for data in ("noise", "digits")
        for predictor, ends in (("synflow", ("-memory", "", "-evolution")), ("jacov", ("", "-evolution")))
        for end in ends
    ]
    assert found["synflow-noise-memory"] == ("memory", 60, 2, 100)
    assert found["synflow-noise"] == ("paper", 500, 2, 100)
    assert found["synflow-noise-evolution"] == ("evolution", 7, 2, 60)
    assert found["jacov-noise"] == ("paper", 500, 5, 20)
    assert found["jacov-noise-evolution"] == ("evolution", 7, 5, 9)


@pytest.mark.parametrize(
    ("said", "networks"),
    [
        (("all", "method", "predictor", "both"), 4),
        (("all", "method", "predictor"), 3),
        (("all", "method"), 2),
        (("all",), 1),
        (("method", "both"), 4),
        (("all", "predictor"), 3),
        ((), 50),
    ],
)
def test_what_counts_before_what(tmp_path: Path, said: tuple[str, ...], networks: int) -> None:
    tables = {
        "all": "networks = 1",
        "method": "method.random.networks = 2",
        "predictor": "refine.jacov.networks = 3",
        "both": "refine.jacov.method.random.networks = 4",
    }
    lines = [line for name, line in tables.items() if name in said]
    text = "\n".join(['predictors = ["jacov"]', "[sizes.small]", 'methods = "random"', *lines])
    assert amounts(plan(tmp_path, text)) == {"jacov-cifar10-random": ("random", networks, 1, 100)}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"memory", ', '"paper", ', r"sizes\.small\.methods = .* has one name twice; name each method once"),
        ('["paper", "evolution"]', '["paper", "paper"]', r"small\.refine\.jacov\.methods = .* has one name twice"),
        (
            "[sizes.small.method.evolution]",
            "[sizes.small.method.random]",
            r"sizes\.small\.method\.random is about no method that is used; choose from memory, paper, evolution",
        ),
        (
            "jacov.method.evolution]",
            "jacov.method.memory]",
            r"sizes\.small\.refine\.jacov\.method\.memory is about no method that is used; choose from paper, ev",
        ),
        ('"memory", ', '"fancy", ', r"sizes\.small\.methods\.0 = 'fancy' is not allowed"),
        ('["paper", "evolution"]', "[]", r"sizes\.small\.refine\.jacov\.methods = \[\] is not allowed"),
        ("digits", "d/noise-memory.parquet", "2 refinements would lie in the folder synflow-noise-memory"),
    ],
)
def test_what_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        plan(tmp_path, STUDY.replace(old, new))


def test_the_study_of_repeatability_has_all_methods_at_their_usual_numbers() -> None:
    study = read_study(REPEATABILITY)
    usual = {
        **{"": ("paper", 500), "-memory": ("memory", 60)},
        **{"-random": ("random", 50), "-evolution": ("evolution", 50)},
    }
    found = amounts(planned(study, "paper"))
    assert found == {f"synflow-cifar10{end}": (*one, 5, 100) for end, one in usual.items()}
    assert amounts(planned(study, "laptop")) == {
        f"{name}-cifar10{end}": (*one, 3, 60 if end in ("-random", "-evolution") else 100)
        for name in ("jacov", "logdet", "snip")
        for end, one in usual.items()
    }
    assert len(planned(study, "smoke").parts) == 4
    sizes = {size: {part.configuration.batch_size for part in planned(study, size).parts} for size in study.sizes}
    assert sizes == {"paper": {64}, "laptop": {16}, "smoke": {2}}


def test_what_is_picked_is_picked_from_every_method(tmp_path: Path) -> None:
    found = plan(tmp_path, STUDY + '\n[[sizes.small.train]]\narchitectures = ["picked"]\nrefined_on = "noise"\n')
    expected = [f"train-{part.name}" for part in found.parts if part.configuration.data == "noise"]
    assert [part.name for part in found.trainings] == expected and len(expected) == 5
