from __future__ import annotations

import numpy as np
import pytest

from netlore.space.plan import Layer, convolution, head, projection


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
