"""From images and a budget to a network."""
