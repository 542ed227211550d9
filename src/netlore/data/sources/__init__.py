"""Where images come from, a module each."""
