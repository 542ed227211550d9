"""Figures, at the widths of a printed page."""
