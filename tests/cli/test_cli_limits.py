"""`--network-timeout` and `--network-memory`: what one network may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlore.storage.score_store import Store
from tests.cli.running import TINY, Run

SCORE = ("score", "--predictor", "synflow", *TINY, "--out", "scored")


def test_a_network_over_the_limit_of_time_has_a_status_and_the_run_goes_on_without_it(
    run: Run, elsewhere: Path
) -> None:
    code, out, err = run(*SCORE, "--network-timeout", "0.0001")
    assert code == 3 and "timeout, it took longer than 0.0001 s, the limit" in out
    with Store(elsewhere / "scored", None) as store:
        rows = [*store.rows()]
    assert {row.score.status for row in rows} == {"timeout"}
    code, out, err = run(*SCORE)
    assert code == 3, "limits are no part of what a store compares, and what it holds is not tried again"
    code, out, err = run("score", "--predictor", "grad_norm", *TINY, "--out", "roomy", "--network-timeout", "600")
    assert code == 0, err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--network-memory", "1M", "limit memory = 1000000 is less than the"),
        ("--network-timeout", "-1", "limit seconds = -1.0 is not a finite number above 0"),
        ("--network-timeout", "nan", "limit seconds = nan is not a finite number above 0"),
        ("--network-memory", "much", "write, for example, "),
    ],
)
def test_a_limit_that_makes_no_sense_is_one_line(run: Run, option: str, value: str, said: str) -> None:
    code, out, err = run(*SCORE, option, value)
    assert (code, out) == (2, "") and said in err and "Traceback" not in err
