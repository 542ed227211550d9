"""Executors: where jobs run. Same results from each, whatever finishes first.

A setup is called where jobs run, before the first of them, and returns the function that does a job; `run` yields
pairs of a job's index and result, as they finish.

Another package adds an executor through an entry point of the group `netlore.executors` that leads to a function
from a number of workers and `Limits` to an executor; `netlore.testing.check_executor` finds out whether it keeps
the rules.
"""

from netlore.executors.base import EXECUTORS, Executor, InProcess, Workers, local, opened
from netlore.executors.limits import Limits, Lost
from netlore.executors.processes import Processes
from netlore.executors.ray import RayExecutor

__all__ = [
    "EXECUTORS",
    "Executor",
    "InProcess",
    "Limits",
    "Lost",
    "Processes",
    "RayExecutor",
    "Workers",
    "local",
    "opened",
]
