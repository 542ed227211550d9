"""Members of final boxes next to random networks: which are compared, and how."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from paper.pages import gathered

import netlore as nl
from paper import members

ROOT = Path(__file__).resolve().parents[2]


def stored(name: str) -> Path:
    """The archive of a refinement."""
    folder = ROOT / "results" / name
    if not folder.is_dir():
        pytest.skip(f"results/{name} is not there")
    return folder


def refinement(name: str) -> nl.Refinement:
    """A stored one; logdet's ends in a single point, jacov's in a large box."""
    return gathered([stored(name)])[0].refinements[0].first


def test_a_box_is_the_last_with_enough_architectures() -> None:
    ended, wide = refinement("paper-size/logdet-cifar10"), refinement("laptop/jacov-cifar10")
    sizes = ended.cardinalities_within_budget
    assert sizes[-3:] == [35, 6, 1] and members.box(ended).count_within_budget.value == 35
    assert members.box(wide).grids == wide.final_space.grids


def test_each_member_has_a_random_network_of_its_flops() -> None:
    wide = refinement("laptop/jacov-cifar10")
    found = members.pairs(wide)
    assert found == members.pairs(wide) and len({one.id for pair in found for one in pair}) == 12
    grids, costs = members.box(wide).grids, [[members.flops(one) for one in pair] for pair in found]
    assert all(value in grids[name] for member, _ in found for name, value in member.values.items())
    assert [other / member for member, other in costs] == pytest.approx([1] * 6, abs=0.02)


def test_differences_are_paired() -> None:
    rows = [
        {"predictor": "jacov", "pair": pair, "network": what, "error": error, "flops": 20_000_000}
        for what, errors in (("member", (30.0, 40.0, 50.0)), ("random", (32.0, 43.0, 54.0)))
        for pair, error in enumerate(errors)
    ]
    # 2, 3 and 4 points: mean 3, deviation 1, Student's quantile for two degrees of freedom 4.303.
    expected = ("jacov", "3", "40.0 (30.0 to 50.0)", "43.0 (32.0 to 54.0)", "+3.0 [+0.5, +5.5]", "20.0", "20.0")
    assert [*members.member_lines(rows)] == [expected]
    assert [*members.member_lines(rows[:4])] == []


def test_it_goes_on_with_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained = []

    def train_run(asked, folder):
        trained.append((folder.name, asked.seed, asked.settings.epochs))
        if len(trained) == 5:
            raise KeyboardInterrupt
        return type("Run", (), {"records": [type("Record", (), {"error": 10.0})]})

    study = gathered([stored("laptop/jacov-cifar10"), stored("paper-size/logdet-cifar10")])
    monkeypatch.setattr(members, "gathered", lambda _: study)
    monkeypatch.setattr(members, "train_run", train_run)
    monkeypatch.setattr(members, "MEMBERS", 2)
    out = tmp_path / "new" / "errors.jsonl"
    monkeypatch.setattr(sys, "argv", ["members", str(out), str(tmp_path), "../shared/data/cifar"])
    with pytest.raises(KeyboardInterrupt):
        members.main()
    members.main()
    names = [name for name, *_ in trained]
    assert names[4] == names[5] and len(set(names)) == 8 == len(names) - 1
    assert {one[1:] for one in trained} == {(0, 4), (1, 4)}
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [f"{one['predictor']}-{one['pair']}-{one['network']}" for one in rows] == names[:4] + names[5:]
