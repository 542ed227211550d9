"""Do two seeds find the same? The paper's refinement and the one with memory, on a small batch and few networks.

Wide intervals agree whatever was found, so their width counts, too, and how high the best networks score. For the
whole story, with baselines, five seeds and rescored elites, there is `netlore compare`.
"""

import netlore as nl
from netlore.analysis.interval_overlap import interval_widths, stability
from netlore.refinement.elites import Memory
from netlore.scoring.predictor import PREDICTORS


def main() -> None:
    """Refine twice by each method, and say whether the seeds agree, how narrowly, and how high they end."""
    task = nl.task("cifar10", batch_size=2, seed=0)
    space = nl.anynet(num_classes=10, flops=(10e6, 50e6))
    for label, refine, networks, rounds in (
        ("paper", nl.refine, 40, 6),
        ("memory", nl.refine_with_memory, 20, 10),
    ):
        found = [refine(space, "synflow", task, networks, seed=seed, round_limit=rounds) for seed in (0, 1)]
        ends = [{name: one.rounds[-1].estimates[name] for name in space.grids} for one in found]
        agreement = stability(ends, space.grids).containment.mean()
        widths = [share for one in found for share in interval_widths(one.principles, space.grids).values()]
        print(
            f"{label}: {agreement:.0%} of medians in the other's interval, which covers "
            f"{sum(widths) / len(widths):.0%} of its grid; mean ln S of the twelve best "
            f"{' and '.join(f'{best_twelve(one):.0f}' for one in found)}"
        )


def best_twelve(refinement: nl.Refinement) -> float:
    """The mean of a refinement's twelve best architectures, each by the mean of its scores."""
    memory = Memory()
    for one in refinement.rounds:
        memory.remember(one.table, PREDICTORS.get(refinement.predictor))
    elites = memory.elites()
    return sum(memory.mean(one) for one in elites) / len(elites)


if __name__ == "__main__":
    main()
