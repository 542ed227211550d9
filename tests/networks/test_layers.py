from __future__ import annotations

import torch
from torch import nn

from netlore.networks.layers import Classifier, Convolution, GlobalPool, Residual


def test_a_residual_adds_its_two_paths():
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    same = nn.Sequential(nn.Identity())
    assert torch.equal(Residual(same, nn.Sequential())(x), 2 * x), "an empty shortcut is the identity"
    assert torch.equal(Residual(nn.Sequential(nn.ReLU()), nn.Sequential(nn.Hardtanh()))(x), x + x.clamp(-1, 1))


def test_global_pooling_averages_all_positions():
    x = torch.arange(24.0).reshape(2, 2, 2, 3)
    assert GlobalPool()(x).tolist() == [[2.5, 8.5], [14.5, 20.5]]


def test_making_layers_draws_no_random_numbers():
    before = torch.get_rng_state()
    Convolution(3, 4, 3)
    Classifier(3, 4)
    assert torch.equal(torch.get_rng_state(), before)
