"""Fixtures of all tests of commands."""

from tests.cli.running import elsewhere, made, run, without_report

__all__ = ["elsewhere", "made", "run", "without_report"]
