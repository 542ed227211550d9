"""Predictors in closed form: what a score is in the mean, and the optima that follow exactly. Without torch."""
