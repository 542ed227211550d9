"""Train members of final boxes, and random networks that cost as much: do principles carry accuracy?

    python -m paper.members results/members/errors.jsonl runs/members ../shared/data/cifar

A predictor's box is that of the last round that leaves at least 25 architectures within the budget, as many as the
paper draws from it (section V-D). Six members are drawn from it, and for each of them the network whose FLOPs are
nearest, of 1,000 drawn from the initial space. Both learn 20,000 images of CIFAR-10 by one schedule, one seed, and
are judged by its test images. Each error is a line of the file, so that the same command goes on with what is
missing. `paper.check_claims` shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import ttest_1samp

import netlore as nl
from netlore.experiments.train import train_run
from netlore.experiments.train_config import configured
from netlore.refinement.result import Refinement
from netlore.space.architecture import Architecture
from netlore.space.design_space import DesignSpace
from paper.pages import gathered, interval_text, parser, runs_of

ROOT = Path(__file__).parents[1]
STORED = ROOT / "results" / "members" / "errors.jsonl"
DATA, BOXES = "cifar10", ("synflow", "jacov", "logdet", "grad_norm")
LEAST, MEMBERS, POOL = 25, 6, 1000
EPOCHS, CHANGES = 4, {"batch_size": 128, "learning_rate": 0.2}
MEMBER, RANDOM = "member", "random"


def main() -> None:
    """Train what is missing, a pair of each predictor after the other."""
    options = parser(__doc__, "out", "runs", "cifar").parse_args()
    study, _ = gathered([ROOT / "results" / size for size in ("paper-size", "laptop")])
    found = {
        name: pairs(run.first) for (data, name), run in runs_of(study).items() if data == DATA and name in BOXES
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    there = {(one["predictor"], one["pair"], one["network"]) for one in stored(options.out)}
    for pair, name, (place, what) in product(range(MEMBERS), found, enumerate((MEMBER, RANDOM))):
        if (name, pair, what) not in there:
            network = found[name][pair][place]
            error = trained_error(network, pair, options.cifar, options.runs / f"{name}-{pair}-{what}")
            line = {"predictor": name, "pair": pair, "network": what, "architecture": str(network)}
            line |= {"flops": flops(network), "epochs": EPOCHS, "error": error}
            with options.out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(line) + "\n")
            print(line, flush=True)


def trained_error(network: Architecture, seed: int, cifar: Path, folder: Path) -> float:
    """The validation error of a network after its training, in percent; the folder keeps what is done of it."""
    data, judged_by = (str(cifar / f"{DATA}-{part}.parquet") for part in ("train-20k", "test"))
    asked = configured(network.to_json(), data, "quick", EPOCHS, CHANGES, validation=judged_by, seed=seed)
    return train_run(asked, folder).records[0].error


def stored(file: Path = STORED) -> list[dict[str, Any]]:
    """The errors that are known."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def box(refinement: Refinement) -> DesignSpace:
    """The last space of a refinement with as many architectures within the budget as are drawn from one."""
    spaces = [*(one.space for one in refinement.rounds), refinement.final_space]
    return next(one for one in reversed(spaces) if one.count_within_budget.value >= LEAST)


def pairs(refinement: Refinement) -> list[tuple[Architecture, Architecture]]:
    """Members of its box, each with a random network of nearly its FLOPs; no network is in two pairs."""
    members = nl.sample(box(refinement), MEMBERS, seed=(refinement.seed, 1))
    pool = [(flops(one), one) for one in nl.sample(refinement.space, POOL, seed=(refinement.seed, 2))]
    found = []
    for member, cost in ((one, flops(one)) for one in members):
        nearest = min(range(len(pool)), key=lambda place: abs(pool[place][0] - cost))
        found.append((member, pool.pop(nearest)[1]))
    return found


def flops(network: Architecture) -> int:
    """Multiplications with additions, for an image of CIFAR-10."""
    return int(nl.complexity(network, 10).flops)


def member_lines(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Of each predictor with two pairs or more: mean errors, and their difference with Student's interval."""
    for name in BOXES:
        own = {(one["pair"], one["network"]): one for one in rows if one["predictor"] == name}
        whole = [pair for pair in range(MEMBERS) if {(pair, MEMBER), (pair, RANDOM)} <= own.keys()]
        if len(whole) < 2:
            continue
        errors = np.array([[own[pair, what]["error"] for what in (MEMBER, RANDOM)] for pair in whole])
        costs = np.array([[own[pair, what]["flops"] / 1e6 for what in (MEMBER, RANDOM)] for pair in whole])
        below = errors[:, 1] - errors[:, 0]
        ends = ttest_1samp(below, 0).confidence_interval(0.95)
        yield (
            name,
            str(len(whole)),
            *(f"{each.mean():.1f} ({each.min():.1f} to {each.max():.1f})" for each in errors.T),
            interval_text(float(below.mean()), float(ends.low), float(ends.high), "+.1f"),
            *(f"{each.mean():.1f}" for each in costs.T),
        )


if __name__ == "__main__":
    main()
