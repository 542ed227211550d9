"""Figures, tables and one HTML page: draws what a finished refinement found, decides nothing."""
