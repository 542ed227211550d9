"""What can be built: design spaces, architectures, plans and their complexity. Pure Python and numpy."""
