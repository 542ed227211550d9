"""A predictor of one's own: a function of evidence. Then its hidden design principles.

The code of an image is the pattern of ReLUs that it turns on. This predictor prefers networks in which the codes
of two images agree in few places.
"""

from torch import Tensor

import netlore as nl


@nl.predictor("code_distance", needs=nl.Evidence.ACTIVATION_KERNEL, source="this example", transform="identity")
def code_distance(probe: nl.Probe) -> Tensor:
    """S = mean share of ReLUs in which the codes of two different images differ."""
    agreement = probe.activation_kernel / probe.relu_count
    n = len(agreement)
    return (1 - agreement).sum() / (n * (n - 1))


def main() -> None:
    """Score two networks of the paper, then refine a design space of small networks."""
    task = nl.task("cifar10", batch_size=16)
    named = [nl.named("paper/cifar10/jacov"), nl.named("paper/cifar10/synflow")]
    print(
        nl.score(named, code_distance, task)
        .wide[["architecture", "flops", "code_distance"]]
        .to_string(index=False)
    )
    found = nl.refine(nl.anynet(flops=(2e6, 8e6)), code_distance, task, networks=24, round_limit=4)
    for name, interval in found.principles.items():
        print(f"{name}: {found.space.grids[name][0]} to {found.space.grids[name][-1]} narrowed to {interval}")


if __name__ == "__main__":
    main()
