"""Does narrowing help? Methods of search side by side, in spaces of which all scores and accuracies are known."""
