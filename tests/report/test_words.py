"""Names, tables and sentences: what is printed for known intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from netlore.report.names import classes_of
from netlore.report.story import RefinementStory, ReportStory
from netlore.report.tables.markup import (
    best_table,
    principle_rows,
    principles_table,
    sizes_table,
)
from netlore.report.text.phrases import preferences, repetition, summary


def test_classes_keep_the_order_of_the_design_space(synflow: RefinementStory) -> None:
    classes = classes_of(synflow.grids)
    assert [group.slug for group in classes] == ["depths", "widths", "group-widths", "bottleneck-ratios"]
    assert classes[2].names == ("g1", "g2", "g3")


def test_unknown_classes_get_file_names_that_are_safe_and_distinct() -> None:
    classes = classes_of(["../x", "d1", "depths1", "K1", "k1", "∂1"])
    slugs = [group.slug for group in classes]
    assert slugs == ["x", "depths", "depths-2", "k", "k-2", "1"]


def test_principles_read_like_table_one(synflow: RefinementStory, jacov: RefinementStory) -> None:
    table = principle_rows([synflow, jacov], ["synflow", "jacov"])
    assert table.columns[:3] == ("Predictor", "# iterations", "d1")
    assert table.columns[-1] == "b3"
    assert table.rows[0][:6] == ("synflow", "12", "15", "16", "16", "8")
    assert table.rows[1][:6] == ("jacov", "10", "[2, 3]", "[2, 3]", "1", "[32, 64]")


def test_replicates_end_with_what_they_have_in_common(replicated: ReportStory) -> None:
    rows = principles_table(replicated).rows
    assert [row[0] for row in rows] == [
        "synflow, seed 0",
        "synflow, seed 1",
        "synflow, seed 2",
        "all seeds together",
        "pairs that agree",
    ]
    assert rows[3][2:4] == ("[7, 15]", "16")
    assert rows[4][2:4] == ("0%", "100%")


def test_sizes_are_exact_and_short_replicates_end_in_dashes(replicated: ReportStory) -> None:
    table = sizes_table(replicated)
    assert table.columns[:3] == ("Round", "Seed 0: all", "Seed 0: within the budget")
    assert len(table.rows) == 16
    assert table.rows[0][1] == "23,887,872,000"
    assert table.rows[15][1] == "1"
    assert table.rows[15][3] == "\N{EN DASH}"


def test_best_architectures_name_their_seed_only_among_replicates(
    single: ReportStory, replicated: ReportStory
) -> None:
    assert best_table(single).columns == ("Id", "Architecture", "Score, ln S")
    assert best_table(replicated).columns[0] == "Seed"
    assert best_table(single).rows[0][-1] == "272.4"


def test_preferences_in_words(synflow: RefinementStory, jacov: RefinementStory) -> None:
    words = {entry.what: entry.text for entry in preferences(synflow.principles, synflow.grids)}
    assert words["Depths"] == "15 blocks in stage 1, 16 in stage 2 and 16 in stage 3"
    assert words["Bottleneck ratios"] == "1 in every stage"
    words = {entry.what: entry.text for entry in preferences(jacov.principles, jacov.grids)}
    assert words["Depths"] == "2 to 3 blocks in stage 1, 2 to 3 in stage 2 and 1 in stage 3"
    assert words["Bottleneck ratios"] == "anything from 1 to 4 in every stage"


def test_part_of_a_class_is_never_called_every_stage(synflow: RefinementStory) -> None:
    part = {"b1": (1, 1), "b2": (1, 1)}
    assert preferences(part, synflow.grids)[0].text == "1 in stage 1 and 1 in stage 2"


def test_unknown_hyperparameters_keep_their_names() -> None:
    assert preferences({"k1": (3, 5), "k2": (3, 3)}, {"k1": (1, 3, 5), "k2": (1, 3)})[0].text == (
        "k1 = 3 to 5 and k2 = 3"
    )


def test_the_summary_tells_the_course(single: ReportStory) -> None:
    text = " ".join(summary(single))
    assert "refined for the predictor synflow on cifar10, under a budget of 10-50 MFLOPs, with seed 0." in text
    assert "Every round sampled 500 networks" in text
    assert "It stopped after 12 rounds: a single architecture is left. 6,000 networks were scored in 5 min" in text
    assert "23,887,872,000 architectures (2,149,908,480 within the budget) came down to 1 architecture (1 " in text
    assert "finite" not in text


def test_the_summary_counts_failed_networks(
    jacov: RefinementStory, build_story: Callable[..., RefinementStory]
) -> None:
    assert summary(ReportStory("", (jacov,)))[-1].startswith("30 networks of 5,000 have no finite score")
    once = build_story({name: (grid[0], grid[0]) for name, grid in jacov.grids.items()}, rounds=1, failed=1)
    assert summary(ReportStory("", (once,)))[-1].startswith("1 network of 500 has no finite score")
    free = dataclasses.replace(once, budget="no budget", cardinalities_within_budget=())
    assert "on cifar10, with no budget, with seed 0." in summary(ReportStory("", (free,)))[0]


def test_what_repeats_is_told_apart_from_what_does_not(replicated: ReportStory) -> None:
    steady, differing = repetition(replicated)
    assert "d1" not in steady
    assert steady["w2"] == (16, 32)
    assert differing == [
        "Depth of stage 1: 15 with seed 0, 7 with seed 1 and 8 with seed 2; 0% of the pairs agree."
    ]
