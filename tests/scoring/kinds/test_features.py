"""Blocks and their features, activation codes, weights."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import netlore as nl
from netlore.errors import Degenerate, InvalidInput
from netlore.scoring.kinds.blocks import blocks_of
from netlore.scoring.kinds.features import features_of
from netlore.space.families.nats_topology import nats_topology_architecture
from tests.scoring.cases import images_and_labels, seeded, small_network
from tests.scoring.kinds.seen import Block, blocks, close, found_by, twin
from tests.scoring.small import TINY


def outputs_of(network: nn.Module, *names: str) -> list[Tensor]:
    """What modules of a copy return for the usual batch."""
    copy, found = twin(network), list[Tensor]()
    for name in names:
        copy.get_submodule(name).register_forward_hook(lambda module, given, one: found.append(one.clone()))
    with torch.no_grad():
        copy(images_and_labels(resolution=6)[0].double())
    return found


def test_features_are_what_blocks_return_before_it_is_overwritten() -> None:
    (found,) = found_by(nl.block_features(), blocks())
    assert list(found) == ["stage.0", "stage.1"]
    for one, expected in zip(found.values(), outputs_of(blocks(), *found), strict=True):
        close(one, expected)
        assert (one < 0).any() or (one == 0).any()
    (named,) = found_by(nl.block_features(["head", "stem"]), blocks())
    assert list(named) == ["head", "stem"]
    close(named["stem"], outputs_of(blocks(), "stem")[0])
    assert (named["stem"] < 0).any()  # the ReLU after it works in place
    with pytest.raises(InvalidInput, match="the network has no module 'tail'; name blocks such as stem, stage, "):
        found_by(nl.block_features(["tail"]), blocks())


@nl.evidence("twice")
def twice(own: nl.OwnPass) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
    """Features of two batches by one copy, and how the first block's change those of the second."""
    network = own.fresh_network()
    first, second = (features_of(own, network, inputs) for inputs in (own.images, own.images + 1.0))
    (change,) = torch.autograd.grad(first["stage.1"].sum(), first["stage.0"])
    return first, second, change


def test_passes_of_one_s_own_take_features_several_times_and_differentiate_them() -> None:
    first, second, change = found_by(twice, blocks())
    names = ("stage.0", "stage.1")
    for name, expected in zip(names, outputs_of(blocks(), *names), strict=True):
        close(first[name].detach(), expected)
    copy = twin(blocks())
    with torch.no_grad():
        stem = torch.relu(copy.stem(images_and_labels(resolution=6)[0].double() + 1.0))
        close(second["stage.0"].detach(), copy.stage[0](stem))
    x = first["stage.0"].detach().requires_grad_(True)
    close(change, torch.autograd.grad(copy.stage[1](x).sum(), x)[0])


def listed() -> nn.Module:
    network = blocks()
    network.feature_info = [{"module": "stem", "num_chs": 4}, {"module": "stage", "num_chs": 4}]
    return network


def nested() -> nn.Module:
    """A stage of stages, leaves between them, a part with a sequence of its own."""
    return nn.Sequential(
        nn.ReLU(), nn.Sequential(Block(), nn.Sequential(Block(), Block())), Block(), nn.Conv2d(4, 4, 1)
    )


def without_sequences() -> nn.Module:
    network = nn.Module()
    network.first, network.act, network.second = nn.Conv2d(3, 4, 3), nn.ReLU(), Block()
    return network


def pools() -> nn.Module:
    """Cells without weights, between them two blocks that have some."""
    cell = "|avg_pool_3x3~0|+|avg_pool_3x3~0|none~1|+|avg_pool_3x3~0|none~1|none~2|"
    return nl.build(nats_topology_architecture(cell), 10)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (listed, ["stem", "stage"]),
        (nested, ["1.0", "1.1.0", "1.1.1", "2"]),
        (small_network, ["0", "3", "7"]),
        (without_sequences, ["first", "second"]),
        (lambda: nl.build(TINY[0], 10), ["3", "5", "7"]),
        (pools, [str(number) for number in range(2, 19)]),
    ],
)
def test_blocks_are_found(make: object, names: list[str]) -> None:
    assert list(blocks_of(make())) == names  # type: ignore[operator]


def test_without_blocks_there_are_no_features() -> None:
    network = seeded(nn.Linear, 108, 4)
    with pytest.raises(Degenerate, match="no blocks"):
        found_by(nl.block_features(), network)
    unused = blocks()
    unused.other = nn.Linear(2, 2)
    with pytest.raises(Degenerate, match="block 'other' is not called"):
        found_by(nl.block_features(("other",)), unused)


def test_codes_are_those_whose_agreements_the_kernel_counts() -> None:
    images, labels = images_and_labels(resolution=6)
    (codes,) = found_by(nl.activation_codes(), blocks())
    assert [tuple(one.shape) for one in codes] == [(4, 64)] * 4 and {one.dtype for one in codes} == {torch.bool}
    together = torch.cat(codes, dim=1)
    agreements = (together[:, None] == together[None, :]).sum(dim=2)
    assert torch.equal(found_by(nl.Evidence.ACTIVATION_KERNEL, blocks(), (images, labels)), agreements.double())
    stem = outputs_of(blocks(), "stem")[0].flatten(1) > 0
    assert torch.equal(codes[0].sum(dim=1), stem.sum(dim=1))
    with pytest.raises(Degenerate, match="no activations with codes"):
        found_by(nl.activation_codes(), seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(108, 4))))
    network = blocks()
    network.stage.append(nn.Sigmoid())
    one = nl.predictor("one", needs=nl.activation_codes(), source="a test")(
        lambda probe: torch.ones(len(probe[nl.activation_codes()]))
    )
    assert nl.probe(network, images, labels, one)["one"].reason == "1 calls of activations without codes"


def test_weights_are_the_network_s_own() -> None:
    (found,) = found_by(nl.layer_weights(), blocks())
    network = blocks()
    assert len(found) == 4
    assert all(torch.equal(one, network.get_parameter(name).double()) for name, one in found.items())
