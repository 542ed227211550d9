"""From folders to findings: what is analysed is what was scored."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau

from netlore.errors import InvalidInput
from netlore.experiments.config import RefineConfiguration, ScoreConfiguration
from netlore.experiments.export import drawn_table, stored_table
from netlore.experiments.refine import refine_run, stored_refinements
from netlore.experiments.score import score_run
from netlore.report import collect
from netlore.report.collect import find
from netlore.report.compare.collect import find_methods
from netlore.report.data import StudyData
from netlore.report.explorer.payload import payload, thinning_sentence
from netlore.report.figures.sample import specs as sample_specs
from netlore.report.page.study import headline
from netlore.report.tables.sample import sample_tables
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.transforms import TRANSFORMS
from netlore.storage.documents import checked
from tests.experiments.studies import small_plan

NAMES = ("sample-noise", "synflow-noise", "logdet-noise")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("study")
    for part in small_plan(made).parts:
        configuration = part.configuration
        if isinstance(configuration, RefineConfiguration):
            refine_run(configuration, made / part.name, part.replicates)
        else:
            score_run(configuration, made / part.name)
    return made


@pytest.fixture(scope="module")
def findings(folder: Path) -> StudyData:
    return find([folder / name for name in NAMES], "A title")


def test_the_sample_is_what_was_scored(folder: Path, findings: StudyData) -> None:
    (sample,) = findings.samples
    assert (sample.data, sample.family, sample.predictors) == ("noise", "anynet", ("synflow", "logdet"))
    assert len(sample.frame) == 30
    assert sample.frame.equals(stored_table(folder / NAMES[0]).wide)
    synflow = sample.frame["synflow"].to_numpy()
    assert np.allclose(sample.transformed["synflow"], np.log(synflow), rtol=1e-12)
    assert sample.scales == {"synflow": "ln S", "logdet": "S"}
    assert {name: one.positive_label for name, one in sample.transforms.items()} == {
        "synflow": "S",
        "logdet": "|S|",
    }


def test_of_very_many_networks_a_part_is_analysed_and_all_are_counted(
    folder: Path, findings: StudyData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "drawn_table", partial(drawn_table, most=20))
    study = find([folder / NAMES[0]], "A title")
    (sample,), (whole,) = study.samples, findings.samples
    assert (len(sample.frame), sample.networks) == (20, 30)
    assert set(sample.frame["architecture"]) < set(whole.frame["architecture"]) and len(study.architectures) == 20
    (note,) = study.notes
    assert "figures are of 20 networks, drawn at random from 30, always the same ones; counts, the lowest" in note
    drawn = "20 networks, drawn at random from 30, of anynet on noise"
    assert all(drawn in one.caption for one in sample_specs(study))
    tables = {table.name: table for table in sample_tables(sample)}
    assert tables["scores"].rows == {table.name: table for table in sample_tables(whole)}["scores"].rows
    assert "30 networks" in tables["scores"].caption and "from 30," in tables["correlation"].caption
    highest = sorted(whole.frame["synflow"], reverse=True)[:20]
    assert [row["Score"] for row in tables["best"].rows if row["Predictor"] == "synflow"] == highest
    assert dict(headline(study))["networks scored"] == "30" and sample.seconds == whole.seconds
    said = thinning_sentence(payload(study))
    assert "shows 20 of the 30 networks" in said and said.endswith("The figures and tables are of 20 networks.")


def test_every_analysis_of_the_sample_is_made(findings: StudyData) -> None:
    (sample,) = findings.samples
    assert sample.correlation is not None
    expected = kendalltau(sample.frame["synflow"], sample.frame["logdet"]).statistic
    assert sample.correlation.tau[0, 1] == pytest.approx(expected, rel=1e-12)
    for found in (sample.exponential, sample.trees, sample.partial, sample.importance):
        assert list(found) == ["synflow", "logdet"]
    assert sample.partial["synflow"].names == ("flops", "params", "activations", "blocks")
    depth = sample.frame[["d1", "d2", "d3"]].sum(axis=1)
    expected = depth.rank().corr(sample.frame["synflow"].rank())
    assert sample.partial["synflow"].plain[3] == pytest.approx(expected, rel=1e-12)


def test_refinements_are_found_with_all_their_networks(folder: Path, findings: StudyData) -> None:
    synflow, logdet = findings.refinements
    assert [one.seed for one in synflow.refinements] == [0, 1]
    assert [one.predictor for one in logdet.refinements] == ["logdet"]
    assert synflow.stability is not None
    assert synflow.stability.replicates == 2
    assert logdet.stability is None
    assert logdet.repeatability is None
    assert logdet.courses == ()
    _, found = stored_refinements(folder / NAMES[1])
    assert len(synflow.networks) == sum(one.networks_scored for one in found)
    second = synflow.networks.query("seed == 1 and round == 2")
    assert second["score"].tolist() == found[1].rounds[1].frame["synflow"].tolist()


def test_replicates_are_compared_on_the_predictor_s_scale(findings: StudyData) -> None:
    synflow = findings.refinements[0]
    assert synflow.repeatability is not None
    assert len(synflow.courses) == 2
    for index, course in enumerate(synflow.courses):
        rows = synflow.networks[synflow.networks["seed"] == index]
        means = np.log(rows["score"]).groupby(rows["architecture"]).mean()
        assert course[-1] == pytest.approx([len(rows), means.nlargest(12).mean()])
        assert synflow.repeatability.elite_scores[index] == pytest.approx(means.nlargest(12).mean())
        assert means[synflow.repeatability.best[index]] == pytest.approx(means.max())


def test_predictors_on_one_data_set_are_compared(findings: StudyData) -> None:
    assert list(findings.agreement) == ["noise"]
    assert findings.agreement["noise"].names == ("synflow", "logdet")


def test_every_network_has_its_architecture(findings: StudyData) -> None:
    ids = {*findings.samples[0].frame["architecture"]}
    for one in findings.refinements:
        ids |= {*one.networks["architecture"]}
    assert ids == set(findings.architectures)
    row = findings.samples[0].frame.iloc[0]
    one = findings.architectures[row["architecture"]]
    assert one.family == "anynet"
    assert one.values == {name: row[name] for name in one.values}
    assert findings.classes == {"noise": (10, 32)}


def test_how_it_was_made_is_what_the_runs_recorded(findings: StudyData) -> None:
    made = dict(findings.made)
    assert {"machine", "torch", "netlore", "python"} <= set(made)


def test_machines_that_differ_are_all_named() -> None:
    facts = [("capability", "AVX512"), ("torch", "2.14.1"), ("capability", "AVX2"), ("capability", "AVX512")]
    assert collect.made_together(facts) == (("capability", "AVX512; AVX2"), ("torch", "2.14.1"))


def test_few_networks_have_few_analyses(tmp_path: Path) -> None:
    given = {"data": "noise", "batch_size": 2, "networks": 3, "predictors": ["synflow"], "flops": [1e6, 12e6]}
    score_run(checked(ScoreConfiguration, given), tmp_path)
    (sample,) = find([tmp_path], "few").samples
    assert sample.correlation is None
    assert sample.exponential == sample.trees == sample.partial == sample.importance == {}


def test_named_architectures_of_several_families_are_analysed_by_what_they_share(tmp_path: Path) -> None:
    given = {
        "data": "noise",
        "batch_size": 2,
        "predictors": ["synflow", "logdet"],
        "architectures": ["baseline/resnet-20", "paper/cifar10/jacov"],
    }
    score_run(checked(ScoreConfiguration, given), tmp_path)
    (sample,) = find([tmp_path], "named").samples
    assert "g1" not in sample.grids
    assert sample.budget == "no budget: named architectures"
    assert "--architecture baseline/resnet-20" in sample.command


def test_a_refinement_is_not_found_twice(folder: Path) -> None:
    with pytest.raises(InvalidInput, match=r"two of the runs refine logdet on noise; .* `netlore compare`\.$"):
        find([folder / NAMES[2], folder / NAMES[2]], "twice")


def test_reading_opens_no_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_data(self: object) -> None:
        raise AssertionError("the data were opened")

    monkeypatch.setattr("netlore.experiments.config.Configuration.make_task", no_data)
    found = find([folder / name for name in NAMES], "A title")
    assert found.classes == {"noise": (10, 32)} and len(found.refinements) == 2


@pytest.mark.parametrize("transform", ["log", "own"])
def test_a_colleague_without_the_predictor_reads_its_run(transform: str, tmp_path: Path) -> None:
    flow = PREDICTORS.get("synflow")
    TRANSFORMS.add("own", TRANSFORMS.get("log"))
    PREDICTORS.add("flow", replace(flow, name="flow", transform=transform))
    given = {"data": "noise", "batch_size": 2, "networks": 3, "flops": (1e6, 12e6)}
    try:
        score_run(ScoreConfiguration(**given, predictors=("flow",)), tmp_path / "sample")
        asked = RefineConfiguration(**given, predictor="flow", round_limit=1)
        refine_run(asked, tmp_path / "flow")
        refine_run(asked.model_copy(update={"method": "random"}), tmp_path / "random")
    finally:
        PREDICTORS.remove("flow")
        TRANSFORMS.remove("own")
    found = find([tmp_path / "sample", tmp_path / "flow"], "without")
    label = "ln S" if transform == "log" else "S"
    assert found.samples[0].scales == {"flow": label} and found.refinements[0].scale == label
    (group,) = find_methods([tmp_path / "flow", tmp_path / "random"]).groups
    assert {one.run.scale for one in group.methods} == {label}
    assert [("own" in note, "raw scores" in note) for note in found.notes] == [(True, True)] * (transform == "own")
