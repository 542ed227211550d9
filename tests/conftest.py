"""One thread a process, whoever starts the tests: results of several would depend on their number."""

from __future__ import annotations

import os
import signal

import pytest

# A shell makes what it runs in the background deaf to Ctrl-C, `nohup` to hanging up, and that is inherited: tests
# of interruptions need processes that hear them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Read once, when the libraries are first imported; processes that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import torch

torch.set_num_threads(1)


SAFE_PATH = os.environ.get("PYTHONSAFEPATH")


def _restore() -> None:
    if SAFE_PATH is None:
        os.environ.pop("PYTHONSAFEPATH", None)
    else:
        os.environ["PYTHONSAFEPATH"] = SAFE_PATH


@pytest.fixture(autouse=True)
def the_environment_as_it_was():
    """Commands set a variable of the process for the workers that they start; in a test they are functions, and
    fixtures of whole modules run them too, before the first of their tests."""
    _restore()
    yield
    _restore()
