"""Analyses of scores and refinements: arrays in, values out; nothing is drawn or read here."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
