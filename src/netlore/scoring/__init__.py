"""What a network looks like before any training: evidence, and the predictors that read it."""
