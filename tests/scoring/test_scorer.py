"""score(): the table depends on the seed and the configuration alone, and nothing is computed twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import Tensor

import netlore as nl
from netlore.errors import InvalidInput, UndeclaredEvidence
from netlore.networks import build
from netlore.scoring.draws import network_seed, numbered
from netlore.scoring.probe import Probe
from tests.scoring.cases import surroundings
from tests.scoring.small import CHEAP, TINY, dislikes_depth


def values(table: nl.ScoreTable) -> list[float | None]:
    """All raw scores, in the table's order."""
    return [row.score.value for row in table.rows]


def without_times(table: nl.ScoreTable) -> pd.DataFrame:
    """The long frame but for its durations."""
    return table.frame.drop(columns="seconds")


def test_a_row_per_network_and_predictor_in_the_order_asked_for(task: nl.Task) -> None:
    asked = [TINY[1], TINY[0], TINY[1], TINY[2]]
    frame = nl.score(asked, CHEAP, task).frame
    assert list(frame["architecture"]) == [a.id for a in asked for _ in CHEAP]
    assert list(frame["predictor"]) == list(CHEAP) * 4
    assert list(frame["draw"]) == [0] * 6 + [1] * 3 + [0] * 3
    assert list(frame["status"]) == ["ok"] * 12
    again = nl.score(asked, CHEAP, task).wide
    assert list(again["architecture"]) == [a.id for a in asked]
    assert list(again["snip"]) == list(frame[frame["predictor"] == "snip"]["score"])


def test_draws_of_an_architecture_differ(task: nl.Task) -> None:
    first, second = nl.score([TINY[0], TINY[0]], ("snip",), task).rows
    assert (first.draw, second.draw) == (0, 1)
    assert first.score.value != second.score.value


def test_numbers_of_draws_go_on_from_earlier_ones() -> None:
    earlier = Counter({TINY[0].id: 2})
    assert [n.draw for n in numbered([TINY[0], TINY[1], TINY[0]], earlier)] == [2, 0, 3]
    assert earlier == {TINY[0].id: 4, TINY[1].id: 1}


def test_the_seed_decides(task: nl.Task) -> None:
    first, again, other = (values(nl.score(TINY, CHEAP, task, seed=seed)) for seed in (3, 3, 4))
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_the_order_and_the_company_do_not_matter(task: nl.Task) -> None:
    table = nl.score(TINY, CHEAP, task).wide.set_index("architecture")
    turned = nl.score(TINY[::-1], CHEAP[::-1], task).wide.set_index("architecture")
    alone = nl.score(TINY[1:2], "logdet", task).wide.set_index("architecture")
    assert turned.loc[table.index, list(CHEAP)].equals(table[list(CHEAP)])
    assert alone.loc[TINY[1].id, "logdet"] == table.loc[TINY[1].id, "logdet"]


def test_the_score_is_that_of_the_network_that_its_seed_builds(task: nl.Task) -> None:
    (row,) = nl.score([TINY[1]], "snip", task, seed=6, dtype="float64").rows
    network = build(TINY[1], task.num_classes, network_seed(6, TINY[1].id, 0))
    score = nl.probe(network, task.images, task.labels, "snip", dtype="float64")["snip"]
    assert float(row.score) == pytest.approx(float(score), rel=1e-9)


def test_the_seed_of_a_network_is_fixed_for_good() -> None:
    # 63 bits of SHA-256 of "7:anynet-0123456789abcdef:2". Changing it would change every published score.
    assert network_seed(7, "anynet-0123456789abcdef", 2) == 7484050854795770969
    others = {network_seed(s, a, d) for s in (0, 1) for a in ("x", "y") for d in (0, 1)}
    assert len(others) == 8
    assert all(0 <= seed < 2**63 for seed in others)


def test_global_state_stays_as_it_was(task: nl.Task) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        before = surroundings()
        nl.score(TINY[:1], CHEAP, task)
        after = surroundings()
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(before.pop("torch"), after.pop("torch"))
    assert str(before) == str(after)


def test_progress_counts_what_is_done(task: nl.Task, tmp_path: Path) -> None:
    reported: list[tuple[int, int]] = []
    nl.score(TINY[:1], "log_synflow", task, store=tmp_path)
    nl.score(TINY, "log_synflow", task, store=tmp_path, progress=lambda *numbers: reported.append(numbers))
    assert reported == [(1, 3), (2, 3), (3, 3)]


def test_a_network_that_fails_is_a_row_and_the_others_go_on(task: nl.Task) -> None:
    asked = [TINY[2], TINY[0], TINY[1]]
    table = nl.score(asked, (dislikes_depth, "log_synflow"), task)
    frame = table.frame[table.frame["predictor"] == "dislikes_depth"]
    assert list(frame["status"]) == ["error", "ok", "ok"]
    assert list(frame["reason"]) == ["too deep", "", ""]
    assert list(frame["score"].isna()) == [True, False, False]
    assert [row.architecture for row in table.failures] == [TINY[2]]
    assert list(table.frame[table.frame["predictor"] == "log_synflow"]["status"]) == ["ok"] * 3


def test_the_number_of_workers_does_not_matter(task: nl.Task) -> None:
    asked, reported = [*TINY, TINY[0]], []
    one = nl.score(asked, (*CHEAP, dislikes_depth), task, workers=1)
    two = nl.score(
        asked, (*CHEAP, dislikes_depth), task, workers=2, progress=lambda *numbers: reported.append(numbers)
    )
    assert without_times(one).equals(without_times(two))
    assert reported == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


@nl.predictor("reads_too_much", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test")
def reads_too_much(probe: Probe) -> Tensor:
    """Reads what it did not declare."""
    return probe.curvature


def test_undeclared_evidence_ends_the_run(task: nl.Task) -> None:
    with pytest.raises(UndeclaredEvidence, match="CURVATURE was read but not declared"):
        nl.score(TINY[:2], ("snip", reads_too_much), task)


def test_a_local_predictor_needs_one_worker(task: nl.Task) -> None:
    @nl.predictor("local", needs=nl.Evidence.SYNAPTIC_FLOW, source="a test")
    def local(probe: Probe) -> Tensor:
        """S."""
        return probe.log_synaptic_flow

    assert nl.score(TINY[:1], local, task).rows[0].score.status == "ok"
    with pytest.raises(InvalidInput, match="or use one worker"):
        nl.score(TINY[:1], local, task, workers=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, "seed = -1 is negative"),
        ({"dtype": "half"}, "dtype 'half' is not known"),
        ({"device": "nowhere"}, "device 'nowhere' cannot be used"),
        ({"workers": 0}, "workers = 0 is not positive"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    task: nl.Task, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        nl.score(TINY[:1], "snip", task, **arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_nothing_to_score_is_an_empty_table(task: nl.Task) -> None:
    assert nl.score([], "snip", task).rows == []
