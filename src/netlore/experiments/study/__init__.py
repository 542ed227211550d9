"""A whole study as data: samples, refinements and trainings."""
