"""Analyses of scores and refinements: arrays in, values out; nothing is drawn or read here."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from netlore.arguments import Shape

Floats = NDArray[np.float64]
Column = Annotated[Floats, Shape("n")]
"""Numbers of n networks; what one function gets is of the same n."""

AnyColumn = Annotated[NDArray[Any], Shape("n")]
"""Numbers or names of the same networks."""
