"""Conformance checks for plug-ins, to be called from the tests of the package that brings them.

    from netlore.testing import check_family, check_predictor

    def test_my_predictor_conforms():
        check_predictor(my_predictor)

    def test_my_family_conforms():
        check_family(MY_FAMILY, examples=[{"d1": 2, "w1": 8}, {"d1": 1, "w1": 4}])

Each check raises a `ConformanceError` that says which rule is broken and by what. netlore's own test suite runs
them over everything that is registered.
"""

from netlore.testing.conformance import ConformanceError
from netlore.testing.families import check_family
from netlore.testing.predictors import check_predictor

__all__ = ["ConformanceError", "check_family", "check_predictor"]
