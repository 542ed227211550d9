"""Every refinement under results/ is what it was when `refinements.json` was made.

That file was made at version 0.1.0 by replaying all archives from their scores. It holds for each refinement its
seed, rounds, reason for the end, networks, and a digest of everything that a report can read of it: elites, sizes,
and of every round its number, space, estimates and scored networks, scores to the last bit. What is archived later
gets its record by `python -m tests.golden.test_refinements`, which changes none that is there.
"""

import hashlib
import json
from pathlib import Path

import pytest

from netlore.experiments.refine import stored_refinements
from netlore.refinement.result import Refinement

RESULTS = Path(__file__).resolve().parents[2] / "results"
RECORDS = Path(__file__).with_name("refinements.json")
GOLDEN = json.loads(RECORDS.read_text(encoding="utf-8"))


def summary(one: Refinement) -> dict[str, object]:
    rounds = [
        [
            found.number,
            found.exhausted,
            {name: [int(value) for value in grid] for name, grid in found.space.grids.items()},
            {name: [int(value) for value in estimate] for name, estimate in found.estimates.items()},
            [[row.architecture.id, row.draw, row.score.value] for row in found.table.rows],
        ]
        for found in one.rounds
    ]
    everything = json.dumps([[elite.id for elite in one.elites], one.cardinalities, rounds], sort_keys=True)
    return {
        "seed": one.seed,
        "rounds": len(one.rounds),
        "stopped_because": str(one.stopped_because),
        "networks": one.networks_scored,
        "sha256": hashlib.sha256(everything.encode()).hexdigest(),
    }


@pytest.fixture
def neither_drawn_nor_fitted(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a stored refinement is a record: nothing is drawn and nothing is fitted")

    monkeypatch.setattr("numpy.random.default_rng", refuse)
    monkeypatch.setattr("sklearn.linear_model.RidgeCV.fit", refuse)
    monkeypatch.setattr("netlore.data.task", refuse)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_stored_refinement_is_read_to_the_last_bit(name, neither_drawn_nor_fitted):
    _, refinements = stored_refinements(RESULTS / name)
    assert [summary(one) for one in refinements] == GOLDEN[name]


def archived() -> set[str]:
    """The folders under results/ that hold refinements."""
    return {
        str(path.parent.relative_to(RESULTS))
        for path in RESULTS.glob("*/*/run.json")
        if json.loads(path.read_text(encoding="utf-8"))["command"] == "refine"
    }


def test_every_stored_refinement_has_its_golden_record():
    assert archived() == set(GOLDEN)


def main() -> None:
    """Give those that have no record one."""
    new = {
        name: [summary(one) for one in stored_refinements(RESULTS / name)[1]]
        for name in sorted(archived() - set(GOLDEN))
    }
    RECORDS.write_text(json.dumps(GOLDEN | new, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
