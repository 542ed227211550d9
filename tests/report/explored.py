"""Findings of real architectures with made-up scores: what the explorer and the page of a study are tried on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

import netlore as nl
from netlore.report.data import RefinementData, StudyData
from netlore.report.sample_data import SampleData
from netlore.scoring.transforms import TRANSFORMS
from netlore.space.architecture import Architecture
from tests.report.conftest import SYNFLOW_ENDS, anynet_grids, build

PREDICTORS = {"grad_norm": "ln S", "synflow": "ln S", "jacov": "-ln(-S)"}
HYPERPARAMETERS = tuple(f"{letter}{stage}" for letter in "dwgb" for stage in (1, 2, 3))


def table(architectures: Sequence[Architecture]) -> pd.DataFrame:
    """The columns that samples and refinements have in common."""
    measures = [nl.complexity(one, num_classes=10).as_dict() for one in architectures]
    rows = [
        {"architecture": one.id, "seed": 0, "draw": 0, **one.values, **found}
        for one, found in zip(architectures, measures, strict=True)
    ]
    return pd.DataFrame(rows)


def sample_findings(architectures: Sequence[Architecture], seed: int = 0) -> SampleData:
    """Scores that follow depth and width with noise; every 50th network has no score of grad_norm."""
    rng = np.random.default_rng(seed)
    frame = table(architectures)
    depth = frame[["d1", "d2", "d3"]].sum(axis=1).to_numpy(float)
    noise = rng.normal(size=(3, len(frame)))
    transformed = {
        "grad_norm": 0.2 * depth + noise[0],
        "synflow": 5.0 * depth + 8.0 * noise[1],
        "jacov": -0.1 * depth - 4.0 + 0.3 * noise[2],
    }
    transformed["grad_norm"][::50] = np.nan
    frame["grad_norm"] = np.exp(transformed["grad_norm"])
    frame["synflow"] = np.exp(transformed["synflow"])
    frame["jacov"] = -np.exp(-transformed["jacov"])
    return SampleData(
        data="cifar10",
        family="anynet",
        seed=seed,
        budget="10-50 MFLOPs",
        grids=anynet_grids(),
        predictors=tuple(PREDICTORS),
        transforms={
            "grad_norm": TRANSFORMS.get("log"),
            "synflow": TRANSFORMS.get("log"),
            "jacov": TRANSFORMS.get("minus_log_minus"),
        },
        frame=frame,
        transformed=transformed,
        correlation=None,
        exponential={},
        trees={},
        partial={},
        importance={},
        command=f"netlore score --networks {len(frame)} --data cifar10 --out runs/sample",
        seconds=712.0,
    )


def refinement_findings(
    architectures: Sequence[Architecture], rounds: int, seeds: Sequence[int] = (0,)
) -> RefinementData:
    """As many networks in every round, deeper ones later, as a refinement by synflow finds them."""
    frame = table(architectures)
    depth = frame[["d1", "d2", "d3"]].sum(axis=1).to_numpy(float)
    frame = frame.iloc[np.argsort(depth, kind="stable")].reset_index(drop=True)
    numbers = 1 + np.arange(len(frame)) * rounds // len(frame)
    frame["synflow"] = np.exp(5.0 * np.sort(depth))
    first = build(SYNFLOW_ENDS, rounds=rounds)
    refinements = tuple(
        dataclasses.replace(
            first.first,
            seed=seed,
            rounds=tuple(
                dataclasses.replace(entry, frame=frame[numbers == entry.number].assign(seed=seed))
                for entry in first.first.rounds
            ),
        )
        for seed in seeds
    )
    return dataclasses.replace(first, refinements=refinements, transform=TRANSFORMS.get("log"))


def study(networks: int, refined: int, rounds: int = 6, title: str = "Principles of predictors") -> StudyData:
    """A sample and one refinement of the given numbers of networks."""
    space = nl.anynet(num_classes=10, flops=(10e6, 50e6))
    drawn = nl.sample(space, networks + refined, seed=0)
    return StudyData(
        title=title,
        samples=(sample_findings(drawn[:networks]),) if networks else (),
        refinements=(refinement_findings(drawn[networks:], rounds),) if refined else (),
        agreement={},
        architectures={one.id: one for one in drawn},
        classes={"cifar10": (10, 32)},
        made=(("Machine", "2 cores"), ("netlore", "0.1.0")),
    )
