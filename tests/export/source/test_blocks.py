from __future__ import annotations

from netlore.export.source.blocks import Block, blocks_of, form_of
from netlore.export.source.terms import Loop, Operation, Residual, terms_of
from netlore.space.plan import Chain, Plan, Repeat, Sum, convolution, projection, relu


def block(w_in: int, w_out: int, inner: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> Plan:
    """A bottleneck block, as a third party may write it."""
    branch = Chain((convolution(w_in, inner, 1), relu(inner), convolution(inner, w_out, kernel, stride, groups)))
    return Chain((Sum(branch, projection(w_in, w_out, stride)), relu(w_out)))


def only_block(*parts: Plan) -> Block:
    (found,) = blocks_of(terms_of(Chain(parts))).values()
    return found


def test_a_convolution_takes_its_norm_and_a_sum_its_relu():
    first, last = terms_of(Chain((convolution(3, 4, 3, stride=2), block(4, 4, 2))))
    sizes = (("w_in", 3), ("w_out", 4), ("kernel", 3), ("stride", 2), ("groups", 1))
    assert first == Operation("convolution_norm", sizes)
    assert isinstance(last, Residual) and last.relu and last.shortcut == ()


def test_equal_blocks_in_sequence_are_one_loop():
    (found,) = terms_of(Chain((block(4, 4, 2), Repeat(block(4, 4, 2), 3), block(4, 4, 2))))
    assert isinstance(found, Loop) and found.times == 5
    assert len(terms_of(Chain((block(4, 4, 2), block(4, 4, 1))))) == 2, "these differ"


def test_a_part_that_is_repeated_zero_times_is_nothing():
    assert terms_of(Repeat(Repeat(block(4, 4, 2), 0), 3)) == ()


def test_sizes_that_differ_are_parameters_those_with_a_default_last():
    found = only_block(block(4, 8, 2, 3, 2), block(8, 8, 4, 5, 1, groups=4))
    assert found.parameters == ("w_in", "inner", "kernel", "stride", "groups"), "w_out is 8 in both"
    assert found.has_shortcut
    (first, second) = terms_of(Chain((block(4, 8, 2, 3, 2), block(8, 8, 4, 5, 1, groups=4))))
    assert isinstance(first, Residual) and isinstance(second, Residual) and form_of(first) == form_of(second)
    assert found.arguments(first) == {"w_in": 4, "inner": 2, "kernel": 3, "stride": 2, "groups": 1}
    assert found.arguments(second) == {"w_in": 8, "inner": 4, "kernel": 5, "stride": 1, "groups": 4}


def test_widths_that_are_equal_everywhere_are_one_parameter():
    assert only_block(block(4, 4, 4), block(8, 8, 8)).parameters == ("width",)
    assert only_block(block(4, 8, 8), block(8, 16, 16)).parameters == ("w_in", "w_out")


def test_a_stride_that_equals_the_groups_everywhere_is_still_a_stride():
    found = only_block(block(4, 8, 4, stride=2, groups=2), block(8, 8, 4, stride=1, groups=1))
    assert found.parameters == ("w_in", "stride", "groups")


def test_blocks_of_two_forms_are_two_functions():
    other = Sum(convolution(4, 4, 3), Repeat(relu(4), 0))
    found = blocks_of(terms_of(Chain((block(4, 4, 2), other, block(4, 8, 2)))))
    assert [one.name for one in found.values()] == ["block", "block_2"]
    assert [one.has_shortcut for one in found.values()] == [True, False]
