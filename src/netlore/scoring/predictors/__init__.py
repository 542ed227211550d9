"""The predictors, one file each, to be read next to the paper's section III.

A file is named after the predictor in it, and that alone registers it. Where the paper's text and the code that
made its numbers differ, the name of the paper means what the code computes, and the printed formula has its own.
"""
