"""`netlore optimum` as a user types it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.running import Run
from tests.experiments.documents import strictly


def test_it_prints_the_optimum_its_equals_and_the_best_share(run: Run) -> None:
    code, out, err = run("optimum", "--predictor", "synflow", "--flops", "10e6", "50e6")
    assert (code, err) == (0, "")
    first, _, ties, following, share, *_ = out.splitlines()
    assert first == (
        "synflow in anynet, 10M to 50M FLOPs: of 901,115,488 architectures the best is d 16,16,16; w 8,16,32; "
        "g 8,16,32; b 1,1,1."
    )
    assert ties.startswith("4 architectures are equal in it")
    assert following.startswith("Next: d 15,16,16; w 8,16,32; g 8,16,32; b 1,1,1, 265.01")
    assert share.startswith("The best 0.001 %: 9,0")
    assert "37,552,458" in out


def test_json_is_one_document_with_budgets_and_spaces_as_elsewhere(run: Run) -> None:
    words = (
        "--params",
        "20k",
        "200k",
        "--flops",
        "0",
        "inf",
        "--space",
        "anynet-printed",
        "--share",
        "1e-8",
        "--json",
    )
    code, out, err = run("optimum", *words)
    found = strictly(out)
    assert (code, err) == (0, "")
    assert found["budget"] == "20k to 200k parameters" and found["family"] == "anynet-printed"
    assert 20_000 <= found["optimum"]["params"] <= 200_000
    assert found["tied"][0] == found["optimum"]["values"] and found["tied_count"] >= len(found["tied"])
    assert found["share_networks"] >= 1 and found["share_objective"] <= found["optimum"]["objective"]
    for name, (low, high) in found["tied_intervals"].items():
        assert low <= found["optimum"]["values"][name] <= high


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--predictor", "snip"), "closed form that adds up over stages 'snip' is not known; choose one of"),
        (("--flops", "0", "10"), "no architecture of anynet has 0 to 10 FLOPs; widen the budget."),
        (("--share", "0"), "share = 0.0 is not allowed"),
        (("--share", "0.1"), "choose a share of 200,000 or fewer."),
        (("--space", "anynet-imagenet"), "is too large; restrict it to 10,000,000 or fewer."),
        (("--space", "none"), "design space 'none' is not known"),
        (("--space-option", "colour=red"), "colour"),
        (("--params", "5", "1"), "the budget params = 5 to 1 is empty"),
        (("--budget", "params"), "--budget params is no NAME=LOW:HIGH"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run("optimum", *words)
    assert (code, out) == (2, "") and message in err and len(err.splitlines()) == 1


def test_it_does_not_wait_for_torch() -> None:
    line = "import sys; from netlore.closed_forms import optimum; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", line], check=True)
