from __future__ import annotations

import numpy as np
import pytest
import torch

from netlore.errors import InvalidInput
from netlore.networks import build_plan
from netlore.space.complexity import complexity_of_plan
from netlore.space.outline import resolution_after
from netlore.space.plan import Chain, Layer, Repeat, Sum, convolution, count_layers, head, projection, relu


def test_a_convolution_is_followed_by_its_batch_norm():
    layer, norm = convolution(3, 8, kernel=3, stride=2, groups=1).parts
    assert isinstance(layer, Layer) and isinstance(norm, Layer)
    assert (layer.kind, layer.w_in, layer.w_out, layer.kernel, layer.stride) == ("convolution", 3, 8, 3, 2)
    assert (norm.kind, norm.w_out) == ("batch_norm", 8)


@pytest.mark.parametrize(("w_in", "w_out", "stride", "times"), [(8, 8, 1, 0), (8, 16, 1, 1), (8, 8, 2, 1)])
def test_a_shortcut_is_projected_where_width_or_stride_changes(w_in, w_out, stride, times):
    needed = projection(w_in, w_out, stride).times
    assert needed == times and type(needed) is int


def test_a_shortcut_of_many_networks_says_for_each_whether_it_is_projected():
    assert projection(np.array([8, 8, 4]), np.array([8, 4, 4]), stride=1).times.tolist() == [0, 1, 0]
    assert projection(64, np.array([8, 64]), stride=1).times.tolist() == [1, 0]


def test_the_head_pools_and_classifies():
    assert [part.kind for part in head(64, 10).parts] == ["global_pool", "linear"]


@pytest.mark.parametrize("kind", ["swish", "dropout", ""])
def test_a_kind_that_no_layer_has_is_refused_where_it_is_written(kind):
    with pytest.raises(InvalidInput, match=rf"no layer of the kind '{kind}'; choose one of convolution, "):
        Layer(kind, 8, 8)


@pytest.mark.parametrize(("kernel", "stride", "side"), [(4, 1, 33), (4, 2, 17), (3, 2, 16), (2, 3, 11)])
def test_an_even_kernel_counts_the_positions_that_it_has(kernel, stride, side):
    plan = convolution(3, 8, kernel, stride)
    assert build_plan(plan)(torch.zeros(2, 3, 32, 32)).shape == (2, 8, side, side)
    assert complexity_of_plan(plan, 32).activations == 8 * side**2
    assert resolution_after(plan, 32) == side


def test_layers_are_counted_with_their_repetitions():
    block = Sum(Chain((convolution(4, 4, 3), relu(4))), projection(4, 4, stride=1))
    plan = Chain((Repeat(block, 5), head(4, 10)))
    # Convolution, batch norm and ReLU five times, no projection; pooling and the classifier.
    assert count_layers(plan) == 5 * 3 + 2 == len(list(build_plan(plan).modules())) - 1 - 5 * 3
    assert count_layers(Repeat(block, np.array([1, 10**9]))).tolist() == [3, 3 * 10**9]
