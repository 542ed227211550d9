"""plain, l2_norm, epe_nas and nwot_per_layer against slow definitions, and where they are undefined."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from tests.scoring.cases import CLASSES, images_and_labels, seeded, small_network
from tests.scoring.predictors.compared import check, without_batch_norm


def weighted(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def plain(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Entry by entry, by autograd."""
    loss = torch.stack(
        [-row.log_softmax(0)[label] for row, label in zip(network(images), labels, strict=True)]
    ).mean()
    loss.backward()  # type: ignore[no-untyped-call]
    pairs = ((layer.weight.detach().flatten(), layer.weight.grad.flatten()) for layer in weighted(network))  # type: ignore[operator, union-attr]
    return math.fsum(w * g for pair in pairs for w, g in zip(*(one.tolist() for one in pair), strict=True))


def l2_norm(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Entry by entry."""
    return sum(math.sqrt(math.fsum(w * w for w in layer.weight.flatten().tolist())) for layer in weighted(network))  # type: ignore[operator, union-attr]


def class_sums(network: nn.Module, images: Tensor, labels: Tensor) -> dict[int, tuple[float, int]]:
    """Of each class the sum over pairs of its images of ln(|correlation| + 1e-5), and how many it has."""
    pixels = images.clone().requires_grad_(True)
    (rows,) = torch.autograd.grad(network(pixels).sum(), pixels)
    found = {}
    for one in sorted(set(labels.tolist())):
        members = [row.flatten().numpy() for row, label in zip(rows, labels, strict=True) if int(label) == one]
        logs = [math.log(abs(np.corrcoef(a, b)[0, 1]) + 1e-5) for a in members for b in members]
        found[one] = (math.fsum(logs), len(members))
    return found


def epe_nas(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Class by class, pair by pair."""
    return sum(abs(total) for total, _ in class_sums(network, images, labels).values())


def layer_determinants(network: nn.Module, images: Tensor) -> list[float]:
    """ln det of the agreements of each ReLU's states, counted pair by pair; of singular ones minus infinity."""
    calls: list[list[list[bool]]] = []

    def watch(given: Tensor) -> Tensor:
        calls.append((given.flatten(1) > 0).tolist())
        return given.clamp(min=0)

    with pytest.MonkeyPatch.context() as patched:
        for name in ("relu", "relu_"):
            patched.setattr(torch, name, watch)
        network(images)
    found = []
    for codes in calls:
        kernel = [[sum(a == b for a, b in zip(one, other, strict=True)) for other in codes] for one in codes]
        singular = np.linalg.matrix_rank(np.array(kernel, dtype=float)) < len(codes)
        found.append(-math.inf if singular else float(np.linalg.slogdet(np.array(kernel, dtype=float))[1]))
    return found


def nwot_per_layer(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Layer by layer, without singular ones."""
    return sum(one for one in layer_determinants(network, images) if one > -math.inf)


ORACLES = {"plain": plain, "l2_norm": l2_norm, "epe_nas": epe_nas, "nwot_per_layer": nwot_per_layer}


@pytest.mark.parametrize("name", ORACLES)
def test_equal_to_the_oracle(name: str) -> None:
    check(ORACLES, name)


def scored(name: str, network: nn.Module, images: Tensor, labels: Tensor) -> nl.Score:
    return nl.probe(network, images, labels, predictors=name, dtype="float64")[name]


def test_plain_leaves_the_classifier_where_batch_norm_is_behind_each_convolution() -> None:
    network = seeded(
        lambda: nn.Sequential(
            nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(96, CLASSES)
        )
    )
    batch = images_and_labels(6, resolution=6)
    whole = float(scored("plain", network, *batch))
    size = float(scored("snip", network, *batch))
    network[0].weight.data *= 1e4  # so that epsilon has no effect
    images = batch[0].double()
    network.double()(images)
    loss = nn.functional.cross_entropy(network(images), batch[1])
    (gradient,) = torch.autograd.grad(loss, network[4].weight)
    of_classifier = float((network[4].weight * gradient).sum().detach())
    assert float(scored("plain", network, *batch)) == pytest.approx(of_classifier, rel=1e-6)
    assert abs(whole) < size and whole == pytest.approx(of_classifier, rel=1e-2)


def test_plain_is_undefined_if_nothing_has_an_effect() -> None:
    network = without_batch_norm()
    for layer in weighted(network):
        layer.weight.data.zero_()  # type: ignore[operator, union-attr]
    batch = images_and_labels(4, resolution=6)
    assert scored("plain", network, *batch).reason.startswith("it is exactly zero")
    assert scored("l2_norm", network, *batch).status == "degenerate"


def test_l2_norm_is_a_count_of_widths() -> None:
    layer = seeded(nn.Conv2d, 16, 32, 3)
    nn.init.kaiming_normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    network = nn.Sequential(layer, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    found = float(scored("l2_norm", network, torch.randn(2, 16, 6, 6), torch.tensor([0, 1])))
    assert found == pytest.approx(math.sqrt(2 * 32), rel=0.02)


def test_epe_nas_takes_classes_with_one_image_and_shares_of_classes() -> None:
    images, _ = images_and_labels(6, resolution=6)
    labels = torch.tensor([0, 0, 0, 1, 1, 2])
    alone = math.log(1 + 1e-5)
    network = small_network()
    found = float(scored("epe_nas", network, images, labels))
    assert found == pytest.approx(epe_nas(small_network().double(), images.double(), labels), rel=1e-9)
    without = float(scored("epe_nas", network, images, torch.tensor([0, 0, 0, 1, 1, 1])))
    assert found != without and found > alone
    shares = nn.functional.one_hot(labels, CLASSES).float() * 0.9 + 0.025
    assert float(scored("epe_nas", network, images, shares)) == found


def test_epe_nas_compares_more_than_a_hundred_classes_with_each_other() -> None:
    network = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 120)))
    images = torch.randn(204, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.cat((torch.arange(101).repeat(2), torch.tensor([110, 111])))
    sums = class_sums(network.double(), images.double(), labels)
    means = [total / size for total, size in sums.values() if size > 1]
    expected = sum(abs(a - b) for a in means for b in means) / len(means)
    assert float(scored("epe_nas", network, images, labels)) == pytest.approx(expected, rel=1e-9)


def test_epe_nas_cannot_tell_networks_apart_without_two_images_of_a_class() -> None:
    images, _ = images_and_labels(4, resolution=6)
    found = scored("epe_nas", small_network(), images, torch.arange(4))
    assert (found.status, found.value) == ("saturated", None)
    assert found.reason.endswith("give a batch with two or more images of each class, such as 8 images of these")
    dense = torch.zeros(4, 6, 6, dtype=torch.int64)
    convolution = seeded(nn.Conv2d, 3, CLASSES, 1)
    assert "targets are no classes of images" in scored("epe_nas", convolution, images, dense).reason
    dead = nn.Sequential(nn.Flatten(), nn.Linear(108, CLASSES))
    dead[1].weight.data.zero_()
    assert "does not depend on some image" in scored("epe_nas", dead, images, torch.tensor([0, 0, 1, 1])).reason


def narrow(units: int) -> nn.Module:
    return seeded(
        lambda: nn.Sequential(
            nn.Flatten(), nn.Linear(108, 40), nn.ReLU(), nn.Linear(40, units), nn.ReLU(), nn.Linear(units, CLASSES)
        )
    )


def test_layers_of_singular_kernels_do_not_count_and_are_said() -> None:
    batch = images_and_labels(6, resolution=6)
    found = scored("nwot_per_layer", narrow(2), *batch)
    wide, singular = layer_determinants(narrow(2).double(), batch[0].double())
    assert singular == -math.inf and float(found) == pytest.approx(wide, rel=1e-9)
    assert found.reason == "1 of 2 activations have singular kernels"
    assert scored("nwot_per_layer", narrow(40), *batch).reason == ""
    doubled = batch[0][[0, 0, 1, 1]], batch[1][:4]
    assert scored("nwot_per_layer", narrow(40), *doubled).reason.endswith("so all kernels are singular")
    # Others that read the same codes say nothing of it.
    both = nl.probe(narrow(2), *batch, predictors=("nwot_per_layer", "logdet", "snip"))
    assert (both["logdet"].reason, both["snip"].reason) == ("", "")


def test_codes_of_outputs_that_are_not_finite_are_none() -> None:
    network = narrow(40)
    network[1].weight.data.fill_(math.nan)  # type: ignore[index]
    assert scored("nwot_per_layer", network, *images_and_labels(6, resolution=6)).status == "nonfinite"
