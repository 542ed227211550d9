"""docs/reliability-of-scores.md, and the shares of noise that the package has, come of the stored scores."""

from __future__ import annotations

from pathlib import Path

import pytest
from paper.reliability import SHIPPED, shares

from netlore.experiments.reliability import ReliabilityRun, stored_reliability
from netlore.scoring.noise import NOISE, known_noise, noise_document

ROOT = Path(__file__).resolve().parents[2]
STUDIES = sorted(path.parent for path in (ROOT / "results" / "reliability").glob("*/run.json"))


@pytest.fixture(scope="module")
def runs() -> list[ReliabilityRun]:
    return [stored_reliability(folder) for folder in STUDIES]


def test_the_package_has_what_the_stored_scores_say(runs: list[ReliabilityRun]) -> None:
    assert Path(str(NOISE)) == SHIPPED
    assert SHIPPED.read_text() == noise_document(shares(runs))


def test_every_study_is_on_the_page(runs: list[ReliabilityRun]) -> None:
    page = (ROOT / "docs" / "reliability-of-scores.md").read_text()
    for folder, run in zip(STUDIES, runs, strict=True):
        assert f"## {folder.name}\n" in page
        for name, one in run.found.predictors.items():
            assert one.noise is None or f"| {name} | {one.reliability.n} | {one.noise:.3f} |" in page


def test_among_networks_of_the_paper_grasp_is_mostly_noise_and_synflow_hardly() -> None:
    known = known_noise("anynet").predictors
    assert known["synflow"].share < 0.01 < known["jacov"].share < 0.5 < known["grasp"].share
