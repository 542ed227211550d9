"""A predictor as Optuna's objective under a budget: needs the extra `optuna`.

What is no network of the space, or misses the budget, is pruned before anything is built.
"""

import math

import numpy as np
import optuna

import netlore as nl
from netlore.refinement.searches.tpe import violations

TRIALS = 200


def main() -> None:
    """Let a tree-structured Parzen estimator look for the highest synaptic flow within a budget."""
    task = nl.task("cifar10", batch_size=64, seed=0)
    space = nl.anynet(num_classes=10, flops=(10e6, 50e6))

    def objective(trial: optuna.Trial) -> float:
        values = {name: trial.suggest_categorical(name, grid) for name, grid in space.grids.items()}
        if max(violations(space, values)) > 0:
            raise optuna.TrialPruned
        (architecture,) = space.architectures({name: np.array([value]) for name, value in values.items()})
        (row,) = nl.score([architecture], "synflow", task).rows
        trial.set_user_attr("flops", nl.complexity(architecture, space.num_classes, space.resolution).flops)
        return math.log(float(row.score))

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=TRIALS)
    inside = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    print(f"{len(inside)} of {TRIALS} trials are networks within the budget")
    best = study.best_trial
    print(f"best: ln S = {best.value:.1f} with {best.user_attrs['flops']:,} multiply-adds")
    print(", ".join(f"{name} {value}" for name, value in best.params.items()))


if __name__ == "__main__":
    main()
