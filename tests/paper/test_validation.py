"""docs/validation.md: runs in archives beside published scores, and differences with what is known of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from netlore.analysis.rank_agreement import kendall_samples, spearman_samples
from netlore.experiments.export import archive_run
from netlore.experiments.record import identity, record
from netlore.experiments.validate_config import ValidateConfiguration
from netlore.scoring.predictor import PREDICTORS
from netlore.scoring.scorer import definitions
from netlore.storage.score_store import Store
from netlore.storage.score_table import Score, ScoreRow
from netlore.validation.accuracies import sampled
from paper import make_benchmark_tables as tables
from paper import validation as script

PUBLISHED = Path(__file__).resolve().parents[2] / "results" / "validation" / "published"
ASKED = ValidateConfiguration(predictors=("synflow", "logdet"), networks=200, batch_size=2)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results with an archive of made-up scores: those of FreeREA for synflow, the negative for
    logdet."""
    base = tmp_path_factory.mktemp("results")
    task, known = ASKED.make_task(), ASKED.make_accuracies()
    free = pd.read_parquet(PUBLISHED / "freerea.parquet").set_index("architecture")
    rows = []
    for one in known.architectures:
        value = float(free.at[one.string, "log10_synflow_c10"])
        found = Score(value) if np.isfinite(value) else Score(None, "degenerate", "no way")
        rows.append(ScoreRow(one, 0, 0, "synflow", found))
        rows.append(ScoreRow(one, 0, 0, "logdet", Score(-float(np.nan_to_num(free.at[one.string, "naswot_c10"])))))
    with Store(base / "run", identity("validate", ASKED, task)) as store:
        store.define(definitions([PREDICTORS.get(name) for name in ASKED.predictors]))
        store.add(rows)
    record(base / "run", "validate", ASKED, num_classes=10, resolution=32, channels=3)
    archive_run(base / "run", base / "validation" / "cells")
    return base


@pytest.fixture(scope="module")
def part(results: Path) -> script.Part:
    notes = {"logdet": {"FreeREA": "Not this.", "FreeREA, cifar10": "It was turned around."}}
    return script.part_of(results / "validation" / "cells", PUBLISHED, notes)


def test_the_same_scores_differ_in_nothing(part: script.Part) -> None:
    same = {one.quantity: one for one in part.comparisons if one.source == "FreeREA"}["synflow"]
    assert same.difference[:3] == (0, 0, 0) and same.alike.value == 1 and not same.beyond_noise
    assert same.failed == same.their_failed == part.data.found.predictors[0].failed
    assert same.ours.value == part.data.found.predictors[0].kendall.value and same.ours.n == 200


def test_differences_beyond_noise_are_listed_with_what_is_known(part: script.Part) -> None:
    page = script.document([part], {"torch": "1"})
    flat = " ".join(page.split())
    other = {one.quantity: one for one in part.comparisons if one.source == "FreeREA"}["logdet"]
    assert other.beyond_noise and other.difference.value < -0.5 and other.alike.value < -0.9
    assert "- logdet of FreeREA, NAS-Bench-201, cifar10: -1." in flat and "It was turned around." in flat
    assert "synflow of FreeREA" not in flat
    assert "netlore validate --benchmark nas-bench-201 --predictor synflow --predictor logdet" in flat
    assert "test accuracy (10,000 images) after 200 epochs" in flat and script.COMMAND in flat


def test_published_scores_are_compared_on_common_networks(part: script.Part) -> None:
    found = {one.quantity: one for one in part.comparisons if one.source == "NAS-Bench-Suite-Zero"}
    assert set(found) == {"synflow", "logdet", "flops", "params"}
    suite = pd.read_parquet(PUBLISHED / "suite-zero-cifar10.parquet").set_index("architecture")
    networks = part.data.found.networks
    common = networks[networks["string"].isin(suite.index)]
    assert found["synflow"].ours.n == len(common) >= script.FEWEST
    expected = kendalltau(suite.loc[common["string"], "nwot"], common["accuracy"]).statistic
    assert found["logdet"].theirs.value == pytest.approx(expected)
    # Parameters are parameters; NASLib's FLOPs count pooling and batch norm, too.
    assert found["params"].alike.value == pytest.approx(1) and 0.9 < found["flops"].alike.value < 1


def test_published_correlations_of_all_cells_are_found_again() -> None:
    """As others computed them from the same scores: Spearman of those with a score, Kendall with failures last."""
    known = sampled("nas-bench-201", "cifar10", networks=10**6)
    free = pd.read_parquet(PUBLISHED / "freerea.parquet").set_index("architecture")
    scores = free.loc[[one.string for one in known.architectures]]
    for column, scored, rho in (("log10_synflow_c10", 15_284, 0.753), ("naswot_c10", 15_424, 0.785)):
        values = scores[column].to_numpy(dtype=np.float64)
        finite = np.isfinite(values)
        assert finite.sum() == scored
        found = spearman_samples(values[finite], known.values[finite], np.ones((1, scored), dtype=np.float32))
        assert found.tolist() == pytest.approx([rho, rho], abs=5e-4)
    last = np.where(finite, values, -np.inf)
    tau = kendall_samples(last, known.values, np.ones((1, len(known)), dtype=np.float32))
    assert tau.tolist() == pytest.approx([0.608, 0.608], abs=5e-4)


def test_runs_without_published_scores_have_no_comparison(results: Path, tmp_path: Path) -> None:
    lonely = script.part_of(results / "validation" / "cells", tmp_path, {})
    assert lonely.comparisons == () and "No published scores" in script.document([lonely], {})


def test_tables_are_made_from_files_of_others(tmp_path: Path) -> None:
    strings = ["|none~0|+|none~0|none~1|", "|avg_pool_3x3~0|+|none~0|none~1|"]
    columns = {name: [90.25, 91.5] for name in tables.NAS_BENCH_201}
    pd.DataFrame({"index": [7, 3], "arch_str": strings, **columns}).to_csv(tmp_path / "nb201_accuracy.csv")
    hardware = {"index": [3, 7], "edgegpu_latency_cifar10": [5.5, 6.5]}
    pd.DataFrame(hardware).to_parquet(tmp_path / "nb201_hardware.parquet")
    tasks = pd.DataFrame({"arch": ["64-41414-1_00_000", "64-41414-0_00_000"], "jigsaw": [1.0, 2.0]})
    tasks.to_csv(tmp_path / "transnas101_micro_tasks.csv", index=False)
    tables.main([str(tmp_path), "--out", str(tmp_path / "out")])
    made = pd.read_parquet(tmp_path / "out" / "nas-bench-201.parquet")
    assert made["architecture"].tolist() == strings[::-1] and made["cifar10-test"].tolist() == [91.5, 90.25]
    latency = pd.read_parquet(tmp_path / "out" / "nas-bench-201-hardware.parquet")
    assert latency["cifar10-edgegpu-latency"].tolist() == [5.5, 6.5]
    assert pd.read_parquet(tmp_path / "out" / "transnas-bench-101-micro.parquet")["jigsaw"].tolist() == [2.0, 1.0]
