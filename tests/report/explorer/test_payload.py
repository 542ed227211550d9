"""What the explorer's scripts are given: columns that decode to the findings, text that cannot become markup."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from netlore.report.data import StudyData
from netlore.report.explorer.payload import explorer_html, payload, thinning_sentence
from netlore.report.explorer.structure import structure
from netlore.report.page.page import render
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.module import ModuleArchitecture
from tests.report.explored import HYPERPARAMETERS, study

HOSTILE = '</script><script>alert("x")</script><!-- & \u2028'


@pytest.fixture(scope="module")
def findings() -> StudyData:
    return study(60, 40, rounds=4)


def decode(text: str, kind: str) -> Any:
    return np.frombuffer(base64.b64decode(text), kind)


def axis(group: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in group["axes"] if one["name"] == name)


def test_columns_decode_to_the_findings(findings: StudyData) -> None:
    group = payload(findings)["groups"][0]
    sample = findings.samples[0]
    assert [one["name"] for one in group["axes"]] == [
        *HYPERPARAMETERS,
        "flops",
        "params",
        "activations",
        *sample.predictors,
    ]
    for name in HYPERPARAMETERS:
        spec = axis(group, name)
        assert [spec["grid"][i] for i in decode(spec["values"], "<u2")] == sample.frame[name].tolist()
    for name in ("flops", "params", "activations"):
        assert decode(axis(group, name)["values"], "<f8").tolist() == sample.frame[name].tolist()
    for name in sample.predictors:
        np.testing.assert_array_equal(decode(axis(group, name)["values"], "<f8"), sample.transformed[name])


def test_a_refinement_has_rounds_intervals_and_scores_on_its_scale(findings: StudyData) -> None:
    group = payload(findings)["groups"][1]
    one = findings.refinements[0]
    assert decode(group["round"], "<u2").tolist() == one.networks["round"].tolist()
    assert [entry["of"] for entry in group["rounds"]] == [10, 10, 10, 10]
    found = [entry["intervals"]["d1"] for entry in group["rounds"]]
    assert found == [list(entry.estimates["d1"]) for entry in one.first.rounds]
    scores = decode(axis(group, "synflow")["values"], "<f8")
    np.testing.assert_allclose(scores, 5.0 * one.networks[["d1", "d2", "d3"]].sum(axis=1))  # ln S


def test_every_network_has_its_own_id_and_structure(findings: StudyData) -> None:
    data = payload(findings)
    for group, frame in zip(
        data["groups"], (findings.samples[0].frame, findings.refinements[0].networks), strict=True
    ):
        for number, identity in zip(decode(group["architectures"], "<u4"), frame["architecture"], strict=True):
            assert data["ids"][number] == identity
            stages = structure(findings.architectures[identity], 10, 32)
            drawn = data["shapes"][number]
            assert [stage[0] for stage in drawn] == [stage.name for stage in stages]
            assert [sum(stage[2::2]) for stage in drawn] == [stage.blocks for stage in stages]
            flops = sum(
                data["parts"][p][3] * n for stage in drawn for p, n in zip(stage[1::2], stage[2::2], strict=True)
            )
            assert flops == frame.set_index("architecture")["flops"].loc[[identity]].iloc[0]


def test_a_network_of_a_family_that_is_not_installed_has_no_structure(findings: StudyData) -> None:
    elsewhere = {
        name: dataclasses.replace(one, family="elsewhere") for name, one in findings.architectures.items()
    }
    data = payload(dataclasses.replace(findings, architectures=elsewhere))
    assert data["shapes"] == [None] * len(data["ids"])


def test_torch_modules_are_known_by_where_they_come_from(findings: StudyData) -> None:
    modules = {name: ModuleArchitecture.of(f"timm:{name}", "timm 1", {}) for name in findings.architectures}
    data = payload(dataclasses.replace(findings, architectures=modules))
    assert data["names"] == [f"timm:{name}" for name in data["ids"]]
    assert payload(findings)["names"] == [""] * len(data["ids"])


def test_a_value_outside_the_grid_is_an_own_tick(findings: StudyData) -> None:
    sample = findings.samples[0]
    narrow = dataclasses.replace(sample, grids={"d1": (1, 2)})
    spec = axis(payload(dataclasses.replace(findings, samples=(narrow,)))["groups"][0], "d1")
    assert set(spec["grid"]) == {1, 2} | set(sample.frame["d1"])
    assert [spec["grid"][i] for i in decode(spec["values"], "<u2")] == sample.frame["d1"].tolist()


def test_scores_that_are_not_finite_are_missing(findings: StudyData) -> None:
    sample = findings.samples[0]
    scores = np.full(60, np.inf)
    changed = dataclasses.replace(sample, transformed={**sample.transformed, "synflow": scores})
    group = payload(dataclasses.replace(findings, samples=(changed,)))["groups"][0]
    assert np.isnan(decode(axis(group, "synflow")["values"], "<f8")).all()


def test_thinning_is_stated(findings: StudyData) -> None:
    assert thinning_sentence(payload(findings)) == ""
    assert "shows 80 of the 100 networks" in thinning_sentence(payload(findings, limit=80))
    assert "80 of the 100" in explorer_html(findings, limit=80)


def test_no_text_can_end_the_script(findings: StudyData) -> None:
    sample = findings.samples[0]
    hostile = dataclasses.replace(
        sample,
        data=HOSTILE,
        predictors=(HOSTILE,),
        transforms={HOSTILE: TRANSFORMS.get("log")._replace(label=HOSTILE)},
        transformed={HOSTILE: sample.transformed["synflow"]},
        frame=sample.frame.rename(columns={"synflow": HOSTILE}),
    )
    html = str(explorer_html(dataclasses.replace(findings, samples=(hostile,), refinements=())))
    assert html.count("</script>") == 2
    assert HOSTILE not in html
    body = html.partition('id="explorer-data">')[2].partition("</script>")[0]
    assert not set("<>&") & set(body)
    assert json.loads(body)["groups"][0]["axes"][-1]["unit"] == HOSTILE


def test_a_number_that_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        render("explorer.html.j2", data=[float("nan")], thinning="", best=1)


def test_there_may_be_nothing_to_explore() -> None:
    nothing = StudyData("Empty", (), (), {}, {}, {})
    assert "no network" in explorer_html(nothing)
