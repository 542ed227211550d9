"""Study plans for tests."""

from __future__ import annotations

from pathlib import Path

from netlore.experiments.study.config import StudyPlan, planned, read_study


def plan(tmp_path: Path, text: str, size: str = "small") -> StudyPlan:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return planned(read_study(path), size)
