"""Conformance checks for plug-ins, to be called from the tests of the package that brings them.

    from netlore.testing import check_benchmark, check_data, check_executor, check_family, check_measure
    from netlore.testing import check_method, check_predictor, check_space

    def test_my_predictor_conforms():
        check_predictor(my_predictor)

    def test_my_family_conforms():
        check_family(MY_FAMILY, examples=[{"d1": 2, "w1": 8}, {"d1": 1, "w1": 4}])

    def test_my_measure_my_space_and_my_images_conform():
        check_measure(my_measure)
        check_space(my_space)
        check_data(my_loader)

    def test_my_table_of_trained_networks_conforms():
        check_benchmark(MY_BENCHMARK)

    def test_my_method_and_my_executor_conform():
        check_method(MY_METHOD)
        check_executor(lambda: my_executor(workers=2))

Each check raises a `ConformanceError` that says which rule is broken and by what. netlore's own test suite runs
them over everything that is registered.
"""

from netlore.testing.benchmarks import check_benchmark
from netlore.testing.conformance import ConformanceError
from netlore.testing.data import check_data
from netlore.testing.executors import check_executor
from netlore.testing.methods import check_method
from netlore.testing.predictors import check_predictor
from netlore.testing.spaces import check_family, check_measure, check_space

__all__ = [
    "ConformanceError",
    "check_benchmark",
    "check_data",
    "check_executor",
    "check_family",
    "check_measure",
    "check_method",
    "check_predictor",
    "check_space",
]
