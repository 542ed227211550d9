"""Counts are predictors and measures at once: every command that reads scores by name takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from tests.cli.running import TINY, Run


def test_scores_reports_and_analyses_with_counts(run: Run, tmp_path: Path) -> None:
    names = ("params", "depth", "snip")
    asked = [word for name in names for word in ("--predictor", name)]
    assert run("score", *TINY, *asked, "--out", "scored", "--json")[0] == 0
    assert run("score", *TINY, *asked, "--out", "scored")[0] == 0
    code, shown, _ = run("analyze", "scored")
    assert code == 0 and "params" in shown
    assert run("export", "scored", "--format", "csv", "--out", "tables")[0] == 0
    wide = pd.read_csv(tmp_path / "tables" / "networks.csv")
    assert [*wide.columns].count("params") == 1 and wide["params"].between(1e3, 1e7).all()
    assert run("report", "scored", "--out", "reported")[0] == 0


def test_a_refinement_by_a_count_finds_large_networks(run: Run, tmp_path: Path) -> None:
    assert (
        run("refine", "--predictor", "params", "--round-limit", "2", *TINY, "--out", "refined", "--json")[0] == 0
    )
    assert run("report", "refined", "--out", "reported")[0] == 0
    code, shown, _ = run("pick", "refined", "--json")
    assert code == 0
    picked = json.loads(shown)
    assert picked["score"] == picked["complexity"]["params"] == max(one["score"] for one in picked["candidates"])
