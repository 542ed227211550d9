"""The predictors, one file each, to be read beside the paper's section III.

Where the paper's text and the code that made its numbers differ, the name of the paper means what the code
computes, and the printed formula has a name of its own.
"""
