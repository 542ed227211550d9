"""Methods of refinement side by side."""

from netlore.drawing import import_matplotlib

import_matplotlib()  # before any module in here does
