"""Findings with results made up by hand: what tables and sentences are tried on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from netlore.analysis.correlation import Correlation, PartialCorrelation
from netlore.analysis.distribution import ExponentialTest
from netlore.analysis.importance import Importance
from netlore.analysis.interval_overlap import Agreement, Stability
from netlore.analysis.replicate_comparison import Repeatability
from netlore.analysis.trees import Node, Tree
from netlore.report.data import RefinementData, StudyData, TrainedArchitecture
from netlore.report.sample_data import SampleData
from netlore.scoring.transforms import TRANSFORMS
from netlore.training.evaluation import Evaluation
from netlore.training.records import EpochRecord, TrainingRecord
from tests.report.conftest import BEST, JACOV_ENDS, SYNFLOW_ENDS, build

NAN = float("nan")
PREDICTORS = ("grad_norm", "synflow", "jacov")


def _tree(split: bool = True, accuracy: float = 0.71) -> Tree:
    """By hand: 30 % of the networks have d3 >= 6, and 90 % of these are high."""
    below, above = Node(0.7, (3 / 7, 3 / 7, 1 / 7)), Node(0.3, (0.0, 0.1, 0.9))
    root = Node(1.0, (0.3, 0.4, 0.3), ("d3", 6), below, above) if split else Node(1.0, (0.3, 0.4, 0.3))
    return Tree(root, (1.0, 2.0), accuracy, 0.02, 0.4, 1000)


def _partial(explained: float, strongest: float) -> PartialCorrelation:
    names = ("flops", "params", "activations", "blocks")
    return PartialCorrelation(
        names, np.full(4, 0.5), np.asarray([0.1, strongest, -0.2, NAN]), explained, 1000, 0.875
    )


def small_sample() -> SampleData:
    """Four networks; grad_norm lacks one score, jacov two."""
    tau = np.asarray([[1.0, 0.9, -0.25], [0.9, 1.0, NAN], [-0.25, NAN, 1.0]])
    n = np.asarray([[3, 3, 2], [3, 4, 2], [2, 2, 2]])
    raw = {
        "grad_norm": np.asarray([1.0, 2.0, 0.125, NAN]),
        "synflow": np.asarray([1e3, 1e30, 4e30, 2e3]),
        "jacov": np.asarray([-1.5, NAN, NAN, -0.1]),
    }
    frame = pd.DataFrame({"architecture": list("abcd"), "d1": [1, 2, 3, 4], "flops": [10, 20, 30, 40], **raw})
    return SampleData(
        data="cifar10",
        family="anynet",
        seed=0,
        budget="10M to 50M FLOPs",
        grids={"d1": (1, 2, 3, 4)},
        predictors=PREDICTORS,
        transforms={
            "grad_norm": TRANSFORMS.get("log"),
            "synflow": TRANSFORMS.get("log"),
            "jacov": TRANSFORMS.get("minus_log_minus"),
        },
        frame=frame,
        transformed=raw,
        correlation=Correlation(PREDICTORS, tau, n, 4 - n),
        exponential={
            "grad_norm": ExponentialTest(0.31, 0.001, 1000),
            "synflow": ExponentialTest(0.02, 0.5, 1000),
            "jacov": ExponentialTest(0.04, 0.049, 998),
        },
        trees={"grad_norm": _tree(), "synflow": _tree(accuracy=0.4), "jacov": _tree(split=False)},
        partial={"grad_norm": _partial(0.75, 0.8), "jacov": _partial(0.125, -0.3)},
        importance={
            "synflow": Importance(("d1", "w1"), np.asarray([0.5, -0.01]), np.asarray([0.1, 0.02]), 0.9, 4)
        },
        command="netlore score --networks 4",
        seconds=8.0,
    )


def refinement(
    ends: dict[str, tuple[int, int]], seeds: int, containment: float, **changes: object
) -> RefinementData:
    """Replicates of 3, 4, ... rounds that differ in d1 alone; the best networks' median is 43 MFLOPs."""
    found = [build(ends, rounds=3 + seed, seed=seed, **changes) for seed in range(seeds)]  # type: ignore[arg-type]
    together = dataclasses.replace(found[0], refinements=tuple(one.first for one in found), asked=seeds)
    if seeds < 2:
        return together
    names = tuple(together.grids)
    shares = np.ones(len(names))
    shares[0] = containment
    courses = tuple(np.asarray([[1.0, NAN], [500.0, 7.0 + seed], [1500.0, 10.0 + seed]]) for seed in range(seeds))
    return dataclasses.replace(
        together,
        stability=Stability(names, shares, shares / 2, seeds),
        repeatability=repeats(seeds),
        courses=courses,
    )


