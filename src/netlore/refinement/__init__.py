"""From a design space to what a predictor prefers in it: loop, methods, selection. Paper, sections V-C and V-D."""
