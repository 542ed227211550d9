"""Which weights are looked at."""

from __future__ import annotations

import torch
from torch import nn

from netlore.scoring.passes.layers import layers_of


def test_linear_maps_of_every_kind_are_found_once_each() -> None:
    shared = nn.Linear(2, 2)
    network = nn.Sequential(
        *(nn.Conv1d(1, 1, 1), shared, nn.BatchNorm1d(2), nn.ConvTranspose3d(1, 1, 1), shared, nn.LSTMCell(1, 1)),
        *(nn.MultiheadAttention(2, 1), nn.MultiheadAttention(2, 1, kdim=3, vdim=1), nn.Embedding(4, 2)),
    )
    assert list(layers_of(network).names.values()) == [
        *(
            "0.weight",
            "1.weight",
            "3.weight",
            "5.weight_ih",
            "5.weight_hh",
            "6.in_proj_weight",
            "6.out_proj.weight",
        ),
        *("7.q_proj_weight", "7.k_proj_weight", "7.v_proj_weight", "7.out_proj.weight"),
    ]
    assert layers_of(network).share == 1.0


def test_a_weight_that_two_layers_share_is_found_once() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    network[1].weight = network[0].weight
    assert layers_of(network).names == {network[0]: "0.weight"}


def test_the_share_of_the_weights_counts_what_is_left_out() -> None:
    class Raw(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.table, self.bias = (
                nn.Linear(3, 2),
                nn.Parameter(torch.ones(2, 1)),
                nn.Parameter(torch.ones(9)),
            )

    found = layers_of(Raw())
    assert (found.share, found.left_out) == (0.75, ("table",))
    assert found.note == "leaves out 2 of 8 weights: table"
