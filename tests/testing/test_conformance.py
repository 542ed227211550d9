"""What a check raises."""

from netlore.testing import ConformanceError


def test_a_broken_rule_is_a_failed_assertion_with_rule_and_finding() -> None:
    error = ConformanceError("predictor 'mine'", "it repeats itself", "it gave 1, then 2")
    assert isinstance(error, AssertionError)
    assert str(error) == "predictor 'mine': it repeats itself; it gave 1, then 2."
