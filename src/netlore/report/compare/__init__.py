"""Methods of refinement side by side."""
