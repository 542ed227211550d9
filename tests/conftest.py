"""One thread a process, whoever starts the tests: results of several would depend on their number."""

from __future__ import annotations

import os

# Read once, when the libraries are first imported; processes that tests start inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import torch

torch.set_num_threads(1)
