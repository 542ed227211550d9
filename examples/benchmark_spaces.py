"""Spaces of benchmarks: cells by their strings, what they compute, and a budget in the benchmark's space."""

import netlore as nl
from netlore.space.families.cells import isomorphism_key, unreachable


def main() -> None:
    """Two cells of NAS-Bench-201 that compute the same, a network of ImageNet's size, and scores."""
    one = nl.nats_topology_architecture("|nor_conv_3x3~0|+|avg_pool_3x3~0|none~1|+|none~0|skip_connect~1|none~2|")
    other = nl.nats_topology_architecture(
        "|nor_conv_3x3~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+|none~0|skip_connect~1|none~2|"
    )
    for cell in (one, other):
        operations = tuple(cell.values.values())
        print(f"{cell.string} computes {isomorphism_key(operations)}")
        print(f"  {sum(unreachable(operations))} of its operations are without effect")

    space = nl.nats_topology(params=(0, 3e5))
    print(f"{space.cardinality_within_budget:,} of {space.cardinality:,} cells have at most 300,000 parameters")
    table = nl.score(nl.sample(space, 3), ("synflow", "logdet"), nl.task("cifar10", batch_size=16))
    print(table.wide[["o1", "o6", "flops", "params", "synflow", "logdet"]].to_string(index=False))

    regnet = nl.regnet_architecture(depth=13, w_0=24, w_a=36.44, w_m=2.49, group_width=8)
    print(f"RegNetX-200MF has {nl.complexity(regnet, 1000, resolution=224).flops:,} multiply-adds at 224 pixels")


if __name__ == "__main__":
    main()
