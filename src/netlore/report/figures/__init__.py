"""Figures, at the widths of a printed page."""

from netlore.drawing import import_matplotlib

import_matplotlib()  # before any module in here does
