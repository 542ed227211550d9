"""Scores against the accuracies of trained networks."""
