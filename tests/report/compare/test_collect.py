"""From the folders of refinements to a comparison: groups, labels, measures common to all, and what is refused."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from netlore.analysis.replicate_comparison import repeatability
from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration
from netlore.experiments.export import archive_run
from netlore.experiments.refine import refine_run, stored_refinements
from netlore.report.command_lines import refine_command
from netlore.report.compare.collect import find_methods
from netlore.report.compare.data import ComparisonFindings, method_label
from tests.experiments.conftest import TINY

MEMORY = TINY.model_copy(update={"method": "memory"})


def made(folder: Path, configuration: RefineConfiguration, replicates: int = 2) -> Path:
    refine_run(configuration, folder, replicates)
    return folder


def changed(**values: object) -> RefineConfiguration:
    return TINY.model_copy(update=values)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two seeds of the paper's method, and two with memory, the latter as an archive."""
    base = tmp_path_factory.mktemp("methods")
    archive_run(made(base / "memory", MEMORY), base / "archive")
    return base / "archive", made(base / "paper", TINY)


@pytest.fixture(scope="module")
def found(folders: tuple[Path, Path]) -> ComparisonFindings:
    return find_methods(folders)


def test_the_methods_of_a_group_in_their_order(found: ComparisonFindings) -> None:
    (group,) = found.groups
    assert [one.label for one in group.methods] == [method_label("paper"), method_label("memory")]
    assert [[one.refinement.seed for one in method.replicates] for method in group.methods] == [[0, 1], [0, 1]]
    assert found.title == "Methods of refinement side by side: synflow on noise"
    assert {"machine", "torch"} <= set(dict(found.made))
    assert "--method memory" in refine_command(group.methods[1].run.configuration)


def test_what_is_reached_is_measured_over_all_methods_together(
    folders: tuple[Path, Path], found: ComparisonFindings
) -> None:
    (group,) = found.groups
    rows = [
        [row for entry in one.rounds for row in entry.table.rows]
        for folder in reversed(folders)
        for one in stored_refinements(folder)[1]
    ]
    scores = [np.log([row.score.value for row in one]) for one in rows]
    names = [[row.architecture.id for row in one] for one in rows]
    common = repeatability(scores, names)
    replicates = [one for method in group.methods for one in method.replicates]
    assert (group.noise, group.best_known) == (common.noise, common.best_known)
    assert [one.elite_score for one in replicates] == list(common.elite_scores)
    assert [one.reached for one in replicates] == list(common.reached)
    assert any(one.reached is not None for one in replicates)
    pooled = list(zip(np.concatenate(names), np.concatenate(scores), strict=True))
    for one, own_names, own_scores, best in zip(replicates, names, scores, common.best, strict=True):
        own = [score for name, score in zip(own_names, own_scores, strict=True) if name == best]
        of_all = [score for name, score in pooled if name == best]
        assert (one.best.identity, one.best.draws, one.best.draws_of_all) == (best, len(own), len(of_all))
        assert (one.best.score, one.best.score_of_all) == pytest.approx((np.mean(own), np.mean(of_all)))
        assert one.best_course[-1].tolist() == pytest.approx([len(own_names), np.mean(own)])
        assert one.elite_course[-1].tolist() == pytest.approx([len(own_names), one.elite_score])
        assert one.best.text.startswith("d ")


def test_bands_stability_and_widths_are_of_one_method_each(found: ComparisonFindings) -> None:
    for method in found.groups[0].methods:
        assert method.stability is not None and method.stability.replicates == 2
        assert method.elite.high[-1] == pytest.approx(max(method.elite_scores))
        assert method.best.low[-1] == pytest.approx(min(one.best.score for one in method.replicates))
        for one in method.replicates:
            low, high = one.refinement.principles["d1"]
            assert one.widths["d1"] == (high - low + 1) / 16


def test_runs_of_one_method_have_different_labels(folders: tuple[Path, Path], tmp_path: Path) -> None:
    archived, paper = folders
    larger = made(tmp_path / "larger", changed(networks=8), 1)
    seeds = made(tmp_path / "other-seeds", changed(seed=7), 1)
    (group,) = find_methods([paper, larger, archived]).groups
    assert [one.label for one in group.methods] == [
        "the paper's refinement, 6 networks a round",
        "the paper's refinement, 8 networks a round",
        "refinement with memory",
    ]
    (group,) = find_methods([paper, larger, seeds]).groups
    assert [one.label.removeprefix("the paper's refinement, ") for one in group.methods] == [
        "paper",
        "8 networks a round",
        "other-seeds",
    ]


def test_predictors_and_data_sets_are_groups_of_their_own(folders: tuple[Path, Path], tmp_path: Path) -> None:
    logdet = made(tmp_path / "logdet", changed(predictor="logdet", flops=(1e6, 6e6)))
    first, second = find_methods([*folders, logdet]).groups
    assert (first.title, second.title) == ("synflow on noise", "logdet on noise")
    assert [one.label for one in second.methods] == ["the paper's refinement"]
    assert math.isfinite(second.best_known)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flops": (1e6, 6e6)}, r"flops is \[1000000.0, 5000000.0\] in \S+paper and \[1000000.0, 6000000.0\] in"),
        (
            {"params": (0, 1e9)},
            r"params is null in \S+paper and \[0.0, 1000000000.0\] in \S+other, so their scores",
        ),
        ({"batch_size": 4}, r"batch_size is 8 in .* do not compare; compare runs that agree in it\.$"),
        ({"data_seed": 3}, "data_seed is 0 in"),
        ({"dtype": "float64"}, 'dtype is "float32" in .* and "float64" in'),
        ({"space": "resnet"}, 'space is "anynet" in .* and "resnet" in'),
    ],
)
def test_scores_that_depend_on_other_settings_are_refused(
    folders: tuple[Path, Path], tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    other = tmp_path / "other"
    shutil.copytree(folders[1], other)
    document = json.loads((other / "run.json").read_text())
    document["configuration"] = changed(**changes).model_dump(mode="json")
    (other / "run.json").write_text(json.dumps(document))
    with pytest.raises(InvalidInput, match=message) as caught:
        find_methods([folders[1], other])
    assert "\n" not in str(caught.value)


def test_what_does_not_refine_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    for command, message in (
        ("train", "holds a train run, which refines nothing; name refinements, and new scores of their elites"),
        ("score", "holds a sample, not scores of named architectures; name refinements, and new scores"),
    ):
        (tmp_path / "run.json").write_text(json.dumps({"command": command, "configuration": {}}))
        with pytest.raises(InvalidInput, match=message):
            find_methods([folders[1], tmp_path])
    with pytest.raises(InvalidInput, match="is not a run; name a run's folder"):
        find_methods([folders[1], tmp_path / "nothing"])


def test_a_run_named_twice_is_refused(folders: tuple[Path, Path]) -> None:
    with pytest.raises(InvalidInput, match="is named twice, and would count twice"):
        find_methods([folders[1], folders[1] / "." / ".." / folders[1].name])


def test_a_single_refinement_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    alone = made(tmp_path / "alone", changed(predictor="logdet"), 1)
    with pytest.raises(
        InvalidInput, match=r"alone holds the only refinement of logdet on noise, and a comparison"
    ):
        find_methods([*folders, alone])
