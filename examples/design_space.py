"""Count a design space exactly, restrict it, and look at what is left. No network is built."""

import netlore as nl


def main() -> None:
    """From ten billion architectures to a handful of small, shallow ones."""
    space = nl.anynet(num_classes=10, flops=(10e6, 50e6))
    print(
        f"AnyNet has {space.cardinality:,} architectures, {space.cardinality_within_budget:,} within 10-50 MFLOPs"
    )
    shallow = space.restrict({"d1": (1, 4), "d2": (1, 4), "d3": (1, 4), "b1": (1, 1), "b2": (1, 1), "b3": (1, 1)})
    print(f"with at most 4 blocks a stage and no bottleneck: {shallow.cardinality_within_budget:,}")
    tight = nl.anynet(num_classes=10, flops=(10e6, 50e6), params=(0, 20e3)).restrict(
        {name: (grid[0], grid[-1]) for name, grid in shallow.grids.items()}
    )
    print(f"and at most 20,000 parameters: {tight.cardinality_within_budget:,}, among them")
    for architecture in nl.sample(tight, 3, seed=0):
        measures = nl.complexity(architecture, num_classes=10, resolution=32)
        print(f"  {architecture}: {measures.flops:,} FLOPs, {measures.params:,} parameters")


if __name__ == "__main__":
    main()
