"""What does synaptic flow secretly like? A small refinement, and the principles it ends with.

The paper draws 500 networks a round; 40 are enough to see where it goes.
"""

import netlore as nl


def main() -> None:
    """Refine, then name one network that the principles recommend."""
    task = nl.task("cifar10", batch_size=64, seed=0)
    space = nl.anynet(num_classes=10, flops=(10e6, 50e6))
    found = nl.refine(space, "synflow", task, networks=40, seed=0, round_limit=4)
    for number, size in enumerate(found.cardinalities):
        print(f"after {number} rounds: {size:,} architectures")
    print(f"{found.stopped_because}; {found.networks_scored} networks scored in {found.seconds:.0f} s")
    print("principles:", ", ".join(f"{name} = {interval}" for name, interval in found.principles.items()))
    print("for example:", nl.sample(found.final_space, 1, seed=0)[0])


if __name__ == "__main__":
    main()