def repeats(seeds: int) -> Repeatability:
    """Elite scores of 10, 11, ... and a noise of 0.25; the first seed alone comes near the best known, 12."""
    return Repeatability(
        noise=0.25,
        elite_scores=tuple(10.0 + seed for seed in range(seeds)),
        spread=(seeds - 1) / 0.25,
        best_known=12.0,
        reached=(1250, *(None,) * (seeds - 1)),
        best=tuple(f"best-{seed}" for seed in range(seeds)),
    )


def record(errors: Sequence[float], planned: int | None = None, seed: int = 0) -> TrainingRecord:
    """A training with these validation errors; the training error is half as high again, an epoch takes 2 s."""
    epochs = tuple(
        EpochRecord(
            epoch=number,
            learning_rate=0.2 / number,
            loss=2.0 / number,
            training_error=min(1.5 * error, 100.0),
            validation_loss=error / 40,
            error=error,
            seconds=2.0,
            batch_seconds=0.5,
            validation_seconds=0.25,
        )
        for number, error in enumerate(errors, 1)
    )
    return TrainingRecord(
        seed=seed, images=1000, epochs=epochs, planned=len(errors) if planned is None else planned
    )


def evaluated(**changes: object) -> TrainingRecord:
    """A training with everything that records of earlier versions lack; the error is 30 %, seed 7."""
    (entry,) = record([30.0]).epochs
    entry = entry.model_copy(update={"balanced_error": 25.0, "predicted_classes": 3, **changes})
    found = Evaluation(confusion=((3, 1, 0), (1, 2, 1), (0, 0, 2)))
    known = {"majority_error": 60.0, "chance_loss": 2.2, "evaluation": found, "precision": "float32"}
    return record([30.0], seed=7).model_copy(update={"epochs": (entry,), **known})


def trained(name: str, *replicates: TrainingRecord, **changes: object) -> TrainedArchitecture:
    """An architecture that was trained once or with several seeds; its id is its name."""
    found = TrainedArchitecture(
        name=name,
        architecture=name,
        text="d 3,3,3; w 16,32,64",
        data="cifar10",
        recipe="quick",
        training_images=1010,
        validation_images=500,
        flops=40_000_000,
        params=270_000,
        activations=200_000,
        replicates=replicates,
        command=f"netlore train --architecture {name}",
    )
    return dataclasses.replace(found, **changes)  # type: ignore[arg-type]


def four_trained() -> tuple[TrainedArchitecture, ...]:
    """The networks of `small_sample`, a to d: errors 20, 12.5 (two seeds), 10 and 12 %; d is not finished.

    Complexities grow from a to d.
    """
    replicates = (
        (record([80.0, 20.0]),),
        (record([60.0, 12.0]), record([64.0, 13.0], seed=1)),
        (record([50.0, 10.0]), record([9.0], planned=2, seed=1)),
        (record([12.0], planned=2),),
    )
    return tuple(
        trained(name, *records, flops=i * 10_000_000, params=i * 100_000, activations=i * 200_000)
        for i, (name, records) in enumerate(zip("abcd", replicates, strict=True), 1)
    )


def small_study(seeds: int = 2) -> StudyData:
    """A sample; synflow and jacov refined on CIFAR-10, and synflow on a data set whose name is hard to print."""
    return StudyData(
        title="Predictors & principles: 100 %",
        samples=(small_sample(),),
        refinements=(
            refinement(SYNFLOW_ENDS, seeds, 0.5),
            refinement(JACOV_ENDS, seeds, 1.0, predictor="jacov", scale="-ln(-S)"),
            refinement(SYNFLOW_ENDS, 1, 1.0, data="my_data #1 & {50%} ≥ µé"),
        ),
        agreement={"cifar10": Agreement(("synflow", "jacov"), np.asarray([[1.0, 0.25], [0.25, 1.0]]))},
        architectures={BEST.id: BEST},
        classes={"cifar10": (10, 32)},
    )


def only(findings: StudyData, **kept: object) -> StudyData:
    """The same with nothing but what is named."""
    nothing = {"samples": (), "refinements": (), "agreement": {}, "trainings": ()}
    return dataclasses.replace(findings, **{**nothing, **kept})  # type: ignore[arg-type]
