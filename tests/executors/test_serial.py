from __future__ import annotations

from netlore.executors import InProcess


def test_jobs_are_done_in_order_one_at_a_time_as_results_are_taken():
    done: list[int] = []

    def work(job: int) -> int:
        done.append(job)
        return -job

    results = InProcess().run(lambda: work, [3, 1, 2])
    assert done == []
    assert next(results) == (0, -3) and done == [3]
    assert list(results) == [(1, -1), (2, -2)] and done == [3, 1, 2]


def test_setup_waits_for_the_first_run():
    calls: list[str] = []

    def setup():
        calls.append("set up")
        return abs

    executor = InProcess()
    results = executor.run(setup, [-1])
    assert calls == []
    assert list(results) == list(executor.run(setup, [1])) == [(0, 1)]
    assert list(executor.run(setup, [])) == []
    executor.close()
    assert calls == ["set up"] * 2
