"""The shares of noise that commands print beside scores."""

from __future__ import annotations

import json

import pytest

from netlore.experiments.config import ScoreConfiguration
from netlore.experiments.score import score_run
from netlore.scoring import noise
from netlore.scoring.noise import KnownNoise, NoiseOfFamily, known_noise, noise_document

MEASURED = {
    "anynet": NoiseOfFamily(
        about="100 networks of nowhere.",
        predictors={"synflow": KnownNoise(share=0.125, low=0.1, high=0.25, networks=100)},
    )
}


@pytest.fixture
def measured(tmp_path, monkeypatch):
    path = tmp_path / "noise.json"
    path.write_text(noise_document(MEASURED))
    monkeypatch.setattr(noise, "NOISE", path)
    noise._measured.cache_clear()
    yield
    noise._measured.cache_clear()


def test_what_is_written_is_read(measured):
    assert known_noise("anynet") == MEASURED["anynet"]
    assert known_noise("nats-size").predictors == {}
    assert "netlore reliability" in known_noise("nats-size").about


def test_the_shipped_shares_are_shares():
    shipped = json.loads(noise.NOISE.read_text())["families"]
    for family in shipped:
        for one in known_noise(family).predictors.values():
            assert 0 <= one.share <= 1 and one.networks >= 10
            assert one.low is None or one.high is None or one.low <= one.share <= one.high


def test_scores_have_it_beside_them(measured, tmp_path):
    asked = ScoreConfiguration(data="noise", batch_size=2, networks=2, predictors=("synflow", "snip"))
    run = score_run(asked, tmp_path / "run")
    rows = {row["predictor"]: row for row in run.summary.to_dict("records")}
    assert rows["synflow"]["noise"] == 0.125
    document = run.document()["predictors"]
    assert document["synflow"]["noise"] == 0.125 and document["snip"]["noise"] is None
    assert run.noise.about == "100 networks of nowhere."


def test_of_other_networks_nothing_is_said(measured, tmp_path):
    asked = ScoreConfiguration(
        data="noise", batch_size=2, networks=2, predictors=("synflow",), space="nats-size", flops=None
    )
    assert "noise" not in score_run(asked, tmp_path / "run").summary
