"""TransNAS-Bench-101: 4,096 cells, trained for seven tasks on Taskonomy's photographs of rooms."""

from __future__ import annotations

from netlore.space.architecture import Architecture
from netlore.space.families.cells import unreachable
from netlore.space.families.transnas import transnas_architecture
from netlore.validation.benchmark import Benchmark, BenchmarkData, Bundled, Target

_STAND_IN = (
    "Images of CIFAR-100 (32 x 32 pixels, 100 classes) stand in for Taskonomy's photographs of rooms (256 x 256), "
    "and its labels for those of {task}: netlore ships no other images. Give your own by --images."
)
_SEEDS = "one value a network; its source says neither of how many seeds nor whether of the last or the best epoch"


def _connected(one: Architecture) -> bool:
    return not any(unreachable([str(value) for value in one.values.values()]))


def _data(task: str, what: str, epochs: int, unit: str = "%", point: float = 1.0) -> BenchmarkData:
    said = f"{what} on the validation set after {epochs} epochs of training; {_SEEDS}"
    target = Target(task, said, unit, point)
    return BenchmarkData({"validation": target}, "cifar100", _STAND_IN.format(task=task))


MICRO = Benchmark(
    name="transnas-bench-101-micro",
    title="TransNAS-Bench-101 micro",
    family="transnas-micro",
    table=Bundled("transnas-bench-101-micro"),
    data={
        "class_scene": _data("class_scene", "top-1 accuracy in naming one of 47 scenes", 25),
        "class_object": _data("class_object", "top-1 accuracy in naming one of 75 objects", 25),
        "jigsaw": _data("jigsaw", "top-1 accuracy in naming one of 1,000 orders of puzzle pieces", 10),
        "room_layout": _data("room_layout", "negative loss of a room's layout", 25, "negative loss", 0.01),
        "autoencoder": _data("autoencoder", "structural similarity of the image given back", 30, "SSIM", 0.01),
        "normal": _data("normal", "structural similarity of surface normals", 30, "SSIM", 0.01),
        "segmentsemantic": _data("segmentsemantic", "mean intersection over union of semantic segments", 30),
    },
    parse=transnas_architecture,
    connected=_connected,
    source=(
        "Y. Duan et al. TransNAS-Bench-101: Improving Transferability and Generalizability of Cross-Task Neural "
        "Architecture Search. CVPR 2021. From github.com/yawen-d/TransNASBench, MIT licence."
    ),
)
